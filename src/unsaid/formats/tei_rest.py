"""What a reading holds and TEI has no element for: JSON in the header's ``xenoData``, TEI's own place for such things.

What the elements say comes first: an editor may change a ``who``, and that is then what is read. The rest goes with the
text that it was written for; where the text has been edited, only the metadata is taken, since every offset is stale.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from unsaid.errors import NotAStory

if TYPE_CHECKING:
    from unsaid.story import Story

WHOLE = (
    "repairs gaps entities events encoder min_confidence writings ledger masks partings times chronology bonds "
    "findings corrections"
).split()
"""Layers that TEI's elements hold nothing of that could be read back, or (writings) not all of."""
FIELDS: dict[str, tuple[str, ...]] = {
    "matter": ("field", "value"),
    "scenes": ("end", "chapter", "place", "reason"),
    "characters": ("mentions", "relations"),
    "utterances": ("rule", "reason"),
}
"""Of the other layers, the fields that the elements leave out."""


class Rest(msgspec.Struct, frozen=True):
    """What is left: whole layers, and fields by layer and item."""

    text: str
    source: dict[str, Any]
    metadata: dict[str, Any]
    layers: dict[str, Any]
    fields: dict[str, dict[str, dict[str, Any]]]


def rest_of(story: Story) -> str:
    """The rest of a story, in ASCII: nothing in it that XML cannot hold."""
    whole: dict[str, Any] = msgspec.to_builtins(story)
    rest = Rest(
        text=_digest(story.text),
        source=whole["source"],
        metadata=whole["metadata"],
        layers={name: whole[name] for name in WHOLE if whole[name]},
        fields={
            name: {_key(item): {field: item[field] for field in fields} for item in whole[name]}
            for name, fields in FIELDS.items()
            if whole[name]
        },
    )
    raw = msgspec.json.encode(rest).decode("utf-8")
    return "".join(c if " " <= c <= "~" else _escaped(c) for c in raw)


def completed(layers: dict[str, Any], data: str | None) -> dict[str, Any]:
    """What was read from the elements, with the rest.

    :param layers: builtins by layer.
    :raises NotAStory: if the rest is damaged.
    """
    if not data:
        return layers
    try:
        rest = msgspec.json.decode(data, type=Rest)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotAStory(f"the xenoData of its header is damaged: {error}") from error
    done = dict(layers)
    shown = {name: value for name, value in layers["metadata"].items() if value}
    done["metadata"] = {**rest.metadata, **shown}
    if rest.metadata.get("title") is None and shown.get("title") == rest.source.get("name"):
        done["metadata"]["title"] = None
    if rest.text != _digest(layers["text"]):
        return done
    done["source"] = rest.source
    done |= rest.layers
    done["writings"] = _letters(rest.layers.get("writings", []), layers["writings"])
    for name, items in rest.fields.items():
        done[name] = [{**item, **items.get(_key(item), {})} for item in layers.get(name, ())]
    return done


def _letters(kept: list[Any], shown: list[Any]) -> list[Any]:
    """Every letter that was kept; whose it is, as its element says where it has one."""
    marked = {letter["id"]: letter for letter in shown}
    known = [{**one, **{who: marked.get(one["id"], one)[who] for who in ("sender", "recipient")}} for one in kept]
    return [*known, *(letter for letter in shown if letter["id"] not in {one["id"] for one in kept})]


def _key(item: dict[str, Any]) -> str:
    return str(item["id"]) if "id" in item else f"{item['start']}-{item['end']}"


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _escaped(character: str) -> str:
    point = ord(character)
    if point > 0xFFFF:
        point -= 0x10000
        return f"\\u{0xD800 + (point >> 10):04x}\\u{0xDC00 + (point & 0x3FF):04x}"
    return f"\\u{point:04x}"
