"""A reader that serves stories for the length of a test."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

import httpx

from unsaid.draft import Draft
from unsaid.library import Library
from unsaid.web.serve import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from unsaid.story import Story
    from unsaid.web.library import Held

PATIENCE = 30.0  # seconds


class Served:
    """A running server: its address with the key and without, and the stories it serves."""

    def __init__(self, address: str, paths: Sequence[Path]) -> None:
        self.address, self.paths = address, paths
        self.base = address.partition("/?")[0]
        self.key = address.partition("token=")[2]
        self.cookie = f"unsaid-{self.base.rpartition(':')[2]}"

    def client(self) -> httpx.Client:
        """A client that holds the key."""
        return httpx.Client(base_url=self.base, cookies={self.cookie: self.key}, timeout=PATIENCE)

    def async_client(self) -> httpx.AsyncClient:
        """The same, for many requests at once."""
        limits = httpx.Limits(max_connections=100)
        return httpx.AsyncClient(base_url=self.base, cookies={self.cookie: self.key}, timeout=PATIENCE, limits=limits)

    def story(self, number: int) -> Story:
        """A story as it reads now, read apart from the server."""
        return Draft.open(self.paths[number]).story

    def wait(self) -> None:
        """Wait until every story is read."""
        deadline = time.monotonic() + PATIENCE
        with self.client() as client:
            for n in range(len(self.paths)):
                while client.get(f"/w/{n}/state").json()["state"] in ("waiting", "reading"):
                    assert time.monotonic() < deadline, "the story is not read"
                    time.sleep(0.02)


@contextlib.contextmanager
def served(paths: Sequence[Path], *, ready: bool = True, library: Held | None = None) -> Iterator[Served]:
    """Serve stories, by default once they are read; or a library."""
    server, bound, address = prepared(paths, library=library)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + PATIENCE
    while not server.started:
        assert time.monotonic() < deadline, "the server does not start"
        time.sleep(0.01)
    running = Served(address, paths)
    try:
        if ready:
            running.wait()
        yield running
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        bound.close()


TALE = """Title: {title}
Author: {author}
Fandom: {fandom}
Rating: {rating}

"{line}" said {who}. The harbour lay under ice, and no boat had come since Sunday.

"I will wait," said Ottilie.
"""
TALES = (
    ("The Ice Road", "wren", "Harbour Lights", "Teen And Up", "Come home,", "Bram"),
    ("An Empty Quay", "wren", "Harbour Lights", "Mature", "Leave it,", "Bram"),
    ("Zinc <b>&amp; Salt</b>", "Ólafur", "Tin Soldiers", "Teen And Up", "Come home,", "Karel"),
)


def _lengthened(text: str, words: int) -> str:
    return text + "\n" + "\n\n".join(f"Snow fell on the {n} roof of the town." for n in range(words // 9)) + "\n"


def shelved(folder: Path) -> Path:
    """A folder with three stories, and a library of them."""
    (folder / "stories").mkdir()
    for number, (title, author, fandom, rating, line, who) in enumerate(TALES):
        text = TALE.format(title=title, author=author, fandom=fandom, rating=rating, line=line, who=who)
        path = folder / "stories" / f"{number}.txt"
        path.write_text(_lengthened(text, (number + 1) * 700), encoding="utf-8")
    with Library.open(folder / "kept.duckdb", write=True) as library:
        assert library.add(folder / "stories").new == len(TALES)
    return folder
