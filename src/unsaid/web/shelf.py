"""The stories that are open: each is read in the background, and read again when its file changes."""

from __future__ import annotations

import contextlib
import threading
from bisect import bisect_right
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

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
    from pathlib import Path

    from unsaid.corrections import Correction
    from unsaid.story import Utterance

ROOMS = 18
"""Rooms that a first reading enters, for its progress."""
PART = 40_000
"""Characters of a page where chapters are longer, or a story has none: about 7,000 words."""

DOES = {
    "compose": "finding sentences and quotations",
    "gather": "finding out who is who",
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

State = Literal["waiting", "reading", "ready", "failed"]


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
    :param turn: lets stories be read one after the other.
    :ivar state: whether it waits to be asked for, is being read, ready, or could not be read, which ``why`` then says.
    """

    def __init__(self, path: Path, number: int, turn: threading.Semaphore) -> None:
        self.path, self.number = path, number
        self.state: State = "waiting"
        self._turn = turn
        self.why = ""
        self.rooms = 0
        self.doing = ""
        self._draft: Draft | None = None
        self._view: View | None = None
        self._stamp: tuple[int, int] | None = None
        self._kept: tuple[int, int] | None = None
        self._lock = threading.RLock()
        self._opened = threading.Event()

    @property
    def title(self) -> str:
        """What to call the work."""
        return headline(self._view.story) if self._view else self.path.name

    @property
    def version(self) -> str | None:
        """What changes whenever the lines read otherwise; None until they are read. Files are looked at anew."""
        with contextlib.suppress(NotReady):
            return self.look().version
        return None

    @property
    def progress(self) -> float:
        """How much of the reading is done, from 0 to 1."""
        return 1.0 if self.state == "ready" else min(0.99, self.rooms / ROOMS)

    def begin(self) -> None:
        """Have the story read, if nobody has asked for it before."""
        with self._lock:
            if self.state == "waiting":
                self.start()

    def start(self) -> None:
        """Read the story in the background; one that was read before is shown meanwhile as it was."""
        self.state, self.rooms, self.why = "reading", 0, ""
        self._draft = None
        self._opened.clear()
        threading.Thread(target=self._read, daemon=True, name=f"read {self.path.name}").start()

    def show(self, story: Story) -> None:
        """Show a reading that is kept elsewhere, if it is the file's, while the story is read in the background."""
        with self._lock:
            if self.state != "waiting" or not _is_of(story, self.path):
                self.begin()
                return
            self._stamp, self._kept = _stamp(self.path), _stamp(corrections.beside(self.path))
            self._view, self.state = _view(story, None), "ready"
            threading.Thread(target=self._read, daemon=True, name=f"read {self.path.name}").start()

    def _read(self) -> None:
        with self._turn:
            self._read_now()

    def _read_now(self) -> None:
        try:
            stamp = _stamp(self.path)
            kept = _stamp(corrections.beside(self.path))
            key = cache.key_of(self.path) if stamp else ""
            before = cache.found(key)
            if before is not None:
                with self._lock:
                    self._stamp, self._kept = stamp, kept
                    self._view, self.state = _view(before.story, None, before.paragraphs), "ready"
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
            return self._view

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

    def __init__(self, path: Path, number: int, story: Story) -> None:
        super().__init__(path, number, threading.Semaphore(1))
        self._view, self.state = _view(story, None), "ready"

    def _changed(self, how: Callable[[Draft], Story]) -> View:
        raise CannotWrite(str(self.path), "corrections are kept beside a story's file, and this one is not there")


def _is_of(story: Story, path: Path) -> bool:
    """Whether a story is the reading of a file."""
    try:
        return sha256(path.read_bytes()).hexdigest() == story.source.sha256
    except OSError:
        return False


def _stamp(path: Path) -> tuple[int, int] | None:
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
