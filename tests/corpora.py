"""What the tests of corpora share: stories made by number, and what an output holds."""

from __future__ import annotations

import contextlib
import hashlib
import random
import subprocess
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PEOPLE = ("Cora", "Dellow", "Hester", "Wick", "Pim", "Odile", "Bram", "Ines", "Tobin", "Marl")


def tale(number: int) -> str:
    """A short story of two people, unlike all others."""
    drawn = random.Random(number)
    one, other = drawn.sample(PEOPLE, 2)
    turns = "".join(
        f'"I counted {drawn.randrange(999)} boats today," said {one}.\n\n'
        f'"You promised to stay until the {drawn.randrange(2, 30)}th," {other} said. "Will you?"\n\n'
        for _ in range(drawn.randrange(3, 9))
    )
    return f"{one} and {other}, {number}\n\n{turns}{one} left without a word.\n"


def write_tales(folder: Path, numbers: range) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (folder / f"{number:03}.txt").write_text(tale(number), encoding="utf-8")
    return folder


def state(out: Path) -> dict[str, str]:
    """The digest of every file of an output, leaving out what a run needs only to go on."""
    files = [path for path in out.rglob("*") if path.is_file() and ".unsaid" not in path.relative_to(out).parts]
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def documents(out: Path) -> dict[str, tuple[str, str | None]]:
    rows = pq.read_table(out / "documents.parquet").to_pylist()
    return {row["document"]: (row["status"], row["why"]) for row in rows}


def stories(out: Path) -> list[str]:
    return sorted(pq.read_table(out / "stories")["story"].to_pylist())


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of so many bytes ("300k"); only root can make one."""
    disk = folder / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(disk)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def enlarge(disk: Path) -> None:
    """Make room on a small disk."""
    subprocess.run(["mount", "-o", "remount,size=90m", disk], check=True)
