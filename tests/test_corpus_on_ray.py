"""Corpora on a real Ray cluster of two nodes: whatever is killed, the output is the one of an undisturbed local run."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.corpora import documents, enlarge, small_disk, state, write_tales
from tests.poison import CRASHES, HANGS
from unsaid.corpus import Options, run

pytest.importorskip("ray")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Ran

SMALL = 6_000
"""Bytes of a chunk in these tests: some thirty chunks."""
OPTIONS = Options(workers=2, chunk=SMALL)
PATIENCE = 240
"""Seconds until a test that waits for the cluster gives up."""
DRIVER = """
import sys
from unsaid.corpus import Options, run
if __name__ == "__main__":
    run([sys.argv[1]], sys.argv[2], Options(engine="ray", address=sys.argv[3], chunk=int(sys.argv[4])))
"""


class Nodes:
    """The cluster's two nodes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.address = self._answer()

    def tell(self, what: str) -> None:
        """Do something to the second node, and wait until it is done."""
        assert self._process.stdin is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        assert self._answer() == what

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, "the cluster has ended"
        return line


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    command = [sys.executable, "-m", "tests.ray_cluster"]
    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal"}
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
        start_new_session=True,
    )  # fmt: skip
    with process:
        yield Nodes(process)
        assert process.stdin is not None
        process.stdin.write("quit\n")
        process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=60)
        process.kill()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two hundred stories, one of them no story, read by the local engine."""
    folder = tmp_path_factory.mktemp("corpus")
    tales = write_tales(folder / "tales", range(200))
    (tales / "page.html").write_bytes(b"\x00\x01\x02" * 999)
    run([tales], folder / "out", OPTIONS)
    return tales, folder / "out"


def driver(tales: Path, out: Path, nodes: Nodes) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", DRIVER, str(tales), str(out), nodes.address, str(SMALL)]
    return subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)


def until(out: Path, chunks: int, running: subprocess.Popen[bytes]) -> None:
    """Wait until so many chunks are done."""
    ends = time.monotonic() + PATIENCE
    while len(list((out / ".unsaid" / "receipts").glob("*.json"))) < chunks:
        assert running.poll() is None, "it ended before"
        assert time.monotonic() < ends, "it hangs"
        time.sleep(0.02)


def readers() -> list[int]:
    """The processes of the cluster that read a chunk."""
    found = subprocess.run(["pgrep", "-f", "ray::read_chunk"], capture_output=True, check=False)
    return [int(line) for line in found.stdout.split()]


def test_kills_of_workers_and_of_a_node_change_nothing(
    undisturbed: tuple[Path, Path], nodes: Nodes, tmp_path: Path
) -> None:
    tales, out = undisturbed
    mine = tmp_path / "out"
    running = driver(tales, mine, nodes)
    until(mine, 2, running)
    while not (found := readers()):  # they are called so only while they read
        assert running.poll() is None, "it ended before"
    os.kill(found[0], signal.SIGKILL)
    until(mine, 6, running)
    nodes.tell("kill")
    until(mine, 9, running)
    nodes.tell("add")
    assert running.wait(PATIENCE) == 0
    assert state(mine) == state(out)
    assert documents(mine)["page.html"][0] == "quarantined"


def test_a_driver_that_is_killed_goes_on_where_it_was(
    undisturbed: tuple[Path, Path], nodes: Nodes, tmp_path: Path
) -> None:
    tales, out = undisturbed
    mine = tmp_path / "out"
    first = driver(tales, mine, nodes)
    until(mine, 4, first)
    first.kill()
    first.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in (mine / ".unsaid" / "receipts").glob("*.json")}
    assert driver(tales, mine, nodes).wait(PATIENCE) == 0
    assert state(mine) == state(out)
    for name, when in kept.items():
        assert (mine / ".unsaid" / "receipts" / name).stat().st_mtime_ns == when, "a chunk was read twice"


def test_stories_that_take_down_what_reads_them_are_given_up(nodes: Nodes, tmp_path: Path) -> None:
    tales = write_tales(tmp_path / "tales", range(8))
    for name in (CRASHES, HANGS):
        (tales / name).write_text(f"A story that {name}.\n", encoding="utf-8")
    for out, address in (("alone", None), ("cluster", nodes.address)):
        script = f"from tests.poison import poisoned\npoisoned({str(tales)!r}, {str(tmp_path / out)!r}, {address!r})"
        subprocess.run([sys.executable, "-c", script], check=True, timeout=PATIENCE)
    assert state(tmp_path / "cluster") == state(tmp_path / "alone")
    told = documents(tmp_path / "cluster")
    assert told.pop(CRASHES) == ("quarantined", "crash: its process was ended by SIGKILL")
    assert told.pop(HANGS) == ("quarantined", "time: took longer than 3 seconds")
    assert {status for status, _ in told.values()} == {"read"}


def test_a_disk_that_is_full_ends_the_run_until_there_is_room(
    undisturbed: tuple[Path, Path], nodes: Nodes, tmp_path: Path
) -> None:
    tales, out = undisturbed
    with small_disk(tmp_path, "600k") as disk:
        assert driver(tales, disk / "out", nodes).wait(PATIENCE) != 0
        assert not (disk / "out" / "manifest.json").exists()
        enlarge(disk)
        assert driver(tales, disk / "out", nodes).wait(PATIENCE) == 0
        assert state(disk / "out") == state(out)


def test_a_cluster_without_a_gpu_is_said_in_one_line(nodes: Nodes, tmp_path: Path, run: Callable[..., Ran]) -> None:
    tales = write_tales(tmp_path / "tales", range(1))
    ran = run(
        "corpus", "run", tales, "-o", tmp_path / "out", "--address", nodes.address, "--encoder", "--device", "cuda"
    )
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.splitlines()[-1].endswith(
        "no node of the cluster has a GPU that Ray knows of; read with --device cpu"
    )


def test_no_cluster_is_said_in_one_line(tmp_path: Path, run: Callable[..., Ran]) -> None:
    tales = write_tales(tmp_path / "tales", range(1))
    ran = run("corpus", "run", tales, "-o", tmp_path / "out", "--address", "127.0.0.1:1")
    assert (ran.status, ran.out) == (2, "")
    assert "no Ray cluster there" in ran.err.splitlines()[-1]
