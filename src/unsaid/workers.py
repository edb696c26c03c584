"""Processes that each work on one item at a time, under a limit of time and of memory.

A worker that dies, hangs or grows too large costs its own item and nothing else: the item comes back as a
:class:`Failure` with its reason, and a fresh process takes the worker's place.
"""

from __future__ import annotations

import contextlib
import inspect
import multiprocessing
import os
import queue
import signal
import sys
import threading
import time
import types
from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import msgspec

from unsaid.errors import NoWorkers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

K = TypeVar("K")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

MEGABYTE = 1_000_000
AHEAD = 8
"""Results of each worker that may wait until they are asked for; then it waits, too."""


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


class Worker(Protocol[R_co]):
    """What works on one item at a time, in a process of its own."""

    def run(self, item: Any, /) -> R_co:
        """What comes of an item."""

    def stop(self) -> None:
        """Have :meth:`run` return at once; for another thread than the one that waits for it."""

    def close(self) -> None:
        """End the process."""


class Keeper:
    """One process at a time: hand it an item and wait. A fresh one takes its place where it ends.

    The function may be a generator: it yields an :class:`At` before each part of an item, and returns the result.
    """

    def __init__(
        self,
        function: Callable[[Any], Any],
        bounds: Bounds | None = None,
        *,
        loads: str | None = None,
        main: bool = True,
    ) -> None:
        """Work with a function that is importable by name, and so is what it takes and returns; it raises
        :class:`Refused` for an item that is at fault.

        :param loads: the module that is loaded before the first process begins; None for the function's own.
        :param main: whether the process may need what this program's main module defines.
        """
        self._bounds = bounds or Bounds()
        self._start = partial(_Process, function, self._bounds, loads=loads or function.__module__, main=main)
        self._in_parts = inspect.isgeneratorfunction(function)
        self._process: _Process | None = None

    def run(self, item: object) -> Any | Failure:
        """What the function makes of an item, or why it makes nothing of it.

        :raises NoWorkers: if a process ends by itself before it begins.
        """
        one = self._process = self._process or self._start()
        one.hand(item)
        at = None
        while True:
            bounded = at is not None or (one.ready and not self._in_parts)
            left = max(0.0, self._bounds.seconds - (time.monotonic() - one.since)) if bounded else None
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
            one.since = time.monotonic()
            if isinstance(got, At):
                at = got.mark
            elif got == _READY:
                one.ready = True
            else:
                return self._settled(got, at)

    def _settled(self, got: object, at: str | None) -> object:
        if not isinstance(got, Failure):
            return got
        if got.kind == "memory":
            self.close()  # what it could not free stays with it
        return msgspec.structs.replace(got, at=at)

    def stop(self) -> None:
        """End the process from another thread: the one that waits for it gets a crash."""
        if (one := self._process) is not None:
            one.process.kill()

    def close(self) -> None:
        """End the process; the next item gets a fresh one."""
        if self._process is not None:
            self._process.stop()
        self._process = None


class _Process:
    """A process and its pipe.

    :ivar since: when it was last handed or has last said something.
    """

    def __init__(self, function: Callable[[Any], Any], bounds: Bounds, *, loads: str, main: bool) -> None:
        self.pipe: Connection
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = _process(_serve, (theirs, function, bounds), loads=loads)
        with contextlib.nullcontext() if main else _no_main():
            self.process.start()
        theirs.close()
        self.since = time.monotonic()
        self.ready = False

    def hand(self, item: object) -> None:
        """Give it an item."""
        self.since = time.monotonic()
        with contextlib.suppress(OSError):  # one that died meanwhile is found by its closed pipe
            self.pipe.send(item)

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


def spread(items: Iterable[tuple[K, Any]], workers: Sequence[Worker[R]]) -> Generator[tuple[K, R], None, None]:
    """Each item's key with what came of it, in the order of arrival; each worker has a thread that waits for it.

    :param items: taken only as fast as they are worked on and results are asked for: memory does not grow with them.
    :raises Exception: what taking an item, or working on it, has raised.
    """
    source, turn, over = iter(items), threading.Lock(), threading.Event()
    arrived: queue.Queue[tuple[K, R] | Exception | None] = queue.Queue(AHEAD * len(workers))

    def serve(worker: Worker[R]) -> None:
        try:
            while not over.is_set():
                with turn:
                    key, item = next(source)
                arrived.put((key, worker.run(item)))
        except StopIteration:
            arrived.put(None)
        except Exception as error:  # it is raised where the results are asked for
            arrived.put(error)

    threads = [threading.Thread(target=serve, args=(worker,), daemon=True) for worker in workers]
    try:
        for thread in threads:
            thread.start()
        left = len(threads)
        while left:
            got = arrived.get()
            if isinstance(got, Exception):
                raise got
            if got is None:
                left -= 1
            else:
                yield got
    finally:
        over.set()
        for worker, thread in zip(workers, threads, strict=True):
            while thread.is_alive():
                worker.stop()
                with contextlib.suppress(queue.Empty):  # it may wait for room there
                    arrived.get_nowait()
                thread.join(timeout=0.1)
            worker.close()


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


@contextlib.contextmanager
def _no_main() -> Generator[None, None, None]:
    """Hide the main module from ``multiprocessing``, which has every process import it and knows no option for that."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


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
    held = memory()
    most = (held.data if held else 0) + megabytes * MEGABYTE
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (most, resource.RLIM_INFINITY))


class Memory(NamedTuple):
    """Bytes that this process holds: in all that lies in the machine's memory, and of data that it has asked for."""

    resident: int
    data: int


def memory() -> Memory | None:
    """What this process holds now; None where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = [int(number) * os.sysconf("SC_PAGE_SIZE") for number in file.read().split()]
    except OSError:
        return None
    return Memory(pages[1], pages[5])
