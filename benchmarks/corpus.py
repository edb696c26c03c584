"""Where the measuring material lies: the shared folder beside the project, its scorers, the split by whole books."""

from __future__ import annotations

import importlib.util
import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"

CLEAN = frozenset({"DaisyMiller", "Emma", "TheInvisibleMan", "WhereAngelsFearToTread"})
"""Novels that nobody looks at while rules are written: their figures say how the rules do on a book they never saw."""
APART = CLEAN | {"TheGambler"}
"""Novels that nothing is trained or scaled on. The Gambler was as clean as the others until it was opened to find why a
hundred of its lines went to a wrong name; figures without it stand beside those with it."""


class BenchmarkError(Exception):
    """A measurement that cannot be made, or that must not pass: one line that says why."""


class NoCorpusError(BenchmarkError):
    """The measuring material is not where it was looked for."""


def shared() -> Path:
    """The folder with ``data/``, ``stories/`` and ``tools/``: ``$UNSAID_SHARED``, or ``../shared`` beside the project.

    :raises NoCorpusError: if there is no such folder.
    """
    folder = Path(os.environ.get("UNSAID_SHARED", ROOT.parent / "shared"))
    if not (folder / "data" / "pdnc").is_dir():
        raise NoCorpusError(f"no data/pdnc in {folder}; say where it is with --shared or UNSAID_SHARED")
    return folder


@cache
def scorer(name: str) -> ModuleType:
    """A scorer of the shared folder (``pdnc_score``, ``story_score``): one rule for every system that is compared.

    :raises NoCorpusError: if the shared folder has none of that name.
    """
    path = shared() / "tools" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise NoCorpusError(f"no scorer at {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def novels() -> list[str]:
    """The names of the PDNC novels at hand, sorted."""
    return sorted(p.parent.name for p in (shared() / "data" / "pdnc").glob("*/quotation_info.csv"))


def developed() -> list[str]:
    """The novels that may be looked at while rules are written."""
    return [book for book in novels() if book not in CLEAN]


def folder_of(book: str) -> Path:
    """The folder of a novel.

    :raises NoCorpusError: if there is no novel of that name; says which there are.
    """
    folder = shared() / "data" / "pdnc" / book
    if not (folder / "quotation_info.csv").is_file():
        raise NoCorpusError(f"no novel is called {book!r}; there are {', '.join(novels())}")
    return folder


def novel_text(book: str) -> str:
    """A novel's text exactly as its gold offsets count it (line ends untouched)."""
    return (folder_of(book) / "novel_text.txt").read_bytes().decode("utf-8")


def attributed(quotes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The gold quotations that count, as the scorer has it: those with a place and a speaker who can be known."""
    return [q for q in quotes if q["spans"] and q["speaker"] not in ("", "_unknowable")]


def booknlp(book: str) -> dict[str, Any] | None:
    """BookNLP's published output for a novel, in the scorer's form, or None where it was not run."""
    path = shared() / "data" / "booknlp-on-pdnc" / f"{book}.json"
    return json.loads(path.read_bytes()) if path.is_file() else None
