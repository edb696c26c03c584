"""What there is to read: files, the stories in folders, standard input."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from unsaid.formats.registry import WRITTEN

STANDARD_INPUT = "-"
ENDINGS = frozenset({".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".epub", ".docx"})
"""What a story's file name ends in (before ``.gz``, if it is packed); a folder is searched for these."""


class Input(msgspec.Struct, frozen=True):
    """Something to read.

    :ivar path: the file, or None for standard input.
    :ivar place: the path to give its output inside an output folder: its own name, or its path below the folder that
        was asked for.
    """

    path: Path | None
    place: Path

    @property
    def shown(self) -> str:
        """The input as a person asked for it; bytes of a file name that are no UTF-8 are shown as escapes."""
        return "standard input" if self.path is None else os.fsencode(self.path).decode("utf-8", "backslashreplace")


def gather(names: tuple[str, ...]) -> tuple[list[Input], list[str]]:
    """The inputs that names stand for, each once, in order; and a line for every folder that holds no story.

    Unsaid's own readings in a folder are none.
    """
    inputs: dict[Input, None] = {}
    complaints = []
    for name in names:
        if name == STANDARD_INPUT:
            inputs[Input(None, Path("stdin"))] = None
        elif os.path.isdir(name):
            below = _stories_in(Path(name))
            inputs.update(dict.fromkeys(below))
            if not below:
                complaints.append(f"{name}: no story in this folder (looked for {', '.join(sorted(ENDINGS))})")
        else:
            inputs[Input(Path(name), Path(Path(name).name))] = None
    return list(inputs), complaints


def _stories_in(folder: Path) -> list[Input]:
    """Every story below a folder, sorted; hidden files and what Unsaid itself wrote are left out."""
    found = []
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        paths = sorted(Path(root, name) for name in files)
        found += [Input(path, path.relative_to(folder)) for path in paths if is_story(path.name)]
    return found


def is_story(name: str) -> bool:
    """Whether a file may be a story, by its name (with its folders or without); what Unsaid has written is none."""
    last = name.replace("\\", "/").rpartition("/")[2].lower()
    known = Path(last.removesuffix(".gz")).suffix in ENDINGS
    return known and not last.endswith(WRITTEN) and not last.startswith(".")


def standard_input(most: int) -> bytes:
    """All of standard input, or one byte more than ``most`` where it is longer: enough to see that it is too long."""
    return sys.stdin.buffer.read(most + 1)
