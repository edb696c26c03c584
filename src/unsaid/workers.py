"""Processes that each work on one item at a time, under a limit of time and of memory.

A worker that dies, hangs or grows too large costs its own item and nothing else: the item comes back as a
:class:`Failure` with its reason, and a fresh process takes the worker's place.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import time
from collections import deque
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection

K = TypeVar("K")

MEGABYTE = 1_000_000
AHEAD = 2
"""Items handed to a worker beyond the one in hand: its next one waits in the pipe and not in the parent."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What one item may cost.

    :ivar seconds: wall time; then its process is killed.
    :ivar megabytes: what its process may allocate beyond what it holds when it starts; where the system cannot
        limit it (Windows), it is not limited.
    """

    seconds: float = 600.0
    megabytes: int = 4_000


class Failure(msgspec.Struct, frozen=True):
    """Why an item has no result, in one line; ``kind`` is "refused", "error", "time", "memory" or "crash"."""

    kind: str
    why: str


class Refused(Exception):
    """What a function raises for an item that is at fault itself, in one line, with no trace of the program."""


class _Worker(Generic[K]):
    """One process, its pipe, and the items it holds in the order in which they were handed over."""

    def __init__(self, function: Callable[[Any], Any], bounds: Bounds) -> None:
        context = multiprocessing.get_context("spawn")
        # Spawned: a forked child would inherit the parent's threads in an unknown state (DuckDB's, Arrow's).
        self.pipe: Connection
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, function, bounds), daemon=True)
        self.process.start()
        theirs.close()
        self.held: deque[tuple[K, Any]] = deque()
        self.since = time.monotonic()
        self.ready = False

    def hand(self, key: K, item: object) -> None:
        """Give it one more item."""
        if not self.held:
            self.since = time.monotonic()
        self.held.append((key, item))
        with contextlib.suppress(OSError):  # a worker that died meanwhile is found by its closed pipe
            self.pipe.send(item)

    def overdue(self, seconds: float) -> bool:
        """Whether its item has taken too long, and its result does not stand in the pipe already."""
        late = self.held and self.ready and time.monotonic() - self.since > seconds
        return bool(late) and not self.pipe.poll()

    def stop(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def work(
    function: Callable[[Any], Any],
    items: Iterable[tuple[K, Any]],
    *,
    workers: int,
    bounds: Bounds | None = None,
) -> Iterator[tuple[K, Any | Failure]]:
    """Each item's key with what ``function`` makes of it, or a :class:`Failure`, in the order of arrival.

    :param function: importable by name, and so is what it takes and returns; it raises :class:`Refused` for an item
        that is at fault.
    :param items: taken only as fast as they are worked on: memory does not grow with their number.
    """
    bounds = bounds or Bounds()
    crew: list[_Worker[K]] = []
    source = iter(items)
    try:
        crew += [_Worker(function, bounds) for _ in range(max(1, workers))]
        for one in crew:
            _fill(one, source)
        while any(one.held for one in crew):
            for done in wait([one.pipe for one in crew if one.held], timeout=0.2):
                at = next(i for i, one in enumerate(crew) if one.pipe is done)
                yield from _received(crew, at, function, bounds)
                _fill(crew[at], source)
            for at in range(len(crew)):
                if crew[at].overdue(bounds.seconds):
                    why = Failure("time", f"took longer than {bounds.seconds:g} seconds")
                    yield _replaced(crew, at, function, bounds, why)
                    _fill(crew[at], source)
    finally:
        for one in crew:
            one.stop()


def _fill(one: _Worker[K], source: Iterator[tuple[K, Any]]) -> None:
    while len(one.held) < AHEAD:
        following = next(source, None)
        if following is None:
            return
        one.hand(*following)


def _received(
    crew: list[_Worker[K]], at: int, function: Callable[[Any], Any], bounds: Bounds
) -> Iterator[tuple[K, Any | Failure]]:
    one = crew[at]
    try:
        got = one.pipe.recv()
    except (EOFError, OSError):
        one.process.join()
        yield _replaced(crew, at, function, bounds, Failure("crash", _ending(one.process.exitcode)))
        return
    one.since = time.monotonic()
    if got == _READY:
        one.ready = True
        return
    key, _ = one.held.popleft()
    yield key, got
    if isinstance(got, Failure) and got.kind == "memory":
        _replace(crew, at, function, bounds)  # what it could not free stays with it


def _replaced(
    crew: list[_Worker[K]], at: int, function: Callable[[Any], Any], bounds: Bounds, why: Failure
) -> tuple[K, Failure]:
    """The item at fault with the reason; a fresh worker holds the rest of what this one held."""
    key, _ = crew[at].held.popleft()
    _replace(crew, at, function, bounds)
    return key, why


def _replace(crew: list[_Worker[K]], at: int, function: Callable[[Any], Any], bounds: Bounds) -> None:
    old = crew[at]
    old.stop()
    crew[at] = _Worker(function, bounds)
    for key, item in old.held:
        crew[at].hand(key, item)


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with status {code}"


# --- in the worker ----------------------------------------------------------------------------------------------------

_READY = "ready"


def _serve(pipe: Connection, function: Callable[[Any], Any], bounds: Bounds) -> None:
    """Work until the pipe is closed: that is how a worker ends when its parent is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends its workers
    _limit(bounds.megabytes)
    try:
        pipe.send(_READY)
        while True:
            pipe.send(_result(function, pipe.recv()))
    except (EOFError, OSError):
        return


def _result(function: Callable[[Any], Any], item: object) -> object:
    try:
        return function(item)
    except Refused as error:
        return Failure("refused", str(error))
    except MemoryError:
        return Failure("memory", "needed more memory than one story may have")
    except Exception as error:  # a worker goes on whatever one item does to it
        return Failure("error", f"{type(error).__name__}: {error}".splitlines()[0])


def _limit(megabytes: int) -> None:
    """Bound what this process may allocate from here on."""
    try:
        import resource  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (_held() + megabytes * MEGABYTE, resource.RLIM_INFINITY))


def _held() -> int:
    """Bytes of data that this process holds now; none where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            import resource  # noqa: PLC0415

            return int(file.read().split()[5]) * resource.getpagesize()
    except OSError:
        return 0
