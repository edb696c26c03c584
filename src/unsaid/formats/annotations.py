"""A story's layers as W3C Web Annotations (JSON-LD), beside the text and not in it.

Every item of a layer that has a place becomes an annotation whose target is the reading's text, selected both by
quotation (which survives edits) and by position; its bodies say for people what it is, and it carries the item as JSON.
See https://www.w3.org/TR/annotation-model/.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from unsaid.errors import NotAStory
from unsaid.formats.lines import labels
from unsaid.story import Story

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
"""The context of the Web Annotation vocabulary."""
OWN = "urn:unsaid:story/1#"
"""The namespace of what the vocabulary has no term for: the layer that an annotation is of, and its item."""
AROUND = 32
"""Code points of text before and behind a quotation that tell it from others like it."""
MOTIVATIONS = {"mentions": "identifying", "findings": "assessing", "times": "describing", "ledger": "describing"}
"""Why a layer annotates (https://www.w3.org/TR/annotation-model/#motivation-and-purpose); else it classifies."""
_NAMED = ("kind", "rule", "type", "what", "person")


def web_annotations(story: Story) -> bytes:
    """The story's layers as one annotation page."""
    source = f"urn:sha256:{story.source.sha256}"
    called = labels(story)
    items = []
    for layer, number, item, spans in _placed(story):
        value = msgspec.to_builtins(item)
        bodies = [{"type": "TextualBody", "purpose": "tagging", "value": f"{layer}: {_kind(value)}"}]
        for field in ("speaker", "character", "from", "who", "sender"):
            if value.get(field) in called:
                bodies.append({"type": "TextualBody", "purpose": "identifying", "value": called[value[field]]})
        if isinstance(value.get("message"), str):
            bodies.append({"type": "TextualBody", "purpose": "assessing", "value": value["message"]})
        targets = [{"source": source, "selector": _selectors(story.text, start, end)} for start, end in spans]
        items.append(
            {
                "id": f"{source}#{layer}-{number}",
                "type": "Annotation",
                "motivation": MOTIVATIONS.get(layer, "classifying"),
                "body": bodies,
                "target": targets[0] if len(targets) == 1 else targets,
                "unsaid:layer": layer,
                "unsaid:item": value,
            }
        )
    context = [CONTEXT, {"unsaid": OWN, "unsaid:item": {"@id": f"{OWN}item", "@type": "@json"}}]
    page = {"@context": context, "id": f"{source}#annotations", "type": "AnnotationPage", "items": items}
    return json.dumps(page, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace") + b"\n"


def layers_of(data: bytes) -> dict[str, tuple[msgspec.Struct, ...]]:
    """The layers that :func:`web_annotations` wrote, by name; those that hold nothing are left out.

    :raises NotAStory: if it is no such page, or an item is not of its layer; says which.
    """
    try:
        page = json.loads(data)
        items = page["items"] if page["type"] == "AnnotationPage" else None
    except (ValueError, KeyError, TypeError) as error:
        raise NotAStory(f"no annotation page: {error!r}") from error
    if not isinstance(items, list):
        raise NotAStory("no annotation page")
    kinds = _kinds()
    found: dict[str, list[msgspec.Struct]] = {}
    for number, item in enumerate(items):
        layer = item.get("unsaid:layer") if isinstance(item, dict) else None
        if layer not in kinds:
            raise NotAStory(f"annotation {number} is of no layer of a story")
        try:
            found.setdefault(layer, []).append(msgspec.convert(item.get("unsaid:item"), kinds[layer]))
        except msgspec.ValidationError as error:
            raise NotAStory(f"annotation {number} is none of {layer}: {error}") from error
    return {layer: tuple(values) for layer, values in found.items()}


def _kinds() -> dict[str, type[msgspec.Struct]]:
    fields = msgspec.inspect.type_info(Story).fields  # type: ignore[attr-defined]
    lists = {f.name: f.type.item_type for f in fields if isinstance(f.type, msgspec.inspect.VarTupleType)}
    return {name: kind.cls for name, kind in lists.items() if isinstance(kind, msgspec.inspect.StructType)}


def _placed(story: Story) -> Iterator[tuple[str, int, Any, list[tuple[int, int]]]]:
    """Every item with a place: its layer, its number in it, and its spans."""
    for layer in _kinds():
        for number, item in enumerate(getattr(story, layer)):
            if hasattr(item, "parts"):
                spans = list(item.parts)
            elif hasattr(item, "start") and item.start is not None:
                spans = [(item.start, item.end)]
            else:
                spans = [(span.start, span.end) for span in getattr(item, "spans", ())]
            if spans:
                yield layer, number, item, spans


def _kind(value: dict[str, Any]) -> str:
    return next((str(value[name]) for name in _NAMED if value.get(name)), "")


def _selectors(text: str, start: int, end: int) -> list[dict[str, Any]]:
    quote = {
        "type": "TextQuoteSelector",
        "exact": text[start:end],
        "prefix": text[max(0, start - AROUND) : start],
        "suffix": text[end : end + AROUND],
    }
    return [quote, {"type": "TextPositionSelector", "start": start, "end": end}]
