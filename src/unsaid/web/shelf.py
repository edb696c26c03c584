"""The stories that are open: each is read in the background, and read again when its file changes."""

from __future__ import annotations

import contextlib
import threading
from bisect import bisect_right
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from unsaid import corrections
from unsaid.draft import Draft
from unsaid.errors import CannotWrite, NotReady, UnsaidError
from unsaid.formats.lines import headline
from unsaid.report.people import Faces
from unsaid.report.text import UNSURE, paragraphs_of
from unsaid.story import Story
from unsaid.web import cache

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from unsaid.corrections import Correction
    from unsaid.story import Utterance
    from unsaid.web.desk import Desk

ROOMS = 20
"""Rooms that a first reading enters, for its progress."""
PART = 40_000
"""Characters of a page where chapters are longer, or a story has none: about 7,000 words."""

DOES = {
    "with_capitals": "looking at how it is written",
    "compose": "finding sentences and quotations",
    "as_first": "finding out whether it is told to you",
    "spot": "finding everybody who is mentioned",
    "overhear": "listening to who speaks",
    "resolve": "finding out who is who",
    "tell": "finding out who tells the story",
    "recognise": "joining the names of one person",
    "amend": "taking in what you have corrected",
    "find_marks": "looking for letters and thoughts",
    "find_lines": "finding every line",
    "hear": "working out who says what to whom",
    "settle": "working out who “I” and “she” are",
    "stage": "setting the scenes",
    "date": "working out when everything happens",
    "account": "keeping account of what passes between people",
    "examine": "looking for what does not hold together",
    "left_open": "looking for what stays open",
}
"""What each room does, in words for whoever waits."""

PATIENCE = 120.0
"""Seconds that a correction waits for a story that is shown as it was read before and is being read again."""
AT_ONCE = 3.0
"""Seconds that a page waits for a story that was put away, before it says that the story is being read."""

State = Literal["waiting", "reading", "ready", "failed"]


Stamp: TypeAlias = tuple[int, int] | None
"""When a file was written last, and its size; None where there is none."""


class Away(msgspec.Struct, frozen=True):
    """What is remembered of a story that was put away: what it is called, and how it and its files were."""

    title: str
    version: str
    stamps: tuple[Stamp, Stamp]


class Page(msgspec.Struct, frozen=True):
    """A chapter, or a part of a long one, as one page of the reader."""

    title: str
    start: int
    end: int


class View(msgspec.Struct, frozen=True):
    """A story as it reads now, with what its pages are made of.

    :ivar whole: the last reading that holds findings and ledger; right behind a correction it is the one before.
    """

    story: Story
    whole: Story
    faces: Faces
    pages: tuple[Page, ...]
    paragraphs: tuple[tuple[int, int], ...]
    version: str

    def page_at(self, offset: int) -> int:
        """The number of the page that holds an offset."""
        return max(0, bisect_right(self.pages, offset, key=lambda p: p.start) - 1)


class Work:
    """One open story.

    :ivar path: its file; ``number`` its place on the shelf.
    :param desk: what it shares with the other stories.
    :ivar state: whether it waits to be asked for, is being read, ready, or could not be read, which ``why`` then says.
    """

    def __init__(self, path: Path, number: int, desk: Desk) -> None:
        self.path, self.number = path, number
        self.state: State = "waiting"
        self._desk = desk
        self._away: Away | None = None
        self.why = ""
        self.rooms = 0
        self.doing = ""
        self._draft: Draft | None = None
        self._view: View | None = None
        self._stamp: Stamp = None
        self._kept: Stamp = None
        self._lock = threading.RLock()
        self._weighing = threading.Lock()
        self._opened = threading.Event()
        self._shown = threading.Event()

    @property
    def title(self) -> str:
        """What to call the work."""
        view, away = self._view, self._away
        return headline(view.story) if view else away.title if away else self.path.name

    @property
    def version(self) -> str | None:
        """What changes whenever the lines read otherwise; None until they are read. Files are looked at anew.

        A story that was put away stays so while its files are what they were: windows ask for this again and again.
        """
        away = self._away
        if away is not None and self.state == "waiting" and away.stamps == self._stamps():
            return away.version
        with contextlib.suppress(NotReady):
            return self.look().version
        return None

    @property
    def progress(self) -> float:
        """How much of the reading is done, from 0 to 1."""
        return 1.0 if self.state == "ready" else min(0.99, self.rooms / ROOMS)

    def begin(self) -> None:
        """Have the story read, if nobody has asked for it before; one that was put away is waited for a little."""
        with self._lock:
            begun = self.state == "waiting"
            if begun:
                self.start()
        if begun and self._away is not None:
            self._shown.wait(AT_ONCE)

    def put_away(self) -> bool:
        """Forget the reading until it is asked for again, unless somebody is using it right now.

        What was corrected is in the file beside the story; the reading is kept as :mod:`unsaid.web.cache` does.
        """
        if not self._lock.acquire(blocking=False):
            return False
        try:
            view, draft = self._view, self._draft
            if self.state != "ready" or view is None or not self._opened.is_set():
                return False
            self._away = Away(self.title, view.version, self._stamps())
            if draft is not None and draft.whole and self._stamps() == (self._stamp, self._kept):
                cache.keep_new(cache.key_of(self.path), draft.story, view.paragraphs)
            self._draft = self._view = None
            self.state = "waiting"
            return True
        finally:
            self._lock.release()

    def _stamps(self) -> tuple[Stamp, Stamp]:
        return _stamp(self.path), _stamp(corrections.beside(self.path))

    def start(self) -> None:
        """Read the story in the background; one that was read before is shown meanwhile as it was."""
        self.state, self.rooms, self.why = "reading", 0, ""
        self._draft = None
        self._opened.clear()
        self._shown.clear()
        threading.Thread(target=self._read, daemon=True, name=f"read {self.path.name}").start()

    def show(self, story: Story) -> None:
        """Show a reading that is kept elsewhere, if it is the file's, while the story is read in the background."""
        with self._lock:
            if self.state != "waiting" or not _is_of(story, self.path):
                self.begin()
                return
            self._stamp, self._kept = self._stamps()
            self._view, self.state = _view(story, None), "ready"
            threading.Thread(target=self._read, daemon=True, name=f"read {self.path.name}").start()

    def _read(self) -> None:
        with self._desk.turn:
            self._read_now()

    def _read_now(self) -> None:
        try:
            stamp, kept = self._stamps()
            key = cache.key_of(self.path) if stamp else ""
            before = cache.found(key)
            if before is not None:
                with self._lock:
                    self._stamp, self._kept = stamp, kept
                    self._view, self.state = _view(before.story, None, before.paragraphs), "ready"
                self._shown.set()
            draft = Draft.open(self.path, watch=self._entered)
            with self._lock:
                self._draft, self._stamp, self._kept = draft, stamp, kept
                self._view = _view(draft.story, None, before.paragraphs if before else None)
                self.state = "ready"
            if before is None or before.story != draft.story:
                cache.keep(key, draft.story, self._view.paragraphs)
        except (UnsaidError, OSError) as error:
            self.why, self.state = str(error), "failed"
        except Exception as error:  # else its window would wait for ever
            what = f"{type(error).__name__}: {error}"
            self.why = f"{self.path.name}: internal error, please report it with the file: {what}"
            self.state = "failed"
        finally:
            self._opened.set()
            self._shown.set()

    def _entered(self, room: str) -> None:
        self.rooms += 1
        self.doing = DOES.get(room, "")

    def look(self) -> View:
        """The story as it reads now; its file and the corrections beside it may have changed since.

        :raises NotReady: while it is being read, or if it could not be.
        """
        self.begin()
        with self._lock:
            if self.state == "ready" and _stamp(self.path) != self._stamp:
                self.start()
            if self.state != "ready" or self._view is None:
                raise NotReady(self.path.name, self.why or "it is being read")
            if self._draft and self._draft.path and _stamp(self._draft.path) != self._kept:
                self._kept = _stamp(self._draft.path)
                self._took(self._draft.refresh(lines_only=True))
            view = self._view
        self._desk.use(self, len(view.story.text))
        return view

    def whole(self) -> View:
        """As :meth:`look`, with what a correction has left to be read again: the ledger, the times, the findings."""
        with self._lock:
            view = self.look()
            if self._draft is not None and not self._draft.whole:
                self._took(self._draft.finish())
                view = self._view or view
            return view

    def correct(self, made: Callable[[Story], Sequence[Correction]]) -> View:
        """Keep corrections and read the lines again under them.

        :param made: corrections made from the story as it reads now.
        :raises UnsaidError: if they cannot be made or kept.
        """
        return self._changed(lambda draft: draft.correct(*made(draft.story), lines_only=True))

    def undo(self, which: str | None = None) -> View:
        """Take back the last correction that holds, or one by its id."""
        return self._changed(lambda draft: draft.undo(which, lines_only=True))

    def redo(self) -> View:
        """Take back what was undone last."""
        return self._changed(lambda draft: draft.redo(lines_only=True))

    def doubtful(self) -> tuple[Utterance, ...]:
        """Spoken lines, the one to ask about first in front."""
        view, draft = self.look(), self._draft
        return draft.doubtful() if draft is not None else corrections.doubtful(view.story)

    def weigh(self) -> None:
        """Find out in the background which line is best asked about, before anybody asks."""
        draft = self._draft
        if draft is not None and self._weighing.acquire(blocking=False):
            threading.Thread(target=self._weigh, args=(draft,), daemon=True, name=f"weigh {self.path.name}").start()

    def _weigh(self, draft: Draft) -> None:
        try:
            draft.doubtful(self._desk.rest)
        finally:
            self._weighing.release()

    def serving(self) -> AbstractContextManager[None]:
        """Somebody waits for an answer meanwhile."""
        return self._desk.serving()

    @property
    def draft(self) -> Draft | None:
        """The draft, for its book of corrections; None until the story is read in this run."""
        return self._draft

    def can(self) -> tuple[bool, bool]:
        """Whether there is something to undo, and to redo."""
        book = self._draft.book if self._draft else None
        return (bool(book and book.undoable), bool(book and book.redoable))

    def _changed(self, how: Callable[[Draft], Story]) -> View:
        self.begin()
        self._opened.wait(PATIENCE)
        with self._lock:
            self.look()
            if self._draft is None:
                raise NotReady(self.path.name, "it is being read")
            story = how(self._draft)
            if self._draft.path:
                self._kept = _stamp(self._draft.path)
            return self._took(story)

    def _took(self, story: Story) -> View:
        view = _view(story, self._view)
        if self._view is not None and self._draft is not None and not self._draft.whole:
            view = msgspec.structs.replace(view, whole=self._view.whole)
        self._view = view
        return view


class Kept(Work):
    """A story whose reading is kept, and whose file is not there: it is shown, and cannot be corrected."""

    def __init__(self, path: Path, number: int, desk: Desk, fetch: Callable[[], Story]) -> None:
        """Show a reading.

        :param fetch: brings the reading from where it is kept, whenever it is asked for and not held.
        """
        super().__init__(path, number, desk)
        self._fetch = fetch
        self._opened.set()

    def begin(self) -> None:
        """Fetch the reading, if it is not here."""
        with self._lock:
            if self.state == "waiting":
                self._view, self.state = _view(self._fetch(), None), "ready"

    def _changed(self, how: Callable[[Draft], Story]) -> View:
        raise CannotWrite(str(self.path), "corrections are kept beside a story's file, and this one is not there")


def _is_of(story: Story, path: Path) -> bool:
    """Whether a story is the reading of a file."""
    try:
        return sha256(path.read_bytes()).hexdigest() == story.source.sha256
    except OSError:
        return False


def _stamp(path: Path) -> Stamp:
    """When a file was written last, and its size; None where there is none."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size


def _view(story: Story, before: View | None, paragraphs: tuple[tuple[int, int], ...] | None = None) -> View:
    same = before is not None and before.story.text == story.text
    return View(
        story=story,
        whole=story,
        version=_version(story),
        faces=Faces(story),
        pages=before.pages if before and same else pages_of(story),
        paragraphs=paragraphs or (before.paragraphs if before and same else paragraphs_of(story)),
    )


def _version(story: Story) -> str:
    """What differs where the text, its lines or the names of its people do."""
    lines = msgspec.json.encode((story.source.sha256, story.utterances, [c.name for c in story.characters]))
    return sha256(lines).hexdigest()[:16]


def pages_of(story: Story) -> tuple[Page, ...]:
    """Chapters, the long ones in parts that end with a paragraph; what stands before the first belongs to it."""
    bounds = [(c.title or f"Chapter {n}", c.start) for n, c in enumerate(story.chapters, 1)]
    if not bounds or bounds[0][1] > 0:
        bounds = [(bounds[0][0] if bounds else "Text", 0), *bounds[1:]]
    found: list[Page] = []
    for n, (title, start) in enumerate(bounds):
        end = bounds[n + 1][1] if n + 1 < len(bounds) else len(story.text)
        parts = list(_parts(story.text, start, end))
        for k, (a, b) in enumerate(parts, 1):
            found.append(Page(f"{title} ({k} of {len(parts)})" if len(parts) > 1 else title, a, b))
    return tuple(found)


def _parts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    cuts = [start]
    while end - cuts[-1] > PART * 1.5:
        cut = text.find("\n", cuts[-1] + PART, end)
        if cut < 0 or end - cut < PART / 4:
            break
        cuts.append(cut + 1)
    return list(zip(cuts, [*cuts[1:], end], strict=True))


def is_unsure(line: Utterance) -> bool:
    """Whether a line is to be looked at: without a speaker, or less than 60 % sure."""
    return line.speaker is None or line.confidence < UNSURE
