"""The corridor: a file in, a :class:`~unsaid.story.Story` out, through each room once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

import msgspec

from unsaid import chronology, corrections, findings, ledger, narration, people, prose, sources, voices
from unsaid.chronology import Chronology
from unsaid.corrections import given as givens
from unsaid.corrections.fit import misfits
from unsaid.corrections.given import Owned
from unsaid.corrections.model import Unfit
from unsaid.encoder import Model, Signals, entities, happenings, sense
from unsaid.encoder import load as open_model
from unsaid.ledger import Account
from unsaid.people import Amended, Cast, Overheard, Spotted
from unsaid.prose import Prose
from unsaid.story import Finding, Scene, Story
from unsaid.voices import Lines, Voices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    from unsaid.corrections import Correction
    from unsaid.corrections.given import Given, Places
    from unsaid.encoder import Listener
    from unsaid.sources import Limits, Manuscript

P = ParamSpec("P")
T = TypeVar("T")


class Enter(Protocol):
    """How a room is entered: called with its layers, or not at all where what it returned last still holds."""

    def __call__(self, room: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the room returns for these layers."""


class Sensed(msgspec.Struct, frozen=True):
    """A story's prose, and what the encoder says of it."""

    composed: Prose
    signals: Signals


class Settings(msgspec.Struct, frozen=True):
    """How a story is to be read.

    :ivar encoder: the encoder to read with, or what it has said already; without it the rules read alone.
    :ivar min_confidence: how sure it has to be whose a line is, for anybody to be named.
    :ivar again: look a second time at the lines of which the first decision is not sure; what that is taught does not.
    """

    encoder: Model | Sensed | None = None
    min_confidence: float = 0.0
    again: bool = True


class Reading(msgspec.Struct, frozen=True):
    """A story as it was read.

    :ivar unfit: the corrections that do not fit it.
    :ivar lines: its lines before it was known whose they are; ``owned`` those whose speaker is corrected.
    """

    story: Story
    unfit: tuple[Unfit, ...]
    lines: Lines
    owned: tuple[Owned, ...]


def read(
    source: str | PathLike[str] | bytes,
    *,
    limits: Limits | None = None,
    corrected: Sequence[Correction] | None = None,
    encoder: Model | bool = False,
    min_confidence: float = 0.0,
) -> Story:
    """Read a story.

    :param source: a path; or the text itself: a string that holds a line break or names no file, or a file's bytes.
    :param limits: bounds on the size of the file and of what is unpacked from it.
    :param corrected: what is known to be otherwise than it reads; by default what the file beside the story holds
        (``NAME.unsaid.toml``), if there is one.
    :param encoder: read with the small neural model, too: the package's own (True), or one that
        :func:`unsaid.encoder.load` has opened. It finds more mentions of people, places, and events, and has a say in
        who speaks and to whom; who people are is read by the rules as ever.
    :param min_confidence: a line whose speaker is less sure than this has none (null), and the reason why.
    :raises NoEncoder: if the model cannot be used; :raises MissingExtra: if the libraries it needs are not installed.
    :raises SourceError: if there is no such file, or it cannot be read as text; says why in one line.
    :raises CorrectionError: if the file of corrections beside it cannot be read.
    """
    manuscript = sources.load(source, limits=limits)
    if corrected is None:
        corrected = kept_beside(source)
    return read_manuscript(manuscript, corrected, encoder=encoder, min_confidence=min_confidence)


def kept_beside(source: str | PathLike[str] | bytes) -> tuple[Correction, ...]:
    """The corrections in the file beside a story's file; none where the source is no file.

    :raises CorrectionError: if the file of corrections cannot be read.
    """
    if isinstance(source, bytes) or (isinstance(source, str) and not sources.is_path(source)):
        return ()
    return corrections.load(corrections.beside(Path(source))).corrections


def read_manuscript(
    manuscript: Manuscript,
    corrected: Sequence[Correction] = (),
    *,
    encoder: Model | bool = False,
    min_confidence: float = 0.0,
) -> Story:
    """Read a manuscript whose matter is already known, under corrections; the rest is as for :func:`read`."""
    settings = Settings(open_model() if encoder is True else encoder or None, min_confidence)
    return walk(manuscript, corrected, straight, settings).story


def read_sensed(manuscript: Manuscript, sensed: Sensed) -> Story:
    """Read a manuscript that the encoder has already read, with no corrections."""
    return walk(manuscript, (), straight, Settings(sensed)).story


def straight(room: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Enter a room, whatever it returned before."""
    return room(*args, **kwargs)


def compose(manuscript: Manuscript, enter: Enter = straight) -> Prose:
    """A manuscript's prose, which is what the encoder and all other rooms read."""
    return enter(prose.compose, enter(people.with_capitals, manuscript))


def walk(
    manuscript: Manuscript,
    corrected: Sequence[Correction],
    enter: Enter,
    settings: Settings,
    *,
    lines_only: bool = False,
    places: Places | None = None,
) -> Reading:
    """The order of the rooms.

    What is corrected is one more layer (``given``): the people room takes what it says of people and narrators, the
    voices what it says of lines, so that everything behind them is read under it.

    :param lines_only: stop behind the scenes: no chronology, ledger or findings yet.
    :param places: where the passages of corrections were found before in this manuscript.
    """
    signals: Signals | None
    encoder = settings.encoder
    if isinstance(encoder, Sensed):
        composed, signals = encoder.composed, encoder.signals
    else:
        composed = compose(manuscript, enter)
        signals = enter(sense, composed, encoder) if encoder is not None else None
    if signals is not None and signals.spoken is not None:
        composed = enter(prose.listened, composed, signals.spoken)
    given = givens.resolve(manuscript.text, corrected, places)
    listener = signals.listener if signals else None
    told = _told(manuscript, composed, given, enter, (settings.min_confidence, listener, settings.again))
    behind = _Behind() if lines_only else _behind(manuscript, told, enter)
    unfit = misfits(given, told.amended, told.heard)
    hushed = findings.hushed(composed, manuscript.matter)
    story = Story(
        source=manuscript.source,
        text=manuscript.text,
        repairs=manuscript.repairs,
        emphasis=manuscript.emphasis,
        metadata=manuscript.metadata,
        matter=manuscript.matter,
        chapters=composed.chapters,
        scenes=told.scenes,
        gaps=composed.gaps,
        characters=told.cast.characters,
        mentions=told.cast.mentions,
        entities=entities(signals, manuscript.text, told.cast.mentions),
        events=happenings(signals),
        utterances=told.heard.utterances,
        writings=told.heard.writings,
        entries=behind.account.entries,
        masks=behind.account.masks,
        partings=behind.account.partings,
        bonds=behind.account.bonds,
        times=behind.dated.times,
        chronology=behind.dated.events,
        findings=findings.judged(behind.found, given, unfit, hushed),
        corrections=tuple(corrected),
        encoder=signals.model if signals else None,
        min_confidence=settings.min_confidence or None,
    )
    return Reading(story, unfit, told.lines, told.owned)


class _Told(msgspec.Struct, frozen=True):
    """Who is in a story, who tells it, and who says what: the layers that everything else is read from."""

    composed: Prose
    amended: Amended
    cast: Cast
    lines: Lines
    owned: tuple[Owned, ...]
    heard: Voices
    scenes: tuple[Scene, ...]


class _Behind(msgspec.Struct, frozen=True):
    """What is read from who says what: when everything happens, what passes between people, what does not hold."""

    dated: Chronology = Chronology()
    account: Account = Account()
    found: tuple[Finding, ...] = ()


def overhear(composed: Prose, spotted: Spotted) -> Overheard:
    """Read a first time who speaks, since that tells whom "he" and "she" mean, and they in turn who speaks.

    Neither what a person has corrected nor what the encoder says comes in here: what is overheard stays as it is while
    a story is worked on, and is the same with the encoder as without.
    """
    cast, telling = narration.tell(composed, people.resolve(composed, spotted))
    lines = voices.find_lines(composed, cast, telling, voices.find_marks(composed, cast, telling))
    return voices.overheard(cast, lines, voices.hear(lines, again=False))


def _told(
    manuscript: Manuscript, composed: Prose, given: Given, enter: Enter, hearing: tuple[float, Listener | None, bool]
) -> _Told:
    composed = enter(narration.as_first, composed)
    spotted = enter(people.spot, composed, manuscript.metadata)
    overheard = enter(overhear, composed, spotted)
    cast = enter(people.resolve, composed, spotted, overheard)
    cast, telling = enter(narration.tell, composed, cast)
    cast = enter(voices.recognise, composed, cast, telling)
    amended = enter(people.amend, composed, cast, telling, given.people)
    cast, telling = amended.cast, amended.telling
    marks = enter(voices.find_marks, composed, cast, telling, overheard)
    lines = enter(voices.find_lines, composed, cast, telling, marks, given.lines)
    owned = given.owned(amended.whom)
    heard = enter(voices.hear, lines, owned, *hearing)
    cast = enter(people.settle, composed, cast, telling, heard)
    cast = people.call(cast, amended.called)
    scenes = enter(narration.stage, composed, cast, telling, heard)
    return _Told(composed, amended, cast, lines, owned, heard, scenes)


def _behind(manuscript: Manuscript, told: _Told, enter: Enter) -> _Behind:
    composed, cast, scenes, heard = told.composed, told.cast, told.scenes, told.heard
    dated = enter(chronology.date, composed, cast, scenes, heard)
    account = enter(ledger.account, composed, cast, scenes, heard)
    found = enter(findings.examine, composed, manuscript.matter, cast, scenes, heard, dated)
    found += enter(findings.left_open, composed, cast, heard, account)
    return _Behind(dated, account, found)
