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
from collections.abc import Generator
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from unsaid.errors import NoWorkers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

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
    """Why an item has no result, in one line; ``kind`` is "refused", "error", "time", "memory" or "crash".

    :ivar at: the last mark that the function gave of where in the item it was; None where it gave none.
    """

    kind: str
    why: str
    at: str | None = None


class At(msgspec.Struct, frozen=True):
    """What a function yields of an item of several parts: the part that it turns to, which has all the time there is.

    What it does before the first part, and after one whose mark is None, is not bounded in time.
    """

    mark: str | None


class Refused(Exception):
    """What a function raises for an item that is at fault itself, in one line, with no trace of the program."""


class _Worker(Generic[K]):
    """One process, its pipe, and the items it holds in the order in which they were handed over."""

    def __init__(self, function: Callable[[Any], Any], bounds: Bounds) -> None:
        self.pipe: Connection
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = _process(_serve, (theirs, function, bounds), loads=function.__module__)
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

    def ending(self) -> Failure:
        """Why it has ended.

        :raises NoWorkers: if it ended by itself before it began: so would the next one.
        """
        self.process.join()
        code = self.process.exitcode
        if not self.ready and code is not None and code >= 0:
            raise NoWorkers(code)
        return Failure("crash", _ending(code))

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
    :raises NoWorkers: if a worker ends by itself before it begins.
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


def _process(target: Callable[..., None], args: tuple[Any, ...], *, loads: str) -> BaseProcess:
    """A process that shares nothing with this one.

    It is no fork of this one, which would inherit threads in an unknown state (DuckDB's, Arrow's), but of a server
    that has loaded what is needed and nothing else; where there is no such server (Windows), it starts from nothing.

    :param loads: the module that the first process of all has the server load.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn").Process(target=target, args=args, daemon=True)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", loads])
    return context.Process(target=target, args=args, daemon=True)


class Keeper:
    """One worker that stays between items; hand it one and wait.

    The function may be a generator: it yields an :class:`At` before each part of an item, and returns the result.
    """

    def __init__(self, function: Callable[[Any], Any], bounds: Bounds | None = None) -> None:
        self._function, self._bounds = function, bounds or Bounds()
        self._worker: _Worker[None] | None = None

    def run(self, item: object) -> Any | Failure:
        """What the function makes of an item, or why it makes nothing of it."""
        one = self._worker = self._worker or _Worker(self._function, self._bounds)
        one.hand(None, item)
        at = None
        while True:
            left = None if at is None else max(0.0, self._bounds.seconds - (time.monotonic() - one.since))
            if not one.pipe.poll(left):
                self.close()
                return Failure("time", f"took longer than {self._bounds.seconds:g} seconds", at)
            try:
                got = one.pipe.recv()
            except (EOFError, OSError):
                try:
                    return msgspec.structs.replace(one.ending(), at=at)
                finally:
                    self.close()
            if isinstance(got, At):
                one.since, at = time.monotonic(), got.mark
            elif got == _READY:
                one.ready = True
            else:
                return self._settled(one, got, at)

    def _settled(self, one: _Worker[None], got: object, at: str | None) -> object:
        one.held.popleft()
        if not isinstance(got, Failure):
            return got
        if got.kind == "memory":
            self.close()  # what it could not free stays with it
        return msgspec.structs.replace(got, at=at)

    def kill(self) -> None:
        """End the worker from another thread: the one that waits for it gets a crash."""
        if (one := self._worker) is not None:
            one.process.kill()

    def close(self) -> None:
        """End the worker; the next item gets a fresh one."""
        if self._worker is not None:
            self._worker.stop()
        self._worker = None


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
        yield _replaced(crew, at, function, bounds, one.ending())
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
            pipe.send(_result(function, pipe.recv(), pipe))
    except (EOFError, OSError, _Alone):
        return


class _Alone(BaseException):
    """The parent has gone; no function may take this for an error of its own."""


def _result(function: Callable[[Any], Any], item: object, pipe: Connection) -> object:
    try:
        made = function(item)
        return _stepped(made, pipe) if isinstance(made, Generator) else made
    except Refused as error:
        return Failure("refused", str(error))
    except MemoryError:
        return Failure("memory", "needed more memory than one story may have")
    except Exception as error:  # a worker goes on whatever one item does to it
        return Failure("error", f"{type(error).__name__}: {error}".splitlines()[0])


def _stepped(parts: Generator[At, None, object], pipe: Connection) -> object:
    """Go through an item part by part, telling the parent which is in hand."""
    while True:
        try:
            at = next(parts)
        except StopIteration as end:
            return end.value
        try:
            pipe.send(at)
        except OSError as error:
            raise _Alone from error


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
