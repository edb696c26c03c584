"""Cast scripts for audiobooks in several voices: who reads what, as SSML, in voice tags, or as plain segments.

The roles are the story's characters, the narrator, and one for lines of nobody known. A voices file gives each role a
voice; bit parts that it does not name take turns with its fallbacks.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections import Counter
from itertools import chain, count, cycle, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
from lxml import etree

from unsaid.errors import UnsaidError
from unsaid.formats.lines import labels
from unsaid.formats.segments import NARRATOR, UNKNOWN, Segment, segments
from unsaid.formats.xml import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from os import PathLike

    from unsaid.story import Character, Story

Sex = Literal["female", "male"]

SSML = "http://www.w3.org/2001/10/synthesis"
"""The namespace of SSML 1.1 (https://www.w3.org/TR/speech-synthesis11/)."""
READ_OUT = frozenset({"title", "byline", "heading"})
"""The matter that a narrator reads out; notes, headers and licences are left out of SSML and voice tags."""
_SEX: dict[str | None, Sex] = {"he": "male", "she": "female"}
_NEAR = 3


class VoicesError(UnsaidError):
    """A voices file that cannot be used: says which, what in it, and what would do."""


class Role(msgspec.Struct, frozen=True):
    """A part to be read: a character's, the narrator's, or that of nobody known.

    :ivar id: the character's id, :data:`NARRATOR` or :data:`UNKNOWN`.
    :ivar lines: segments to read (for a character: utterances); ``words`` in all of them.
    :ivar sex: as the pronouns tell; ``age`` as the text states it ("nineteen"). None where it does not.
    """

    id: str
    name: str
    lines: int
    words: int
    sex: Sex | None = None
    age: str | None = None


class Voices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a voices file says: voices by role (name or id), and by sex for the roles that it does not name."""

    narrator: str | None = None
    unknown: str | None = None
    roles: dict[str, str] = {}
    fallback: Fallback | None = None


class Fallback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Voices for bit parts, taken in turn: by sex, and ``any`` where the sex is not known or has none of its own."""

    female: tuple[str, ...] = ()
    male: tuple[str, ...] = ()
    any: tuple[str, ...] = ()


def roles(story: Story) -> tuple[Role, ...]:
    """Every role with something to read: the narrator first, then by the number of lines; those unknown last."""
    lines: Counter[str] = Counter()
    words: Counter[str] = Counter()
    seen: set[tuple[str, str | None]] = set()
    for segment in segments(story):
        who = role_of(segment)
        if who is None:
            continue
        words[who] += len(story.text[segment.start : segment.end].split())
        if segment.utterance is None or (who, segment.utterance) not in seen:
            lines[who] += 1
            seen.add((who, segment.utterance))
    called = labels(story)
    found = [
        Role(c.id, called[c.id], lines[c.id], words[c.id], _SEX.get(c.pronouns), _age(c))
        for c in story.characters
        if lines[c.id]
    ]
    others = {who: Role(who, who, lines[who], words[who]) for who in (NARRATOR, UNKNOWN) if words[who]}
    parts = sorted(found, key=lambda role: (-role.lines, -role.words, role.name))
    return (*filter(None, [others.get(NARRATOR)]), *parts, *filter(None, [others.get(UNKNOWN)]))


def role_of(segment: Segment) -> str | None:
    """Who reads a segment: a role's id; None for matter that is not read out."""
    if segment.kind == "matter":
        return NARRATOR if segment.matter in READ_OUT else None
    return NARRATOR if segment.utterance is None else segment.speaker or UNKNOWN


def _age(character: Character) -> str | None:
    return next((t.value for t in character.traits if t.trait == "age"), None)


def load_voices(path: str | PathLike[str]) -> Voices:
    """Read a voices file (TOML).

    :raises VoicesError: if it cannot be read, is no TOML, or holds something else than voices.
    """
    try:
        voices = msgspec.convert(tomllib.loads(Path(path).read_text(encoding="utf-8")), Voices)
    except OSError as error:
        raise VoicesError(f"{path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        why = re.sub(r"Object contains unknown field `(\w+)`", r"there is no setting \1", str(error))
        raise VoicesError(f"{path}: {why}; see docs/formats.md for what a voices file holds") from error
    _check(voices, str(path))
    return voices


def _check(voices: Voices, path: str) -> None:
    """Refuse a voice that could not be written down.

    :raises VoicesError: if its name is empty, or holds a bracket or line break, which would end its tag.
    """
    fallback = voices.fallback or Fallback()
    named = (voices.narrator, voices.unknown, *voices.roles.values(), *fallback.female, *fallback.male, *fallback.any)
    for voice in named:
        if voice is not None and (not voice.strip() or re.search(r"[\[\]\r\n]", voice)):
            raise VoicesError(f"{path}: no voice can be called {voice!r}: it has a name, without brackets")


def assign(story: Story, voices: Voices | None) -> dict[str, str]:
    """The voice of each role, by the role's id. Without a voices file each role has one of its own name.

    :raises VoicesError: if the file names a role that the story has not, or leaves a role without a voice.
    """
    parts = roles(story)
    if voices is None:
        return _own_voices(parts)
    given = _given(story, voices)
    fallback = voices.fallback or Fallback()
    turns = {"female": fallback.female, "male": fallback.male, None: fallback.any}
    cycles = {sex: cycle(names or fallback.any) for sex, names in turns.items() if names or fallback.any}
    assigned = {}
    for role in parts:
        voice = given.get(role.id)
        if voice is None and role.id not in (NARRATOR, UNKNOWN) and role.sex in cycles:
            voice = next(cycles[role.sex])
        voice = voice or given.get(NARRATOR)
        if voice is None:
            raise VoicesError(f"no voice for {role.name!r}: name one under [roles], or a narrator, or a [fallback]")
        assigned[role.id] = voice
    return assigned


def _own_voices(parts: Sequence[Role]) -> dict[str, str]:
    """A voice of each role's own name; a second one whose name comes to the same has a number."""
    own: dict[str, str] = {}
    taken: set[str] = set()
    for role in parts:
        name = _slug(role.name)
        voice = next(v for v in chain((name,), (f"{name}-{n}" for n in count(2))) if v not in taken)
        own[role.id] = voice
        taken.add(voice)
    return own


def _given(story: Story, voices: Voices) -> dict[str, str]:
    """The voices that the file names, by role id."""
    ids = {name: c.id for c in reversed(story.characters) for name in (*c.names, c.name, c.id)}
    ids |= {name: who for who, name in labels(story).items()}
    given = {NARRATOR: voices.narrator, UNKNOWN: voices.unknown}
    for name, voice in voices.roles.items():
        if name not in ids:
            near = difflib.get_close_matches(name, ids, n=_NEAR) or sorted(labels(story).values())[:_NEAR]
            raise VoicesError(f"nobody is called {name!r} in this story; near it are {', '.join(near) or 'none'}")
        given[ids[name]] = voice
    return {who: voice for who, voice in given.items() if voice is not None}


def _slug(name: str) -> str:
    """A name as a voice's name: SSML separates several voices by blanks."""
    return re.sub(r"[^\w.]+", "-", name).strip("-").lower() or "voice"


def ssml(story: Story, voices: Voices | None = None) -> bytes:
    """The story as SSML 1.1: a ``voice`` for each segment, how a line is said as a ``mark`` before it.

    :raises VoicesError: as :func:`assign` does.
    """
    assigned = assign(story, voices)
    sexes = {role.id: role for role in roles(story)}
    root = etree.Element(f"{{{SSML}}}speak", nsmap={None: SSML}, version="1.1")
    root.set("{http://www.w3.org/XML/1998/namespace}lang", _language(story))
    for words, who, style in _stretches(story):
        if words.isspace():
            _add_text(root, words)
            continue
        role = sexes[who]
        voice = etree.SubElement(root, f"{{{SSML}}}voice", name=clean(assigned[who]))
        if role.sex is not None:
            voice.set("gender", role.sex)
        if role.age is not None and role.age.isdigit():
            voice.set("age", role.age)
        if style is None:
            voice.text = words
        else:
            etree.SubElement(voice, f"{{{SSML}}}mark", name=f"style:{'-'.join(style.split())}").tail = words
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _stretches(story: Story) -> Iterator[tuple[str, str, str | None]]:
    """What is read out, as words, role and style: the narrator's segments in a row are one."""
    for narrated, group in groupby(_read_out(story), key=lambda pair: pair[1] == NARRATOR):
        pieces = [(clean(story.text[s.start : s.end]), who, s.style) for s, who in group]
        if narrated:
            yield "".join(words for words, *_ in pieces), NARRATOR, None
        else:
            yield from pieces


def _add_text(root: etree._Element, text: str) -> None:
    """Put text behind the last child of an element, or into it where it has none."""
    if len(root):
        root[-1].tail = (root[-1].tail or "") + text
    else:
        root.text = (root.text or "") + text


def _language(story: Story) -> str:
    said = story.metadata.language or ""
    return said if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", said) else "en"


def voice_tags(story: Story, voices: Voices | None = None) -> str:
    """The story's text with every line in ebook2audiobook's ``[voice:…]…[/voice]``; the narration is left untagged.

    A bracket of the text that would read as such a tag is parted from its word by an invisible joiner.

    :raises VoicesError: as :func:`assign` does.
    """
    assigned = assign(story, voices)
    pieces = []
    for segment, who in _read_out(story):
        words = re.sub(r"\[(?=/?voice)", "[\u2060", story.text[segment.start : segment.end], flags=re.IGNORECASE)
        pieces.append(words if who == NARRATOR else f"[voice:{assigned[who]}]{words}[/voice]")
    return "".join(pieces)


def segments_json(story: Story, voices: Voices | None = None) -> bytes:
    """The segments as JSON: the roles with their voices, then every stretch of the text, matter too, in order.

    :raises VoicesError: as :func:`assign` does.
    """
    assigned = assign(story, voices)
    called = labels(story)
    parts = [{**msgspec.structs.asdict(role), "voice": assigned[role.id]} for role in roles(story)]
    rows = []
    for number, segment in enumerate(segments(story)):
        who = role_of(segment)
        rows.append(
            {
                "segment": number,
                "kind": segment.kind,
                "speaker": called.get(segment.speaker or ""),
                "role": who,
                "voice": assigned[who] if who else None,
                "style": segment.style,
                "utterance": segment.utterance,
                "text": story.text[segment.start : segment.end],
            }
        )
    data = {"title": story.metadata.title, "author": story.metadata.author, "roles": parts, "segments": rows}
    return msgspec.json.format(msgspec.json.encode(data), indent=1) + b"\n"


def _read_out(story: Story) -> Iterator[tuple[Segment, str]]:
    for segment in segments(story):
        who = role_of(segment)
        if who is not None:
            yield segment, who
