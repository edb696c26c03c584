"""`unsaid open`: the server on this machine, and the browser that is sent to it."""

from __future__ import annotations

import secrets
import socket
import webbrowser
from typing import TYPE_CHECKING

from unsaid.web.app import app
from unsaid.web.desk import Desk
from unsaid.web.shelf import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import uvicorn

    from unsaid.web.library import Held

HOST = "127.0.0.1"


def prepared(
    paths: Sequence[Path], *, port: int = 0, library: Held | None = None
) -> tuple[uvicorn.Server, socket.socket, str]:
    """A server that is bound and not yet running, its socket, and the address with the key to it.

    :param port: 0 for any that is free.
    :param library: a library to serve; whoever opened it closes it.
    :raises OSError: if the port is taken.
    """
    import uvicorn  # noqa: PLC0415 - only where something is served

    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((HOST, port))
    taken = bound.getsockname()[1]
    token = secrets.token_urlsafe(24)
    hosts = frozenset((f"{HOST}:{taken}", f"localhost:{taken}"))
    desk = Desk()
    works = [Work(path, n, desk) for n, path in enumerate(paths)]
    for first in works[:1]:
        first.begin()  # of a folder, the others are read when somebody asks for them
    config = uvicorn.Config(
        app(works, token=token, hosts=hosts, cookie=f"unsaid-{taken}", library=library),
        log_level="warning",
        access_log=False,
        lifespan="off",
    )
    return uvicorn.Server(config), bound, f"http://{HOST}:{taken}/?token={token}"


def serve(
    paths: Sequence[Path],
    *,
    port: int = 0,
    browse: bool = True,
    say: Callable[[str], None] = print,
    library: Path | None = None,
) -> None:
    """Open stories, or a library, in the browser, until interrupted.

    :param library: the file of a library.
    :param say: is given the address.
    :raises OSError: if the port is taken.
    """
    held = _held(library) if library is not None else None
    server, bound, address = prepared(paths, port=port, library=held)
    say(address)
    if browse:
        webbrowser.open(address)
    try:
        server.run(sockets=[bound])
    finally:
        if held is not None:
            held.close()


def _held(library: Path) -> Held:
    from unsaid.web.library import Held  # noqa: PLC0415 - it needs what libraries need, and stories alone do not

    return Held(library)
