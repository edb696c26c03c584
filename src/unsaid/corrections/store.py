"""The file beside a story: ``NAME.unsaid.toml``, small, readable, and safe against two windows and a sudden end.

Each change is made to what stands in the file at that moment, under a lock, and written beside, flushed and moved into
place: two windows add to each other's work, and a kill leaves the file as it was or as it shall be.
An undone correction stays in the file, marked, until the next one is made.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
import tomllib
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import tomli_w
from filelock import FileLock, Timeout

from unsaid.corrections.model import Correction
from unsaid.errors import CorrectionError
from unsaid.files import write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FORMAT = "unsaid-corrections/1"
ENDING = ".unsaid.toml"
HEAD = f"""# What a person has corrected in Unsaid's reading of the story beside this file.
# It may be edited by hand and kept under version control: each passage is found again by its words.
format = "{FORMAT}"
"""
PATIENCE = 10.0
"""Seconds to wait for another window that is saving."""
_BLOCK = "[[correction]]"
_ENDINGS = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".epub", ".docx")


class Entry(msgspec.Struct, frozen=True):
    """A correction in its file: its own id, and whether it is undone (the count of undoings, the last one highest)."""

    id: str
    correction: Correction
    undone: int = 0


class Book(msgspec.Struct, frozen=True):
    """All corrections of one story, in the order in which they were said; each change gives a new book."""

    entries: tuple[Entry, ...] = ()

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """Those that hold: all that are not undone."""
        return tuple(e.correction for e in self.entries if not e.undone)

    @property
    def undoable(self) -> Entry | None:
        """What :meth:`undo` would undo: the last correction that holds."""
        return next((e for e in reversed(self.entries) if not e.undone), None)

    @property
    def redoable(self) -> Entry | None:
        """What :meth:`redo` would take back: the one that was undone last."""
        return max((e for e in self.entries if e.undone), key=lambda e: e.undone, default=None)

    def add(self, *corrections: Correction) -> Book:
        """With more corrections; what was undone before is gone, and can no longer be redone."""
        held = [e for e in self.entries if not e.undone]
        taken = {e.id for e in self.entries}
        for correction in corrections:
            held.append(Entry(_fresh(taken), correction))
            taken.add(held[-1].id)
        return Book(tuple(held))

    def undo(self, which: str | None = None) -> Book:
        """Without the last correction that holds, or the one of an id; as it is where there is none."""
        wanted = self.undoable if which is None else next((e for e in self.entries if e.id == which), None)
        count = 1 + max((e.undone for e in self.entries), default=0)
        return self._with(wanted, count) if wanted and not wanted.undone else self

    def redo(self) -> Book:
        """With what was undone last; as it is where nothing was."""
        return self._with(self.redoable, 0)

    def _with(self, wanted: Entry | None, undone: int) -> Book:
        return Book(tuple(msgspec.structs.replace(e, undone=undone) if e is wanted else e for e in self.entries))


def beside(story: str | os.PathLike[str]) -> Path:
    """The file of corrections that goes with a story's file: ``tale.unsaid.toml`` with ``tale.txt``."""
    path = Path(story)
    name = path.name
    if name.lower().endswith(".gz"):
        name = name[:-3]
    stem, ending = os.path.splitext(name)
    return path.with_name((stem if ending.lower() in _ENDINGS else name) + ENDING)


def load(path: Path) -> Book:
    """What a file of corrections holds; nothing where there is none.

    :raises CorrectionError: if it cannot be read, is no TOML, or holds what is no correction; says where.
    """
    return Book(_File.parse(path, _text(path)).entries)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise CorrectionError(str(path), f"not UTF-8 at byte {error.start}") from error
    except OSError as error:
        raise CorrectionError(str(path), f"cannot read: {error.strerror or error}") from error


def change(path: Path, how: Callable[[Book], Book]) -> Book:
    """Change a file of corrections, and return what it holds then.

    The change is made to what stands there at that moment, so that what another window has saved meanwhile is kept.

    :raises CorrectionError: if the file cannot be read, or is locked for too long.
    :raises CannotWrite: if it cannot be written; it is then as it was.
    """
    with _locked(path):
        file = _File.parse(path, _text(path))
        book = how(Book(file.entries))
        if book.entries != file.entries:
            write(path, file.written(book.entries).encode())
    return book


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a file's lock, which lies with the system's temporary files: a folder of stories stays clean.

    :raises CorrectionError: if another window holds it for longer than :data:`PATIENCE`.
    """
    name = hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]
    lock = FileLock(Path(tempfile.gettempdir()) / f"unsaid-{name}.lock", timeout=PATIENCE, mode=0o666)
    try:
        lock.acquire()
    except Timeout as error:
        why = f"another program has been saving for {PATIENCE:.0f} seconds; try again"
        raise CorrectionError(str(path), why) from error
    except OSError as error:
        raise CorrectionError(str(path), f"cannot lock it by {lock.lock_file}: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()


def _fresh(taken: set[str]) -> str:
    """An id that no entry has: short, and not a number that two branches of a version control would both count to."""
    while (made := secrets.token_hex(3)) in taken:
        pass
    return made


class _File(msgspec.Struct, frozen=True):
    """A file as text: its head, and the block of each entry as it stands there, comments and all."""

    head: str
    entries: tuple[Entry, ...]
    blocks: tuple[str, ...]

    @classmethod
    def parse(cls, path: Path, text: str) -> _File:
        if not text.strip():
            return cls(HEAD, (), ())
        lines = text.splitlines(keepends=True)
        starts = [_with_comment(lines, i) for i, line in enumerate(lines) if line.split("#")[0].strip() == _BLOCK]
        cuts = [*starts, len(lines)]
        blocks = tuple("".join(lines[a:b]) for a, b in pairwise(cuts))
        head = "".join(lines[: cuts[0]])
        try:
            if "correction" in _checked(tomllib.loads(head)):
                raise tomllib.TOMLDecodeError
            return cls(head, tuple(_entry(block, n) for n, block in enumerate(blocks, 1)), blocks)
        except tomllib.TOMLDecodeError:
            return cls._as_a_whole(path, text)
        except _Malformed as error:
            raise CorrectionError(str(path), str(error)) from error

    @classmethod
    def _as_a_whole(cls, path: Path, text: str) -> _File:
        """A file that is not in blocks, as somebody may have written it by hand: its comments cannot be kept."""
        try:
            held = _checked(tomllib.loads(text)).get("correction", [])
            entries = tuple(_built(item, n) for n, item in enumerate(held, 1))
        except tomllib.TOMLDecodeError as error:
            raise CorrectionError(str(path), f"no TOML: {error}") from error
        except _Malformed as error:
            raise CorrectionError(str(path), str(error)) from error
        return cls(HEAD, entries, tuple(map(_block, entries)))

    def written(self, entries: Sequence[Entry]) -> str:
        """The file with other entries; a block whose entry stays as it is stays letter for letter."""
        held = dict(zip(self.entries, self.blocks, strict=True))
        parts = [self.head, *(held.get(e) or _block(e) for e in entries)]
        return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _with_comment(lines: Sequence[str], at: int) -> int:
    """Where a block begins: its comment stands right above it."""
    while at and lines[at - 1].startswith("#"):
        at -= 1
    return at


class _Malformed(Exception):
    """What is wrong in a file of corrections, without the file's name."""


def _checked(table: dict[str, Any]) -> dict[str, Any]:
    if table.get("format") != FORMAT:
        raise _Malformed(f"format is {table.get('format')!r}, not {FORMAT!r}: another version of Unsaid wrote it")
    return table


@lru_cache(maxsize=20_000)
def _entry(block: str, number: int) -> Entry:
    """The entry in a block; remembered, since all but one are the same at the next save."""
    (item,) = tomllib.loads(block)["correction"]
    return _built(item, number)


def _built(item: dict[str, object], number: int) -> Entry:
    fields = dict(item)
    made = str(fields.pop("id", "")) or hashlib.sha256(repr(item).encode()).hexdigest()[:6]
    undone = fields.pop("undone", 0)
    try:
        return Entry(made, msgspec.convert(fields, Correction), msgspec.convert(undone, int))
    except msgspec.ValidationError as error:
        raise _Malformed(f"correction {number} ({made}): {error}") from error


def _block(entry: Entry) -> str:
    fields = {k: v for k, v in msgspec.to_builtins(entry.correction).items() if v is not None}
    kind = fields.pop("kind")
    marked = {"undone": entry.undone} if entry.undone else {}
    plain = {"kind": kind, "id": entry.id, **marked, **{k: v for k, v in fields.items() if not isinstance(v, dict)}}
    tables = (f"\n[correction.{k}]\n{tomli_w.dumps(v)}" for k, v in fields.items() if isinstance(v, dict))
    return f"{_BLOCK}\n{tomli_w.dumps(plain)}{''.join(tables)}"
