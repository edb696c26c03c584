"""A story that somebody is at work on: read once, and read again in a moment whenever something is corrected.

>>> draft = Draft.open("tale.txt")                                     # doctest: +SKIP
>>> story = draft.correct(corrections.speaker(draft.story, "u12", "Ann"))
>>> story = draft.undo()
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from unsaid import corrections, sources, voices
from unsaid.corrections import Book
from unsaid.encoder import load
from unsaid.reading import Settings, walk
from unsaid.sources import Manuscript

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from unsaid.corrections import Correction
    from unsaid.corrections.given import Places
    from unsaid.reading import Reading
    from unsaid.sources import Limits
    from unsaid.story import Story, Utterance

P = ParamSpec("P")
T = TypeVar("T")

_WEIGHED = 60  # lines that are weighed closely: more change little, and each takes some ten milliseconds once


class Rooms:
    """Enters a room only where its layers are others than at the last walk: rooms are pure, so what they return holds.

    Layers are compared by identity first, so the comparison costs nothing where nothing has changed.
    """

    def __init__(self, watch: Callable[[str], None] | None = None) -> None:
        self._last: dict[Callable[..., Any], tuple[tuple[Any, ...], Any]] = {}
        self._watch = watch

    def __call__(self, room: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the room returns for these layers."""
        layers = (*args, *kwargs.items())
        held = self._last.get(room)
        if held is not None and len(held[0]) == len(layers) and all(map(_same, held[0], layers)):
            result: T = held[1]
            return result
        if self._watch:
            self._watch(room.__name__)
        result = room(*args, **kwargs)
        self._last[room] = (layers, result)
        return result


def _same(one: object, other: object) -> bool:
    return one is other or one == other


class Draft:
    """One open story, for the reader in the browser and for scripts: the layers are kept from one reading to the next.

    Several threads may use it. Several drafts, in this process or others, may be open on one file: each change is
    made to what the file holds at that moment, so that none is lost.

    :ivar story: the story as it reads now; ``unfit`` the corrections that do not fit it, with the reason.
    :ivar whole: whether the story holds its chronology, ledger and findings, or only its lines as yet.
    :ivar book: every correction with its id, those that are undone too.
    :ivar path: the file of corrections, or None where they are kept in memory alone.
    """

    def __init__(
        self,
        manuscript: Manuscript,
        *,
        path: Path | None = None,
        book: Book | None = None,
        watch: Callable[[str], None] | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.path = path
        self._settings = settings or Settings()
        self._manuscript = manuscript
        self._rooms = Rooms(watch)
        self._places: Places = {}
        self._lock = threading.RLock()
        self._order: tuple[Reading, tuple[Utterance, ...]] | None = None
        self._set(book if book is not None else corrections.load(path) if path else Book(), lines_only=False)

    @classmethod
    def open(
        cls, story: str | PathLike[str], *, limits: Limits | None = None, watch: Callable[[str], None] | None = None
    ) -> Draft:
        """Open a story's file with the corrections that are kept beside it.

        :param watch: is told the name of each room that the reading enters.
        :raises SourceError: if it cannot be read as a story.
        :raises CorrectionError: if the file of corrections cannot be read.
        """
        return cls(sources.load(Path(story), limits=limits), path=corrections.beside(story), watch=watch)

    @classmethod
    def of(cls, story: Story, beside: str | PathLike[str] | None = None) -> Draft:
        """A draft of a story that was read before, with the corrections that it was read under.

        A story that was read with the encoder is read with it again, with the package's own model; one whose lines had
        to be so sure, with the same bound.

        :param beside: the story's file, beside which corrections are kept; without it they are kept in memory.
        :raises CorrectionError: if the file of corrections cannot be read.
        :raises NoEncoder: if the model cannot be used; :raises MissingExtra: if the libraries it needs are missing.
        """
        manuscript = Manuscript.of(story)
        settings = Settings(load() if story.encoder is not None else None, story.min_confidence or 0.0)
        if beside is not None:
            return cls(manuscript, path=corrections.beside(beside), settings=settings)
        return cls(manuscript, book=Book().add(*story.corrections), settings=settings)

    def correct(self, *made: Correction, lines_only: bool = False) -> Story:
        """Keep corrections, and read the story under them.

        :param lines_only: read who says what again, and leave the chronology, the ledger and the findings empty until
            :meth:`finish`: what a window shows at once.
        :raises CorrectionError: if the file beside the story cannot be read, or is locked for too long.
        :raises CannotWrite: if it cannot be written; nothing is corrected then.
        """
        return self._change(lambda book: book.add(*made), lines_only)

    def undo(self, which: str | None = None, *, lines_only: bool = False) -> Story:
        """Undo the last correction that holds, or the one of an id; nothing happens where there is none.

        :param lines_only: as in :meth:`correct`.
        :raises CorrectionError: if the file beside the story cannot be read, or is locked for too long.
        :raises CannotWrite: if it cannot be written; nothing is undone then.
        """
        return self._change(lambda book: book.undo(which), lines_only)

    def redo(self, *, lines_only: bool = False) -> Story:
        """Take back what was undone last; nothing happens where nothing was.

        :param lines_only: as in :meth:`correct`.
        :raises CorrectionError: if the file beside the story cannot be read, or is locked for too long.
        :raises CannotWrite: if it cannot be written; nothing is redone then.
        """
        return self._change(Book.redo, lines_only)

    def refresh(self, *, lines_only: bool = False) -> Story:
        """The story under what the file of corrections holds now: another window may have saved meanwhile.

        :param lines_only: as in :meth:`correct`.
        :raises CorrectionError: if the file cannot be read.
        """
        with self._lock:
            book = corrections.load(self.path) if self.path else self.book
            return self._read(book, lines_only)

    def finish(self) -> Story:
        """The story with what a change by ``lines_only`` has left empty."""
        with self._lock:
            return self._read(self.book, lines_only=False)

    def doubtful(self, rest: Callable[[], None] = lambda: None) -> tuple[Utterance, ...]:
        """Spoken lines, the one to ask about first in front: as :func:`unsaid.corrections.doubtful` has them.

        The lines that come first there are weighed closely: for each of them it is tried what else would come right.
        That takes a second on a novel, and corrections do not wait for it; what was weighed is remembered.

        :param rest: called between any two lines: whoever weighs before anybody asks waits there while others work.
        """
        while True:
            with self._lock:
                reading, held = self._reading, self._order
            if held is not None and held[0] is reading:
                return held[1]
            order = self._weighed(reading, rest)
            if order is not None:
                self._order = reading, order

    def _weighed(self, reading: Reading, rest: Callable[[], None]) -> tuple[Utterance, ...] | None:
        """The order of a reading's lines; None if the draft has come to read otherwise meanwhile.

        The draft is not locked while a line is weighed, and whoever corrects goes first.
        """
        rest()
        first = corrections.doubtful(reading.story)
        gains = {}
        for line, gain in voices.worth(reading.lines.talk, reading.owned, first[:_WEIGHED]):
            gains[line] = gain
            rest()
            with self._lock:
                if self._reading is not reading:
                    return None
                if self._order is not None and self._order[0] is reading:  # somebody could not wait
                    return self._order[1]
        return corrections.doubtful(reading.story, gains)

    def _change(self, how: Callable[[Book], Book], lines_only: bool) -> Story:
        with self._lock:
            return self._read(corrections.change(self.path, how) if self.path else how(self.book), lines_only)

    def _read(self, book: Book, lines_only: bool) -> Story:
        if book != self.book or (not self.whole and not lines_only):
            self._set(book, lines_only)
        return self.story

    def _set(self, book: Book, lines_only: bool) -> None:
        reading = walk(
            self._manuscript,
            book.corrections,
            self._rooms,
            self._settings,
            lines_only=lines_only,
            places=self._places,
        )
        self.book, self.whole, self._reading = book, not lines_only, reading
        self.story, self.unfit = reading.story, reading.unfit
