"""The library in the browser: works listed, narrowed and searched, and opened where a hit is."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from unsaid.errors import LibraryError, QueryError
from unsaid.report import page as pages
from unsaid.web.catalogue import SORTS, Asked, Row, asked_of, listed, title_of
from unsaid.web.desk import Desk
from unsaid.web.shelf import Kept, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request

    from unsaid.library import Hit, Library
    from unsaid.library import Work as Entry
    from unsaid.story import Story

REST = 2.0
"""Seconds after which a library that nobody asks is closed, so that another process may write to it."""
LONGEST = 500
"""Characters of a query."""
EXAMPLES = (
    '"come home"',
    "departure:no-farewell",
    "confession:unreturned",
    "narrator:first words:<5k",
    'unsaid:"i love you"',
)
"""Queries that the page offers to somebody who has not asked yet."""


class Held:
    """A library that is opened when it is asked, and closed when nobody has asked for a while."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._library: Library | None = None
        self._rest: threading.Timer | None = None
        self._entries: tuple[tuple[int, int], tuple[Entry, ...]] | None = None

    @contextlib.contextmanager
    def open(self) -> Iterator[Library]:
        """The library, for one at a time.

        :raises LibraryError: if there is none, or another process writes to it.
        """
        from unsaid.library import Library  # noqa: PLC0415 - DuckDB is loaded when a library is opened

        with self._lock:
            if self._rest is not None:
                self._rest.cancel()
            if self._library is None:
                self._library = Library.open(self.path)
            try:
                yield self._library
            finally:
                self._rest = threading.Timer(REST, self.close)
                self._rest.daemon = True
                self._rest.start()

    def close(self) -> None:
        """Give the file free; the next who asks opens it again."""
        with self._lock:
            if self._library is not None:
                self._library.close()
                self._library = None

    def entries(self) -> tuple[Entry, ...]:
        """Every work; looked up anew when the library's file has changed.

        :raises LibraryError: if it cannot be opened.
        """
        with self._lock:
            try:
                seen = self.path.stat()
            except OSError as error:
                raise LibraryError(str(self.path), error.strerror or str(error)) from error
            stamp = (seen.st_mtime_ns, seen.st_size)
            if self._entries is None or self._entries[0] != stamp:
                with self.open() as library:
                    self._entries = (stamp, library.works())
            return self._entries[1]


class Shelves:
    """The pages of a library; a work that is opened becomes one of the reader's."""

    def __init__(self, held: Held, works: dict[int, Work]) -> None:
        """Serve a library.

        :param works: the reader's open works by number, to which those of the library are added under theirs.
        """
        self._held, self._works = held, works
        self._desk = Desk()
        self._lock = threading.Lock()

    def routes(self) -> list[Route]:
        """Every address of the library."""
        return [
            Route("/", self._page("web/library.html")),
            Route("/library/found", self._page("web/found.html")),
            Route("/library/{work:int}", self.open),
            Route("/library/{work:int}/at/{offset:int}", self.open),
        ]

    def _page(self, name: str) -> Callable[..., object]:
        async def page(request: Request) -> Response:
            asked = asked_of(request.query_params)
            return await run_in_threadpool(self._shown, name, asked)

        return page

    def _shown(self, name: str, asked: Asked) -> Response:
        """The page, or only the part that changes with the query."""
        shown: dict[str, object] = {"listed": None, "rows": (), "wrong": None, "near": (), "works": 0}
        try:
            entries = self._held.entries()
            shown["works"] = len(entries)
            shown |= self._found(entries, asked)
        except QueryError as error:
            shown |= {"wrong": error.why, "near": [(said, asked.address(query=_mended(error))) for said in error.near]}
        except LibraryError as error:
            shown["wrong"] = str(error)
        sorts = {"": "best match"} | {key: said for key, (said, _) in SORTS.items()}
        page = pages.template(name).render(asked=asked, sorts=sorts, examples=EXAMPLES, title="Library", **shown)
        return HTMLResponse(page)

    def _found(self, entries: tuple[Entry, ...], asked: Asked) -> dict[str, object]:
        if not asked.query:
            found = listed(entries, asked, None)
            return {"listed": found, "rows": [Row(work, title_of(work), None) for work in found.works]}
        with self._held.open() as library:
            matches = library.matches(asked.query[:LONGEST])
            found = listed(entries, asked, matches.scores)
            hits: dict[int, Hit] = {hit.work: hit for hit in matches.hits([work.work for work in found.works])}
            near = () if matches.scores else matches.near()
        rows = [Row(work, title_of(work), hits.get(work.work)) for work in found.works]
        return {"listed": found, "rows": rows, "near": [(word, asked.address(query=word)) for word in near]}

    async def open(self, request: Request) -> Response:
        """A work in the reader, where a hit is if one is named."""
        number, offset = request.path_params["work"], request.path_params.get("offset")
        try:
            await run_in_threadpool(self._take, number)
        except LibraryError as error:
            return Response(f"{error}\n", 404)
        return RedirectResponse(f"/w/{number}/" if offset is None else f"/w/{number}/at/{offset}", 303)

    def _take(self, number: int) -> None:
        """Make a work one of the reader's: at once as the library has it, and then as its file reads now.

        :raises LibraryError: if there is no such work.
        """
        with self._lock:
            if number in self._works:
                return
            with self._held.open() as library:
                files = library.files(number)
            there = [Path(file.path) for file in files if Path(file.path).is_file()]
            if there:
                work = Work(there[0], number, self._desk)
                work.show(self._story(number))
            else:
                work = Kept(Path(files[0].path if files else "story"), number, self._desk, lambda: self._story(number))
                work.begin()
            self._works[number] = work

    def _story(self, number: int) -> Story:
        with self._held.open() as library:
            return library.story(number)


def _mended(error: QueryError) -> str:
    """The query with what was meant in the place of what made no sense."""
    begun, meant = error.query[error.at :], error.near[0]
    wrong = begun.split(maxsplit=1)[0]
    until = wrong.index(":") + 1 if meant.endswith(":") and ":" in wrong else len(wrong)
    return f"{error.query[: error.at]}{meant}{begun[until:]}"
