"""The pages and what they ask for. A story is hostile input and so is every other program on the machine.

Whoever asks must hold the token of this run (a cookie, set by the address that was printed), name this server as the
host, and come from its own pages; the pages load nothing but this server's two files, and run no script of a story.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from unsaid.errors import CannotWrite, NotReady, UnsaidError
from unsaid.formats.lines import to_see
from unsaid.report import page as pages
from unsaid.report.people import COLOURS
from unsaid.report.text import blocks
from unsaid.web import forms, steps
from unsaid.web.acts import made

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from unsaid.story import Story
    from unsaid.web.library import Held, Shelves
    from unsaid.web.shelf import View, Work

MOST_SENT = 64 * 1024
"""Bytes that a correction may hold."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""No script and no style but the server's two files; a page with plots has one sheet besides, by a nonce."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # without it a form would come from nowhere, and be refused
    "Cache-Control": "no-store",
}
MOST_HITS = 200
MOST_WORDS = 200
"""Characters that are searched for."""
_BEFORE, _BEHIND = 60, 90
"""Characters that are shown around words that were found."""
_SPACE = re.compile(r"\s+")
_STATIC = {"reader.css": "text/css", "reader.js": "text/javascript"}
_STYLE = re.compile(r' style="([^"]*)"')
_SHEET = re.compile(r"<style[^>]*>[^<]*</style>")
_PASSAGE = re.compile(r'href="#o(\d+)"')


class Guard:
    """Lets in who holds the token, names this host and comes from its own pages; nobody else learns anything."""

    def __init__(self, app: ASGIApp, *, token: str, hosts: frozenset[str], cookie: str) -> None:
        self._app, self._token, self._hosts, self._cookie = app, token, hosts, cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused is not None:
            await refused(scope, receive, send)
            return

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                ours = ((k.lower().encode(), v.encode()) for k, v in HEADERS.items())
                message["headers"] += [(name, value) for name, value in ours if name not in given]
            await send(message)

        await self._app(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        request = Request(scope)
        if request.headers.get("host", "") not in self._hosts:
            return Response("This address is not the reader's.\n", 421)
        origin = request.headers.get("origin")
        if origin is not None and origin.removeprefix("http://") not in self._hosts:
            return Response("Other pages may not ask the reader.\n", 403)
        if request.method not in {"GET", "HEAD"} and origin is None:
            return Response("Other programs may not change a story.\n", 403)
        length = request.headers.get("content-length", "")
        if request.method not in {"GET", "HEAD"} and not (length.isdecimal() and int(length) <= MOST_SENT):
            return Response(f"A correction holds {MOST_SENT} bytes at most.\n", 413)
        if self._is_token(request.query_params.get("token")):
            entered = RedirectResponse(request.url.path, 303)
            entered.set_cookie(self._cookie, self._token, httponly=True, samesite="strict", path="/")
            return entered
        if not self._is_token(request.cookies.get(self._cookie)):
            return Response("Open the address that `unsaid open` printed: it holds the key to this page.\n", 403)
        return None

    def _is_token(self, said: str | None) -> bool:
        return said is not None and secrets.compare_digest(said.encode(), self._token.encode())


class Reader:
    """The pages of the works that are open."""

    def __init__(self, works: Sequence[Work], library: Held | None = None) -> None:
        """Serve works.

        :param library: serve it too; its works join the others when they are opened.
        """
        self._works = dict(enumerate(works))
        self._shelves = _shelves(library, self._works) if library is not None else None

    def routes(self) -> list[Route]:
        """Every address of the reader."""
        at = "/w/{work:int}"
        return [
            *(self._shelves.routes() if self._shelves else [Route("/", self.shelf)]),
            Route("/static/{name}", self.static),
            Route(f"{at}/", self.first),
            Route(f"{at}/about", self.about),
            Route(f"{at}/people", self.people, methods=["GET", "POST"]),
            Route(f"{at}/findings", self.findings, methods=["GET", "POST"]),
            Route(f"{at}/state", self.state),
            Route(f"{at}/search", self.search),
            Route(f"{at}/at/{{offset:int}}", self.at),
            Route(f"{at}/next/{{what}}", self.next),
            Route(f"{at}/{{page:int}}", self.page),
            Route(f"{at}/{{page:int}}/change", self.change, methods=["POST"]),
        ]

    async def shelf(self, request: Request) -> Response:
        """The works that are open; the one, where there is but one."""
        if len(self._works) == 1:
            return RedirectResponse("/w/0/", 303)
        return _html("shelf.html", works=self._works.values(), title="Unsaid")

    async def static(self, request: Request) -> Response:
        """The reader's style sheet and script."""
        name = request.path_params["name"]
        if name not in _STATIC:
            return Response("There is no such file.\n", 404)
        text = pages.file(f"web/{name}")
        return Response((pages.file("report.css") + text) if name == "reader.css" else text, media_type=_STATIC[name])

    async def first(self, request: Request) -> Response:
        """The first page, or how far the reading is."""
        work = self._work(request)
        if work is None:
            return _gone()
        await run_in_threadpool(work.begin)
        if work.state == "ready":
            return RedirectResponse(f"/w/{work.number}/0", 303)
        return _html("wait.html", work=work, title=work.title)

    async def state(self, request: Request) -> Response:
        """How far the reading is, for the page that waits."""
        work = self._work(request)
        if work is None:
            return _gone()
        version = await run_in_threadpool(lambda: work.version)
        told = {"state": work.state, "progress": work.progress, "doing": work.doing, "why": work.why}
        return JSONResponse({**told, "version": version})

    async def page(self, request: Request) -> Response:
        """A page of the text."""
        at = _number(request.query_params.get("at"))
        return await self._shown(request, lambda work: self._page(work, request.path_params["page"], at))

    async def about(self, request: Request) -> Response:
        """The cast, the plots, the ledger and the findings."""
        return await self._shown(request, _about)

    async def people(self, request: Request) -> Response:
        """Forms to set people right, and every correction."""
        return await self._formed(request, forms.people_page)

    async def findings(self, request: Request) -> Response:
        """What does not hold together, and a form for what is meant so."""
        return await self._formed(request, forms.findings_page)

    async def search(self, request: Request) -> Response:
        """Lines and paragraphs that hold some words."""
        words = request.query_params.get("q", "").strip()[:MOST_WORDS]
        return await self._shown(request, lambda work: _search(work, words))

    async def at(self, request: Request) -> Response:
        """To the page that holds a passage."""
        offset = request.path_params["offset"]

        def there(work: Work) -> Response:
            page = work.look().page_at(offset)
            return RedirectResponse(f"/w/{work.number}/{page}?at={offset}#o{offset}", 303)

        return await self._shown(request, there)

    async def next(self, request: Request) -> Response:
        """To the next line, the next that is not sure, the next finding, or the line that is best asked about."""
        what, asked = request.path_params["what"], request.query_params
        origin = _number(asked.get("from"))

        def there(work: Work) -> Response:
            found = steps.goal(work, what, origin, asked) if what in steps.WHAT else None
            view = work.look()
            if found is None:
                shown = _number(asked.get("page"))
                page = shown if 0 <= shown < len(view.pages) else view.page_at(origin)
                return RedirectResponse(f"/w/{work.number}/{page}?at={max(0, origin)}&none={what}", 303)
            at, mark = found
            return RedirectResponse(f"/w/{work.number}/{view.page_at(at)}?at={at}#{mark}", 303)

        return await self._shown(request, there)

    async def change(self, request: Request) -> Response:
        """A correction, undo or redo; the answer is the page's text as it reads then."""
        asked = _asked(await request.body())
        number = request.path_params["page"]

        def changed(work: Work) -> Response:
            before = work.look()
            view = _change(work, asked)
            others = _others(before.story, view.story, asked.get("line", ""))
            undo, redo = work.can()
            shown = {
                "html": str(_text(work, view, number)),
                "people": forms.people(view),
                "others": others,
                "undo": undo,
                "redo": redo,
                "version": view.version,
            }
            work.weigh()
            return JSONResponse(shown)

        return await self._shown(request, changed, script=True)

    async def _formed(self, request: Request, page: Callable[[Work, str], str]) -> Response:
        """A page with forms, or what one of its forms asks for."""
        if request.method != "POST":
            return await self._shown(request, lambda work: HTMLResponse(page(work, "")))
        asked = _asked(await request.body())
        return await self._shown(request, lambda work: forms.sent(work, page, _change, asked, request.url.path))

    def _work(self, request: Request) -> Work | None:
        return self._works.get(request.path_params["work"])

    async def _shown(self, request: Request, show: Callable[[Work], Response], *, script: bool = False) -> Response:
        """What ``show`` makes of the work, in a thread: the server goes on meanwhile."""
        work = self._work(request)
        if work is None:
            return _gone()
        try:
            with work.serving():
                return await run_in_threadpool(show, work)
        except NotReady:
            return (
                JSONResponse({"why": str(work.why or "it is being read")}, 409)
                if script
                else RedirectResponse(f"/w/{work.number}/", 303)
            )
        except (UnsaidError, KeyError, TypeError, ValueError) as error:
            status = 507 if isinstance(error, CannotWrite) else 400
            return JSONResponse({"why": str(error)}, status) if script else Response(f"{error}\n", status)

    def _page(self, work: Work, number: int, at: int) -> Response:
        view = work.look()
        if number >= len(view.pages):
            return RedirectResponse(f"/w/{work.number}/{len(view.pages) - 1}", 303)
        undo, redo = work.can()
        shown = _html(
            "page.html",
            work=work,
            several=len(self._works) > 1 or self._shelves is not None,
            title=work.title,
            number=number,
            page=view.pages[number],
            pages=view.pages,
            text=_text(work, view, number, at),
            people=forms.people(view),
            legend=[view.faces.chip(who) for who in view.faces.order[:COLOURS]],
            undo=undo,
            redo=redo,
            version=view.version,
        )
        work.weigh()
        return shown


def _shelves(library: Held, works: dict[int, Work]) -> Shelves:
    from unsaid.web.library import Shelves  # noqa: PLC0415 - it needs what libraries need, and stories alone do not

    return Shelves(library, works)


def _text(work: Work, view: View, number: int, at: int = -1) -> Markup:
    """A page's text, with the findings of its passages beside it, and an anchor at the offset that was asked for."""
    page = view.pages[min(number, len(view.pages) - 1)]
    story = view.story
    notes = {f.spans[0].start: f"{f.rule} {f.message}" for f in to_see(view.whole)}
    linked = {f.start for f in view.whole.entries} | {s.start for s in story.scenes} | {w.start for w in story.writings}
    shown = blocks(
        story, view.faces, linked | {at}, paragraphs=view.paragraphs, within=(page.start, page.end), notes=notes
    )
    return Markup(pages.template("blocks.html").render(blocks=list(shown)))


def _about(work: Work) -> Response:
    view = work.whole()
    shown = pages.sections(view.story, view.faces)
    html = pages.template("sections.html").render(**shown)
    moved = _PASSAGE.sub(rf'href="/w/{work.number}/at/\1"', html)
    bare, sheet = _without_styles(moved)
    nonce = secrets.token_urlsafe(12)
    page = _html(
        "about.html",
        work=work,
        title=work.title,
        counts=shown["counts"],
        sections=Markup(bare),
        sheet=Markup(sheet),
        nonce=nonce,
    )
    page.headers["Content-Security-Policy"] = POLICY.replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
    return page


def _without_styles(html: str) -> tuple[str, str]:
    """Sections whose style attributes (of plots and bars: what a story says is escaped) have become one style sheet."""
    rules: dict[str, int] = {}

    def named(found: re.Match[str]) -> str:
        return f' data-style="{rules.setdefault(found[1], len(rules))}"'

    bare = _STYLE.sub(named, _SHEET.sub("", html))
    return bare, "\n".join(f'[data-style="{number}"]{{{rule}}}' for rule, number in rules.items())


def _search(work: Work, words: str) -> Response:
    """Paragraphs that hold the words, whatever their case."""
    view = work.look()
    hits = []
    if words:
        pattern = r"\s+".join(map(re.escape, words.split()))  # a line may end between two words
        for found in re.finditer(pattern, view.story.text, re.IGNORECASE):
            hits.append((found.start(), *_around(view.story.text, *found.span())))
            if len(hits) == MOST_HITS:
                break
    return _html("search.html", work=work, title=work.title, words=words, hits=hits, most=MOST_HITS)


def _around(text: str, start: int, end: int) -> tuple[str, str, str]:
    """What stands before a passage, it, and what stands behind, each on one line, cut between words."""
    low, high = max(0, start - _BEFORE), min(len(text), end + _BEHIND)
    before = text[low:start] if low == 0 else "… " + text[low:start].partition(" ")[2]
    behind = text[end:high] if high == len(text) else text[end:high].rpartition(" ")[0] + " …"
    return _SPACE.sub(" ", before), _SPACE.sub(" ", text[start:end]), _SPACE.sub(" ", behind)


def _asked(body: bytes) -> dict[str, str]:
    """What a page sends: fields of words, as JSON of the script or as a form; nothing where it is neither."""
    with contextlib.suppress(msgspec.MsgspecError):
        return msgspec.json.decode(body, type=dict[str, str])
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _others(before: Story, after: Story, line: str) -> int:
    """How many lines besides the one that was corrected read otherwise than before."""
    old, new = ({(u.start, u.end, u.kind, u.speaker) for u in s.utterances} for s in (before, after))
    corrected = {(u.start, u.end) for u in before.utterances if line in (u.id, f"{u.start}-{u.end}")}
    return len({(start, end) for start, end, _, _ in old ^ new} - corrected)


def _change(work: Work, asked: Mapping[str, str]) -> View:
    """Carry out what a page asks for.

    :raises UnsaidError: if it cannot be, or makes no sense.
    """
    do = asked.get("do", "")
    if do == "undo":
        return work.undo(asked.get("which"))
    if do == "redo":
        return work.redo()
    if do == "meant":
        work.whole()  # the finding must be there to be meant
    return work.correct(lambda story: made(story, asked))


def _html(name: str, **held: object) -> Response:
    return HTMLResponse(pages.template(f"web/{name}").render(**held))


def _gone() -> Response:
    return Response("No story is open under this number.\n", 404)


def _number(said: str | None) -> int:
    return int(said) if said and said.isdigit() and len(said) < 12 else -1


def app(
    works: Sequence[Work], *, token: str, hosts: frozenset[str], cookie: str, library: Held | None = None
) -> ASGIApp:
    """The reader as an ASGI application.

    :param token: what whoever asks must hold.
    :param hosts: the names (with port) under which it may be asked.
    :param cookie: the cookie that holds the token. Cookies know no ports: two readers must not take each other's.
    """
    return Guard(Starlette(routes=Reader(works, library).routes()), token=token, hosts=hosts, cookie=cookie)


__all__ = ["Guard", "Reader", "app"]
