"""Every type of a read story.

The types in this module *are* the output contract ``unsaid-story/1``: :meth:`Story.to_json` writes exactly
these fields, and the JSON Schema that ``unsaid schema`` prints is derived from them.

Offsets are Unicode code points into :attr:`Story.text`, half-open: ``text[start:end]`` is the passage.
Everything is frozen. A value that is not known is ``None`` or an empty tuple, never missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from unsaid.corrections.model import Correction
from unsaid.errors import NotAStory
from unsaid.lookups import Lookups
from unsaid.soundness import sound

if TYPE_CHECKING:
    from os import PathLike

    from networkx import MultiDiGraph
    from pyarrow import Table

FORMAT = "unsaid-story/1"
_FAMILY = "unsaid-story/"

MatterKind = Literal["title", "byline", "header", "summary", "dedication", "note", "heading", "break", "boilerplate"]
Person = Literal["first", "second", "third"]
Tense = Literal["past", "present"]
CharacterKind = Literal["person", "group"]
MentionKind = Literal["name", "nominal", "pronoun"]
EntityCategory = Literal["PER", "FAC", "LOC", "GPE", "ORG", "VEH"]
UtteranceKind = Literal["speech", "thought", "writing"]
Mode = Literal["direct", "free-direct", "indirect", "free-indirect", "report"]
Evidence = Literal["explicit", "anaphoric", "implicit"]
WritingStatus = Literal["sent", "received", "unsent", "unknown"]
Severity = Literal["error", "warning", "note"]
EntryKind = Literal[
    "question", "request", "promise", "apology", "confession", "farewell", "thanks", "accusation", "secret"
]
Voice = Literal["aloud", "written", "thought", "never"]
EntryStatus = Literal["open", "answered", "granted", "refused", "kept", "broken", "returned", "unreturned", "forgiven"]
PartingKind = Literal["departure", "return", "reunion", "turning-back"]


class Source(msgspec.Struct, frozen=True):
    """The file that was read: its name, media type (of the unpacked content), encoding, digest and length in words."""

    name: str
    media_type: str
    encoding: str | None
    sha256: str
    words: int


class Repair(msgspec.Struct, frozen=True):
    """A place where :attr:`Story.text` differs from the file: ``was`` stood where ``text[start:end]`` stands now."""

    start: int
    end: int
    kind: str
    was: str


class Emphasis(msgspec.Struct, frozen=True):
    """A span set in italics or bold. In fiction, italics are often thought."""

    start: int
    end: int
    kind: Literal["italic", "bold"]


class Metadata(msgspec.Struct, frozen=True):
    """What the file says about the work, whatever shape it says it in."""

    title: str | None = None
    author: str | None = None
    rating: str | None = None
    genres: tuple[str, ...] = ()
    summary: str | None = None
    dedication: str | None = None
    fandoms: tuple[str, ...] = ()
    relationships: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str | None = None
    published: str | None = None
    updated: str | None = None
    status: str | None = None
    series: str | None = None
    publisher: str | None = None
    source_url: str | None = None
    disclaimer: str | None = None
    notes: tuple[str, ...] = ()
    other: dict[str, str] = {}


class Matter(msgspec.Struct, frozen=True):
    """A span that stands around the story and is never read as story.

    ``field`` names the header field ("rating"), ``value`` its value as read; both are None where there is none.
    """

    start: int
    end: int
    kind: MatterKind
    field: str | None = None
    value: str | None = None


class Chapter(msgspec.Struct, frozen=True):
    """A chapter: from its heading's start (or the story's) to the next chapter's start."""

    id: str
    start: int
    end: int
    title: str | None


class Scene(msgspec.Struct, frozen=True):
    """A stretch told by one narrator in one place without a break.

    ``narrator`` is a character id for a homodiegetic narrator, else None. ``focalizer`` is whose perception the
    scene follows (Genette). ``reason`` says where a boundary without any mark comes from ("narrator shift").
    """

    id: str
    start: int
    end: int
    chapter: str | None
    person: Person
    tense: Tense
    narrator: str | None
    focalizer: str | None
    present: tuple[str, ...]
    place: str | None
    reason: str | None = None


class Relation(msgspec.Struct, frozen=True):
    """``kind`` reads "is the KIND of": a character with ``Relation("father", "c3")`` is c3's father."""

    kind: str
    to: str
    start: int | None = None
    end: int | None = None


class Trait(msgspec.Struct, frozen=True):
    """A stated trait and the passage that states it: ``Trait("eyes", "blue", 120, 135)``."""

    trait: str
    value: str
    start: int
    end: int


class Character(msgspec.Struct, frozen=True):
    """Someone a mention can refer to: a named person, someone without a name ("the old man"), or a group.

    ``name`` is the one to call them by; ``names`` every form that is found, with its count. ``pronouns`` is the
    subject form ("he", "she", "they", "it", "I") that use shows, or None.
    """

    id: str
    name: str
    names: dict[str, int]
    pronouns: str | None
    kind: CharacterKind
    mentions: int
    relations: tuple[Relation, ...] = ()
    traits: tuple[Trait, ...] = ()


class Mention(msgspec.Struct, frozen=True):
    """A span that refers to someone; ``character`` is None where it is not known to whom."""

    start: int
    end: int
    kind: MentionKind
    character: str | None


class Cue(msgspec.Struct, frozen=True):
    """The words outside the quotation that say who speaks and how ("she whispered")."""

    start: int
    end: int


class Entity(msgspec.Struct, frozen=True):
    """A mention of somebody, a place, an organisation or a vehicle, in the categories of LitBank (Bamman et al. 2019).

    ``entity`` is the same for all mentions of one; for somebody whom the reading knows, the character's id.
    ``confidence`` is how often such a mention is one. ``rule`` says who decided.
    """

    start: int
    end: int
    kind: MentionKind
    category: EntityCategory
    entity: str
    confidence: float
    rule: str


class Happening(msgspec.Struct, frozen=True):
    """A word that tells of something that really happens: no plan, wish, negation or generality (Sims et al. 2019)."""

    start: int
    end: int
    confidence: float
    rule: str


class Utterance(msgspec.Struct, frozen=True):
    """One turn of speech, thought or writing (Semino and Short 2004), as in PDNC.

    ``parts`` are the spans of the turn itself, marks included, where a cue interrupts it. ``evidence`` is how the
    speaker was known (PDNC's *explicit*, *anaphoric*, *implicit*). ``rule`` names who decided; ``reason`` says
    why ``speaker`` is None. ``confidence`` is how often a line decided in this way is right.
    """

    id: str
    start: int
    end: int
    parts: tuple[tuple[int, int], ...]
    kind: UtteranceKind
    mode: Mode
    speaker: str | None
    addressees: tuple[str, ...]
    cue: Cue | None
    evidence: Evidence | None
    heard: bool | None
    confidence: float
    rule: str | None = None
    reason: str | None = None

    @property
    def is_direct(self) -> bool:
        """Whether its words stand in the text as they were said, thought or written, in marks or without."""
        return self.mode in ("direct", "free-direct")


class Writing(msgspec.Struct, frozen=True):
    """A letter, note, message or diary entry that stands inside the story."""

    id: str
    start: int
    end: int
    kind: str
    sender: str | None
    recipient: str | None
    status: WritingStatus = "unknown"
    reply_to: str | None = None
    answered: bool | None = None


class Gap(msgspec.Struct, frozen=True):
    """A place where lines seem to be missing; the span is the white space in which they must have stood."""

    start: int
    end: int
    reason: str


class Span(msgspec.Struct, frozen=True):
    """A passage that a finding points at."""

    start: int
    end: int


class Finding(msgspec.Struct, frozen=True):
    """Something that does not hold together, with the passages that show it.

    Where two passages clash both are in ``spans``, the one to look at first in front; ``why`` says why they cannot
    both hold. ``meant``: a person has said that it is so on purpose.
    """

    rule: str
    severity: Severity
    message: str
    spans: tuple[Span, ...]
    why: str | None = None
    meant: bool = False


class Knowing(msgspec.Struct, frozen=True):
    """Someone knows of an entry from offset ``since`` on: they said or wrote it, were told it, read it, were there."""

    who: str
    since: int
    how: Literal["said", "wrote", "told", "read", "present"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What passes, or fails to pass, between two people: the first pair part of an exchange, and what answers it.

    ``voice`` is how far it got out, ``heard`` whether the other heard it (None: the text does not tell), ``gist`` its
    words. ``answer`` is the passage that answers, keeps or breaks it; ``reason`` says why there is none. ``again`` are
    the passages in which it is told of, or said at last. ``rule`` names who decided.
    """

    id: str
    kind: EntryKind
    from_: str | None = msgspec.field(name="from")
    to: str | None
    gist: str
    start: int
    end: int
    voice: Voice
    heard: bool | None
    answer: Span | None
    status: EntryStatus
    confidence: float
    utterance: str | None = None
    scene: str | None = None
    again: tuple[Span, ...] = ()
    known: tuple[Knowing, ...] = ()
    rule: str | None = None
    reason: str | None = None


class Mask(msgspec.Struct, frozen=True):
    """A spoken line and the thought under it, by utterance id; ``opposed``: the thought takes the line back."""

    said: str
    meant: str
    opposed: bool
    confidence: float
    rule: str | None = None


class Parting(msgspec.Struct, frozen=True, kw_only=True):
    """A departure, return, reunion or turning back, and whether a farewell was said (None: there is none to say)."""

    id: str
    kind: PartingKind
    who: str
    from_: str | None = msgspec.field(name="from")
    start: int
    end: int
    farewell: bool | None
    scene: str | None
    confidence: float = 0.0
    rule: str | None = None


class TimeExpression(msgspec.Struct, frozen=True):
    """A TIMEX3 expression, its value as in ISO 8601 (``P3Y``), and what it dates: the id of an event or a scene."""

    start: int
    end: int
    type: str
    value: str
    of: str | None


class Event(msgspec.Struct, frozen=True):
    """An event or a scene with the earliest and latest day that the text allows; day 0 is the first scene.

    ``what`` is "scene", or the kind of the event and the passage that tells of it. A bound is None where the text
    sets none. ``often`` is the TIMEX3 value of how often it happens, where a scene is told as one of many.
    """

    id: str
    what: str
    start: int
    end: int
    scene: str | None
    earliest: float | None
    latest: float | None
    often: str | None = None


class ArcPoint(msgspec.Struct, frozen=True):
    """How two characters stand in one scene, in each direction, from -1 to 1."""

    scene: str
    from_a: float | None
    from_b: float | None
    spans: tuple[tuple[int, int], ...]


class Bond(msgspec.Struct, frozen=True):
    """Two characters and the arc of what is between them, for the scenes that move it."""

    a: str
    b: str
    arc: tuple[ArcPoint, ...]


class Story(Lookups, msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The whole reading of one text: the contract ``unsaid-story/1``."""

    format: Literal["unsaid-story/1"] = "unsaid-story/1"
    source: Source
    text: str
    repairs: tuple[Repair, ...] = ()
    emphasis: tuple[Emphasis, ...] = ()
    metadata: Metadata = Metadata()
    matter: tuple[Matter, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    scenes: tuple[Scene, ...] = ()
    gaps: tuple[Gap, ...] = ()
    characters: tuple[Character, ...] = ()
    mentions: tuple[Mention, ...] = ()
    entities: tuple[Entity, ...] = ()
    events: tuple[Happening, ...] = ()
    utterances: tuple[Utterance, ...] = ()
    writings: tuple[Writing, ...] = ()
    entries: tuple[Entry, ...] = msgspec.field(default=(), name="ledger")
    masks: tuple[Mask, ...] = ()
    partings: tuple[Parting, ...] = ()
    times: tuple[TimeExpression, ...] = ()
    chronology: tuple[Event, ...] = ()
    bonds: tuple[Bond, ...] = ()
    findings: tuple[Finding, ...] = ()
    corrections: tuple[Correction, ...] = ()
    encoder: str | None = None
    min_confidence: float | None = None

    def to_json(self, *, indent: int | None = None) -> str:
        """Write the story as one JSON object, fields in the contract's order."""
        raw = msgspec.json.encode(self)
        if indent is not None:
            raw = msgspec.json.format(raw, indent=indent)
        return raw.decode("utf-8")

    @classmethod
    def from_json(cls, data: str | bytes) -> Story:
        """Read what :meth:`to_json` wrote.

        :raises NotAStory: if ``data`` is not JSON, is not a story of this format, or does not hold together (a span
            behind the end of the text); says which field is wrong.
        """
        try:
            story = msgspec.json.decode(data, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise NotAStory(_other_version(data) or str(error)) from error
        return sound(story)

    def save(self, path: str | PathLike[str], *, format: str | None = None) -> None:
        """Write the story to a file or folder, in the format that the path's ending asks for, or in a named one.

        :raises NoSuchFormat: if there is no such format; :raises NoFormatFor: if the path's ending goes with none.
        :raises MissingExtra: if a library that the format needs is not installed.
        :raises CannotWrite: if it cannot be written; what stood there before still stands.
        """
        from unsaid.formats.registry import save  # noqa: PLC0415 - the formats know the story, not the other way round

        save(self, path, format=format)

    def to_frames(self) -> dict[str, Table]:
        """The story as Arrow tables by name: ``stories`` with one row, and one table for each layer.

        Pandas, Polars and DuckDB take them over without a copy; ``docs/formats.md`` describes the columns.

        :raises MissingExtra: if pyarrow is not installed.
        """
        from unsaid.formats.registry import frames  # noqa: PLC0415

        return frames(self)

    def network(self, *, scene: str | None = None) -> MultiDiGraph:
        """Who speaks to, thinks of and is present with whom, as a NetworkX graph with counts and mean bond.

        :param scene: a scene's id, for the network of that scene alone.
        :raises MissingExtra: if NetworkX is not installed; :raises NoSuchScene: if there is no such scene.
        """
        from unsaid.formats.registry import network  # noqa: PLC0415

        return network(self, scene)

    def passage(self, item: object) -> str:
        """The text of anything that has ``start`` and ``end``."""
        start, end = getattr(item, "start"), getattr(item, "end")  # noqa: B009 - any spanned type
        return self.text[start:end]


class _Head(msgspec.Struct):
    format: str


def _other_version(data: str | bytes) -> str | None:
    """What to say of a reading of another version of the contract; None where that is not what is wrong."""
    try:
        return other_version(msgspec.json.decode(data, type=_Head).format)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def other_version(said: str) -> str | None:
    """What to say of a reading that says it is of this format; None if it is of this one, or of no version of it."""
    if said == FORMAT or not said.startswith(_FAMILY):
        return None
    return f"its format is {said}, of a newer Unsaid than this one"


def json_schema() -> dict[str, object]:
    """The JSON Schema (2020-12) of the contract, derived from the types above; every field is required."""
    schema = msgspec.json.schema(Story)
    for definition in schema["$defs"].values():
        if definition.get("type") == "object" and "properties" in definition:
            definition["required"] = sorted(definition["properties"])
            for field in definition["properties"].values():
                field.pop("default", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": FORMAT, **schema}
