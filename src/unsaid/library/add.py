"""Adding: what is new or changed is read by worker processes, and what is there already is found to be."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Literal

import msgspec

from unsaid.corrections.model import Correction
from unsaid.errors import SourceError
from unsaid.library.reading import Read, Task, likeness, read
from unsaid.library.shelves import Found, found
from unsaid.library.store import bands_of, forget, insert, pack
from unsaid.workers import Bounds, Failure, Keeper, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from unsaid.library.store import Store

BATCH = 64
"""Readings kept in one transaction: a kill loses at most the reading of these."""
ALIKE = 0.7
"""The estimated Jaccard index of shingles from which two texts are one work: two editions of one text have over 0.9,
two works of one author under 0.1."""
PACKED = 0.05
"""The share of new works from which the word index is sorted anew."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How stories are added.

    :ivar workers: processes that read at once.
    :ivar bounds: what one story may cost.
    :ivar again: read also what has not changed.
    """

    workers: int = 1
    bounds: Bounds = Bounds()
    again: bool = False


class Added(msgspec.Struct):
    """What came of adding: works that are new, read again, or found to be known under another file; and what failed."""

    new: int = 0
    again: int = 0
    known: int = 0
    same: int = 0
    failed: list[tuple[str, str]] = msgspec.field(default_factory=list)


_Job = tuple[tuple[Found, str], Task]
"""A file with its digest, and what to read."""
_Result = tuple[Found, str, Read]
_Came = Literal["new", "again", "newer", "known"]
"""How a reading comes to its work: the first, of a file that has changed, of a longer version, or of another file."""


class _Shelf(msgspec.Struct, frozen=True):
    """What the store says of a file."""

    work: int | None
    sha256: str
    size: int
    changed: int
    beside: str | None


class Adding:
    """One run of adding; the store is open for writing."""

    def __init__(self, store: Store, options: Options, progress: Callable[[int, int], None]) -> None:
        self.store, self.options, self.progress = store, options, progress
        self.done = Added()
        self.files = {
            path: _Shelf(work, sha, size, changed, beside)
            for path, work, sha, size, changed, beside in store.rows(
                "SELECT path, work, sha256, size, changed, corrections FROM files"
            )
        }
        self.stories: dict[str, int] = dict(store.rows("SELECT story, work FROM works"))
        self.texts: dict[str, int] = dict(store.rows("SELECT text_hash, work FROM works"))
        self.urls: dict[str, int] = dict(store.rows("SELECT url, work FROM works WHERE url IS NOT NULL"))
        self.next = 1 + int(store.rows("SELECT coalesce(max(work), 0) FROM works")[0][0])
        self.twins: dict[str, list[tuple[Found, str]]] = {}

    def run(self, names: tuple[str, ...]) -> Added:
        """Add what the names stand for.

        :raises LibraryError: if it cannot be kept.
        """
        tasks = list(self._tasks(found(names)))
        again = self._read(tasks)
        if again:  # a newer version of a work that was corrected: read under what was known of the older one
            self._read(again)
        fresh = self.done.new + self.done.again
        if fresh > PACKED * max(1, len(self.stories)):
            pack(self.store)
        return self.done

    def _tasks(self, looked: Iterable[Found | SourceError]) -> Iterator[_Job]:
        """What has to be read, with its digest; what is there already is only noted."""
        for one in looked:
            if isinstance(one, SourceError):
                self.done.failed.append((one.name, one.why))
                continue
            shelf = self.files.get(one.path)
            kept = shelf is not None and shelf.beside == one.beside and not self.options.again
            if kept and shelf and one.data is None and (shelf.size, shelf.changed) == (one.size, one.changed):
                self.done.same += 1
                continue
            try:
                sha = one.digest()
            except OSError as error:
                self.done.failed.append((one.path, error.strerror or str(error)))
                continue
            if kept and shelf and shelf.sha256 == sha:
                self.done.same += 1
                self._file(one, sha, shelf.work)
            elif sha in self.stories and shelf is None:
                self.done.known += 1
                self._file(one, sha, self.stories[sha])
            elif sha in self.twins:
                self.twins[sha].append((one, sha))
            else:
                self.twins[sha] = []
                yield (one, sha), Task(path=one.path, name=one.path, data=one.data, given=one.catalogued())

    def _read(self, tasks: list[_Job]) -> list[_Job]:
        """Read and keep; what has to be read once more under earlier corrections is returned."""
        batch: list[_Result] = []
        again: list[_Job] = []
        given = {one.path: task for (one, _), task in tasks}
        keepers = [Keeper(read, self.options.bounds) for _ in range(min(self.options.workers, len(tasks)))]
        with contextlib.closing(spread(tasks, keepers)) as results:
            for count, ((one, sha), got) in enumerate(results, 1):
                if isinstance(got, Failure):
                    self._refuse(one, sha, got)
                else:
                    batch.append((one, sha, got))
                if len(batch) == BATCH:
                    again += self._keep(batch, given)
                    batch = []
                self.progress(count, len(tasks))
        return again + self._keep(batch, given)

    def _refuse(self, one: Found, sha: str, got: Failure) -> None:
        why = got.why if got.kind == "refused" else f"could not be read: {got.why}"
        self.done.failed.append((one.path, why))
        self._file(one, sha, None, why)

    def _keep(self, batch: list[_Result], given: dict[str, Task]) -> list[_Job]:
        """Keep readings, each as a new work, as a work's newer version, or not at all where the work is known."""
        again: list[_Job] = []
        met = self._meetings([key for _, _, got in batch for key in bands_of(got.signature)])
        fresh: dict[int, Read] = {}
        with self.store.change():
            for one, sha, got in batch:
                number, came = self._number(one, got, met, fresh)
                task = given[one.path]
                if came == "newer" and not task.earlier and (earlier := self._corrections(number)):
                    again.append(((one, sha), msgspec.structs.replace(task, earlier=earlier)))
                    continue
                self._count(came)
                if came in ("again", "newer"):
                    fresh.pop(number, None)
                    forget(self.store, number)
                if came != "known":
                    fresh[number] = got
                    self._note(got, number, met)
                self._place(one, sha, number)
            if fresh:
                insert(self.store, [(got, number) for number, got in fresh.items()])
        return again

    def _number(self, one: Found, got: Read, met: dict[str, list[int]], fresh: dict[int, Read]) -> tuple[int, _Came]:
        """Which work a reading is of, and how it comes to it."""
        shelf = self.files.get(one.path)
        mine = shelf.work if shelf else None
        number = self._twin(got, met, fresh)
        if number is None and mine is not None and self._alone(one.path, mine):
            number = mine
        if number is None:
            self.next += 1
            return self.next - 1, "new"
        if number == mine:
            return number, "again"
        return number, "newer" if self._grown(got, number, fresh) else "known"

    def _count(self, came: _Came) -> None:
        self.done.new += came == "new"
        self.done.known += came == "known"
        self.done.again += came in ("again", "newer")

    def _place(self, one: Found, sha: str, number: int) -> None:
        """A file, and all others of the same bytes, are a work's."""
        before = self.files.get(one.path)
        self._file(one, sha, number)
        for twin, digest in self.twins.pop(sha, []):
            self.done.known += 1
            self._file(twin, digest, number)
        if before and before.work not in (None, number) and self._alone(one.path, before.work):
            forget(self.store, before.work)
            for known in (self.stories, self.texts, self.urls):
                for key in [key for key, work in known.items() if work == before.work]:
                    del known[key]

    def _alone(self, path: str, number: int) -> bool:
        """Whether no other file is this work's."""
        return not any(shelf.work == number for other, shelf in self.files.items() if other != path)

    def _grown(self, got: Read, number: int, fresh: dict[int, Read]) -> bool:
        """Whether a reading is a later version of a known work: of the same address, and longer."""
        if got.url is None or self.urls.get(got.url) != number:
            return False
        if number in fresh:
            return got.words > fresh[number].words
        words = self.store.rows("SELECT words FROM works WHERE work = ?", (number,))
        return bool(words) and got.words > words[0][0]

    def _corrections(self, number: int) -> tuple[Correction, ...]:
        kept = self.store.rows("SELECT corrections FROM headers JOIN works USING (story) WHERE work = ?", (number,))
        return tuple(msgspec.json.decode(text, type=Correction) for text in kept[0][0]) if kept else ()

    def _note(self, got: Read, number: int, met: dict[str, list[int]]) -> None:
        self.stories[got.story] = number
        self.texts[got.text_hash] = number
        if got.url is not None:
            self.urls[got.url] = number
        for key in bands_of(got.signature):
            met.setdefault(key, []).append(number)

    def _meetings(self, keys: list[str]) -> dict[str, list[int]]:
        met: dict[str, list[int]] = {}
        if keys:
            for key, number in self.store.rows("SELECT band, work FROM bands WHERE list_contains(?, band)", (keys,)):
                met.setdefault(key, []).append(number)
        return met

    def _twin(self, got: Read, met: dict[str, list[int]], fresh: dict[int, Read]) -> int | None:
        """The work that a text is another file of: the same words, much the same words, or the same address."""
        for known in (self.stories.get(got.story), self.texts.get(got.text_hash)):
            if known is not None:
                return known
        if got.url is not None and got.url in self.urls:
            return self.urls[got.url]
        candidates = dict.fromkeys(number for key in bands_of(got.signature) for number in met.get(key, ()))
        for number in candidates:
            if number in fresh:
                signature = fresh[number].signature
            else:
                kept = self.store.rows("SELECT signature FROM works WHERE work = ?", (number,))
                signature = kept[0][0] if kept else []
            if likeness(got.signature, signature) >= ALIKE:
                return number
        return None

    def _file(self, one: Found, sha: str, number: int | None, refused: str | None = None) -> None:
        self.store.rows("DELETE FROM files WHERE path = ?", (one.path,))
        row = (one.path, number, sha, one.size, one.changed, one.beside, refused)
        self.store.rows("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        self.files[one.path] = _Shelf(number, sha, one.size, one.changed, one.beside)
