"""What can go wrong, as typed exceptions: each says what, where, the value, and what to do next.

The library raises these and never prints or exits; only :mod:`unsaid.cli` turns them into a line and a status.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def first_line(error: BaseException, most: int = 200) -> str:
    """What an error says that is none of ours, in one line of so many characters; its name, where it says nothing."""
    said = (error.strerror if isinstance(error, OSError) else None) or str(error).strip()
    return (said.splitlines() or [type(error).__name__])[0][:most]


class UnsaidError(Exception):
    """The base of every error that Unsaid raises on purpose; it comes whole out of another process."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Carried by what it says and holds: what a subclass is made from is not what it says."""
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[UnsaidError], said: tuple[object, ...], held: dict[str, object]) -> UnsaidError:
    error = kind.__new__(kind, *said)
    error.__dict__.update(held)
    return error


class _Named(UnsaidError):
    """Something that has a name is at fault: ``name`` is what it is called, ``why`` one line without that."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        self.why = why
        super().__init__(f"{name}: {why}")


class SourceError(_Named):
    """A file that cannot be read as a story. ``name`` is the file's name, ``why`` one line without it."""


class CorrectionError(_Named):
    """A correction that cannot be made, kept or read. ``name`` is the file or story, ``why`` one line without it."""


class NotReady(_Named):
    """A story that is open and cannot be shown yet, or at all. ``name`` is its file, ``why`` one line without it."""


class LibraryError(_Named):
    """A library that cannot be opened, asked or changed. ``name`` is its file, ``why`` one line without it."""


class CorpusError(_Named):
    """A run over a corpus that cannot begin or go on. ``name`` is the file or folder, ``why`` one line without it."""


class NoWorkers(UnsaidError, RuntimeError):
    """Processes that read cannot begin, whatever they are to read."""

    def __init__(self, code: int) -> None:
        super().__init__(
            f"a process that reads ended with status {code} before it began; what it says stands above. "
            'In a script of your own, put what it does behind `if __name__ == "__main__":`'
        )


class QueryError(UnsaidError, ValueError):
    """A query that makes no sense: ``why``, and ``at`` which offset in it; ``near`` is what would make sense there."""

    def __init__(self, query: str, at: int, why: str, near: Sequence[str] = ()) -> None:
        self.query = query
        self.at = at
        self.why = why
        self.near = tuple(near)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        super().__init__(f"{query!r}, at {at + 1}: {why}{hint}")


class NotAStory(UnsaidError):
    """JSON that is not a story of this format."""

    def __init__(self, why: str) -> None:
        super().__init__(f"not an unsaid-story/1 object: {why}; write one with `unsaid read FILE --json`")


class NoSuchFormat(UnsaidError, LookupError):
    """A format that there is none of."""

    def __init__(self, name: str, formats: list[str]) -> None:
        there = ", ".join(formats)
        super().__init__(f"there is no format {name!r}; there are {there} (`unsaid formats` says what each is for)")


class NoFormatFor(UnsaidError, LookupError):
    """A path whose ending goes with no format."""

    def __init__(self, path: str, endings: Sequence[str]) -> None:
        super().__init__(f"{path}: no format goes with this ending; end it in {', '.join(endings)}, or name a format")


class OneWay(UnsaidError, LookupError):
    """A format that holds too little of a story to be read back."""

    def __init__(self, name: str, formats: list[str]) -> None:
        super().__init__(f"{name} holds too little to be read back; these hold enough: {', '.join(formats)}")


class MissingExtra(UnsaidError, ImportError):
    """A format that needs a library which is not installed."""

    def __init__(self, what: str, extra: str, module: str) -> None:
        super().__init__(f"{what} needs {module}, which is not installed; run `pip install 'unsaid[{extra}]'`")


class NoEncoder(UnsaidError):
    """The encoder's model cannot be used. ``why`` says what is wrong, ``then`` what to do."""

    def __init__(self, why: str, then: str) -> None:
        self.why = why
        self.then = then
        super().__init__(f"{why}; {then}")


class CannotWrite(UnsaidError):
    """A file or folder that cannot be written. ``why`` is one line without its name."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"{path}: cannot write: {why}")


class NoSuchCharacter(UnsaidError, KeyError):
    """A name that is nobody's in this story."""

    def __init__(self, who: str, names: list[str]) -> None:
        near = difflib.get_close_matches(who, names, n=3) or names[:5]
        self.message = f"no character is called {who!r} in this story; there are {', '.join(near) or 'none'}"
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message


class NoSuchScene(UnsaidError, KeyError):
    """An id that is no scene's in this story."""

    def __init__(self, scene: str, scenes: list[str]) -> None:
        there = f"there are {scenes[0]} to {scenes[-1]}" if scenes else "it has none"
        self.message = f"there is no scene {scene!r} in this story; {there}"
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message


class NoSuchRule(UnsaidError, KeyError):
    """A rule that there is none of."""

    def __init__(self, called: str, codes: list[str]) -> None:
        near = difflib.get_close_matches(called.upper(), codes, n=3, cutoff=0.5) or codes[:3]
        self.message = f"there is no rule {called!r}; near it are {', '.join(near)} (`unsaid rule` lists them all)"
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message
