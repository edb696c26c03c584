"""The commands in the documents and what they print: run, compared, and written anew.

A transcript is a fenced block of kind ``console``: a line that begins with ``$`` is a command, run in the project's
folder, and what follows it is what it prints (a last line of ``…`` stands for the rest).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from benchmarks import corpus
from unsaid.findings import RULES as RULEBOOK

RULES = corpus.ROOT / "docs" / "rules"
DOCUMENTS = ("README.md", "docs/cli.md", "docs/reading.md", "docs/check.md")
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
REST = "…"


def documents() -> list[Path]:
    """The documents that may hold transcripts."""
    return [path for name in DOCUMENTS if (path := corpus.ROOT / name).is_file()]


def renewed(document: str) -> str:
    """The document with every transcript as it comes out now."""
    return _BLOCK.sub(lambda block: f"```console\n{_renew(block[1])}```", document)


def _renew(block: str) -> str:
    """Run a block's commands; a shown output that ended in "…" is cut to the length it was shown in."""
    pieces = re.split(r"^\$ (.+)\n", block, flags=re.M)[1:]
    shown = []
    for command, before in zip(pieces[::2], pieces[1::2], strict=True):
        output = printed(command).splitlines()
        kept = before.rstrip().splitlines()
        if kept and kept[-1] == REST:
            output = [*output[: len(kept) - 1], REST]
        gap = [""] if before.endswith("\n\n") else []
        shown.append("\n".join([f"$ {command}", *output, *gap]) + "\n")
    return "".join(shown)


def printed(command: str) -> str:
    """What a command prints on both streams, run with this interpreter's ``unsaid``."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=corpus.ROOT,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.stdout.decode("utf-8")


def rule_pages() -> dict[Path, str]:
    """The pages of the rules as the package has them, and their index."""
    rows = [f"| [{r.code}]({r.code}.md) | {r.name} | {r.severity} | {r.summary} |" for r in RULEBOOK.values()]
    head = [
        "# The rules",
        "",
        "`unsaid rule CODE` prints a rule's page. [check.md](../check.md) says how to choose rules and silence places.",
        "",
        "| rule | name | severity | what it finds |",
        "|---|---|---|---|",
    ]
    pages = {RULES / "README.md": "\n".join([*head, *rows, ""])}
    return pages | {RULES / f"{code}.md": one.page for code, one in RULEBOOK.items()}
