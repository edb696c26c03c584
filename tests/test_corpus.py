"""Corpora, through the public API and the command line: what goes in, what comes out, and what no kill may change."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import hashlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import unsaid
from tests.corpora import documents, enlarge, small_disk, state, stories, tale, write_tales
from unsaid.corpus import Columns, Options, chunk, plan, run, together
from unsaid.corpus.job import Done, Entry, Job, Receipt, Stopped
from unsaid.corpus.reader import Reader
from unsaid.encoder import load
from unsaid.errors import CorpusError
from unsaid.workers import At, Bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from tests.conftest import Ran
    from unsaid.encoder import Model, Precision, Signals
    from unsaid.prose import Prose

HARBOUR = """The Harbour

Ines walked down to the harbour and climbed aboard the ferry. The town of Marl lay behind her in the rain.

"You came," said Tobin. He took her bag and carried it into the cabin.
"""
SMALL = 2_000
"""Bytes of a chunk in these tests: a dozen chunks of a few stories each."""
OPTIONS = Options(workers=2, chunk=SMALL)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Forty stories, and what comes of them."""
    folder = tmp_path_factory.mktemp("corpus")
    tales = write_tales(folder / "tales", range(40))
    (tales / "cover.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (tales / "sub").mkdir()
    (tales / "sub" / "again.txt").write_text(tale(7), encoding="utf-8")
    run([tales], folder / "out", OPTIONS)
    return tales, folder / "out"


def test_every_layer_is_the_one_of_the_stories_read_alone(undisturbed: tuple[Path, Path]) -> None:
    tales, out = undisturbed
    alone = unsaid.read(tales / "011.txt").to_frames()
    for name, table in alone.items():
        read = pq.read_table(out / name).filter(pa.compute.field("story") == alone["stories"]["story"][0].as_py())
        rows = [{k: v for k, v in row.items() if k != "source"} for row in table.to_pylist()]
        assert [{k: v for k, v in row.items() if k != "source"} for row in read.to_pylist()] == rows, name


def test_the_manifest_says_what_there_is(undisturbed: tuple[Path, Path]) -> None:
    _, out = undisturbed
    made = json.loads((out / "manifest.json").read_bytes())
    assert made["format"] == "unsaid-corpus/1"
    assert made["settings"]["unsaid"] == unsaid.__version__
    assert {k: made["counts"][k] for k in ("read", "same", "quarantined", "refused", "stories")} == {
        "read": 40, "same": 1, "quarantined": 1, "refused": 0, "stories": 40,
    }  # fmt: skip
    for name, files in made["tables"].items():
        assert len(files) > 3
        assert pq.read_table(out / name).num_rows == sum(file["rows"] for file in files)
        for file in files:
            assert hashlib.sha256((out / file["file"]).read_bytes()).hexdigest() == file["sha256"]
    said = documents(out)
    assert said["sub/again.txt"] == ("same", None)
    assert said["cover.txt"] == ("quarantined", "refused: named .txt but its content is a PNG image")


@pytest.mark.parametrize("workers", [1, 3])
def test_the_number_of_workers_changes_nothing(undisturbed: tuple[Path, Path], tmp_path: Path, workers: int) -> None:
    tales, out = undisturbed
    run([tales], tmp_path / "out", msgspec.structs.replace(OPTIONS, workers=workers))
    assert state(tmp_path / "out") == state(out)


def _packed(folder: Path) -> Iterator[tuple[Path, range]]:
    """Everything that a corpus comes in, each with three stories of its own."""
    texts = [{f"{n:03}.txt": tale(n) for n in range(at, at + 3)} for at in range(0, 27, 3)]
    with zipfile.ZipFile(folder / "tales.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts[0].items():
            archive.writestr(name, text)
    for at, ending in ((1, "tar"), (2, "tar.gz"), (3, "tar.xz")):
        with tarfile.open(folder / f"tales.{ending}", f"w:{ending.partition('.')[2]}") as tar:
            for name, text in texts[at].items():
                member = tarfile.TarInfo(name)
                member.size = len(text.encode())
                tar.addfile(member, io.BytesIO(text.encode()))
    for at, ending, pack in ((4, "", bytes), (5, ".gz", gzip.compress), (6, ".bz2", bz2.compress)):
        lines = [json.dumps({"id": name, "text": text, "year": 1899}) + "\n" for name, text in texts[at].items()]
        (folder / f"tales.jsonl{ending}").write_bytes(pack("\n".join(lines).encode()))
    rows = [{"id": name, "text": text, "year": 1899} for name, text in texts[7].items()]
    pq.write_table(pa.Table.from_pylist(rows), folder / "tales.parquet", row_group_size=2)
    write_tales(folder / "plain", range(24, 27))
    names = "zip tar tar.gz tar.xz jsonl jsonl.gz jsonl.bz2 parquet".split()
    for at, name in enumerate(names):
        yield folder / f"tales.{name}", range(3 * at, 3 * at + 3)
    yield folder / "plain", range(24, 27)


def test_a_story_is_the_same_wherever_it_comes_from(tmp_path: Path) -> None:
    packed = dict(_packed(tmp_path))
    made = run(packed, tmp_path / "out", OPTIONS)
    assert (made.counts["stories"], made.counts["documents"]) == (27, 27)
    said = documents(tmp_path / "out")
    for path, numbers in packed.items():
        before = "" if path.is_dir() else f"{path.name}/"
        assert all(said[f"{before}{n:03}.txt"] == ("read", None) for n in numbers), path
    run([write_tales(tmp_path / "all", range(27))], tmp_path / "expected", OPTIONS)
    assert stories(tmp_path / "out") == stories(tmp_path / "expected")
    assert not (tmp_path / "out" / ".unsaid" / "spool").exists()
    again = run(packed, tmp_path / "out", OPTIONS)
    assert again == made


def test_columns_have_the_names_that_they_are_given(tmp_path: Path) -> None:
    pq.write_table(pa.table({"body": [tale(1)], "work": [17]}), tmp_path / "works.parquet")
    run([tmp_path / "works.parquet"], tmp_path / "out", Options(columns=Columns(text="body", id="work")))
    assert documents(tmp_path / "out") == {"works.parquet/17": ("read", None)}
    run([tmp_path / "works.parquet"], tmp_path / "other")
    ((status, why),) = documents(tmp_path / "other").values()
    assert status == "refused"
    assert why == "no column 'text', only body, work; name the text's with --text-column"


def test_a_story_more_changes_one_chunk(tmp_path: Path) -> None:
    tales = write_tales(tmp_path / "tales", range(40))
    run([tales], tmp_path / "out", OPTIONS)
    before = {path.name for path in (tmp_path / "out" / "utterances").iterdir()}
    (tales / "0205.txt").write_text(tale(999), encoding="utf-8")
    (tales / "039.txt").unlink()
    made = run([tales], tmp_path / "out", OPTIONS)
    after = {path.name for path in (tmp_path / "out" / "utterances").iterdir()}
    assert made.counts["stories"] == 40
    assert len(before) > 6
    assert len(before - after) <= 3  # one for each change, one more where a boundary went with it
    assert len(stories(tmp_path / "out")) == len(set(stories(tmp_path / "out"))) == 40
    assert {path.stem for path in (tmp_path / "out" / ".unsaid" / "receipts").iterdir()} == {
        Path(name).stem for name in after
    }


def test_what_was_read_is_not_read_again(undisturbed: tuple[Path, Path], tmp_path: Path) -> None:
    tales, _ = undisturbed
    out = tmp_path / "out"
    run([tales], out, OPTIONS)
    log = out / ".unsaid" / "log.jsonl"
    chunks = len(log.read_bytes().splitlines())
    run([tales], out, OPTIONS)
    assert len(log.read_bytes().splitlines()) == chunks
    expected = state(out)
    next((out / "mentions").iterdir()).write_bytes(b"")  # what a disk that failed may leave
    run([tales], out, OPTIONS)
    assert len(log.read_bytes().splitlines()) == chunks + 1
    assert state(out) == expected


DRIVER = """
import sys
from unsaid.corpus import Options, run
if __name__ == "__main__":
    run([sys.argv[1]], sys.argv[2], Options(workers=2, chunk=int(sys.argv[3])))
"""


def driver(tales: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", DRIVER, str(tales), str(out), str(SMALL)]
    return subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)


def _others(running: subprocess.Popen[bytes]) -> list[int]:
    """The processes that a run has started."""
    found = subprocess.run(["pgrep", "-s", str(running.pid)], capture_output=True, check=False)
    return [int(line) for line in found.stdout.split() if int(line) != running.pid]


def test_fifty_kills_lose_nothing_and_double_nothing(undisturbed: tuple[Path, Path], tmp_path: Path) -> None:
    tales, out = undisturbed
    drawn = random.Random(50)
    kills, number = 0, 0
    expected = state(out)
    while kills < 50 or number == 0:
        mine = tmp_path / str(number)
        running = driver(tales, mine)
        while running.poll() is None and kills < 50:
            time.sleep(drawn.uniform(0.05, 0.9))
            others = _others(running)
            kills += 1
            if others and drawn.random() < 0.6:
                kill(drawn.choice(others))
            else:
                kill(-running.pid)
        running.wait()
        if running.returncode == 0:
            assert state(mine) == expected
            number += 1
    run([tales], mine, OPTIONS)
    assert state(mine) == expected


def kill(pid: int) -> None:
    """Kill a process, or with a negative number a group; it may have ended by itself."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def test_two_runs_at_once_on_one_output(undisturbed: tuple[Path, Path], tmp_path: Path) -> None:
    tales, out = undisturbed
    first = driver(tales, tmp_path / "out")
    while not (tmp_path / "out" / ".unsaid" / "plan.json").exists():
        assert first.poll() is None
        time.sleep(0.01)
    with pytest.raises(CorpusError, match="another run is writing it"):
        run([tales], tmp_path / "out", OPTIONS)
    assert first.wait() == 0
    assert state(tmp_path / "out") == state(out)


def encoded(folder: Path) -> Path:
    """A few stories that the encoder finds something in, one without any word, one that is no story."""
    tales = write_tales(folder, range(2))
    (tales / "harbour.txt").write_text(HARBOUR, encoding="utf-8")
    (tales / "marks.txt").write_text("?!\n\n...\n", encoding="utf-8")
    (tales / "cover.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    return tales


@pytest.mark.parametrize("precision", ["int8", "float32"])
def test_the_encoder_reads_a_corpus_as_it_reads_a_story(tmp_path: Path, precision: Precision) -> None:
    tales = encoded(tmp_path / "tales")
    options = msgspec.structs.replace(OPTIONS, encoder=True, precision=precision)
    made = run([tales], tmp_path / "out", options)
    read = {path.name: unsaid.read(path, encoder=load(precision=precision)) for path in tales.glob("[0hm]*")}
    assert made.settings["model"] == read["harbour.txt"].encoder
    assert (made.settings["device"], made.settings["precision"]) == ("cpu", precision)
    for layer in ("entities", "events"):
        rows = pq.read_table(tmp_path / "out" / layer).to_pylist()
        found = [(row["start"], row["end"], row["confidence"]) for row in rows]
        wanted = [(one.start, one.end, one.confidence) for story in read.values() for one in getattr(story, layer)]
        assert sorted(found) == sorted(wanted)
        assert found
    run([tales], tmp_path / "one", msgspec.structs.replace(options, workers=1))
    assert state(tmp_path / "one") == state(tmp_path / "out")


def test_a_corpus_is_read_again_with_another_encoder(tmp_path: Path) -> None:
    tales = tmp_path / "tales"
    tales.mkdir()
    (tales / "harbour.txt").write_text(HARBOUR, encoding="utf-8")
    plain = run([tales], tmp_path / "out")
    assert pq.read_table(tmp_path / "out" / "events").num_rows == 0
    assert plain.settings["device"] is plain.settings["precision"] is plain.settings["model"] is None
    known = [plain]
    for precision in ("int8", "float32"):
        known.append(run([tales], tmp_path / "out", Options(encoder=True, precision=precision)))
        assert pq.read_table(tmp_path / "out" / "events").num_rows > 0
    assert len({tuple(made.tables["events"]) for made in known}) == 3


def test_a_gpu_that_is_not_there_is_said_in_one_line(tmp_path: Path, run: Callable[..., Ran]) -> None:
    tales = write_tales(tmp_path / "tales", range(1))
    ran = run("corpus", "run", tales, "-o", tmp_path / "out", "--encoder", "--device", "cuda")
    assert (ran.status, ran.out) == (2, "")
    assert "ONNX Runtime has no device 'cuda' here" in ran.err
    assert "pip install 'unsaid[cuda]'" in ran.err
    assert ran.err.count("\n") == 1
    ran = run("corpus", "run", tales, "-o", tmp_path / "out", "--encoder", "--device", "cuda", "--precision", "int8")
    assert "the device cuda has no operations in eight bits; read in float32 there" in ran.err


# --- documents that are at fault --------------------------------------------------------------------------------------


def test_more_time_is_tried_on_what_had_too_little(tmp_path: Path) -> None:
    tales = write_tales(tmp_path / "tales", range(3))
    (tales / "long.txt").write_text(tale(3) * 300, encoding="utf-8")
    out = tmp_path / "out"
    assert run([tales], out, Options(bounds=Bounds(seconds=0.01))).counts["quarantined"] > 0
    assert run([tales], out, Options()).counts["quarantined"] == 0
    assert len(stories(out)) == 4


def poisonous(job: Job) -> Generator[At, None, Done]:
    """In the place of reading: "poison" ends its process always, "unlucky" twice, others take too much."""
    folder = Path(job.out)
    for name in {"good", "poison", "unlucky", "huge", "endless"} - job.given_up.keys():
        yield At(name)
        tries = len(list(folder.glob(f"{name}.*")))
        (folder / f"{name}.{tries}").touch()
        if name == "poison" or (name == "unlucky" and tries < 2):
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "huge":
            bytearray(10**9)
        if name == "endless":
            time.sleep(600)
    yield At(None)
    why = " ".join(f"{name}:{failure.kind}" for name, failure in sorted(job.given_up.items()))
    return Done(Receipt(key=why, documents=5, stories=2, words=0, shards={}), 0.0, None)


def test_a_document_that_is_at_fault_is_given_up(tmp_path: Path) -> None:
    bounds = Bounds(megabytes=300, seconds=3)
    reader = Reader(bounds, poisonous)
    try:
        got = reader.run(Job(out=str(tmp_path), plan="", entry=Entry("", 0, 0, 5, 0), columns=Columns(), bounds=bounds))
    finally:
        reader.close()
    assert isinstance(got, Done)
    assert got.receipt.key == "endless:time huge:memory poison:crash"
    assert len(list(tmp_path.glob("poison.*"))) == 3
    assert len(list(tmp_path.glob("huge.*"))) == len(list(tmp_path.glob("endless.*"))) == 1


def read_worse(job: Job) -> Generator[At, None, Done | Stopped]:
    """In the place of reading: the encoder does not survive the harbour and another story at once."""
    plain = together.sense_all

    def sensed(stories: list[Prose], model: Model) -> Iterator[Signals]:
        if len(stories) > 1:
            assert not (Path(job.out) / "once").exists(), "it fails together a second time"
            (Path(job.out) / "once").touch()
            yield from plain(stories[:1], model)
            if job.out.endswith("raises"):
                raise ValueError("out of luck")
            if job.out.endswith("hangs"):
                time.sleep(600)
            os.kill(os.getpid(), signal.SIGKILL)
        yield from plain(stories, model)

    together.sense_all = sensed  # type: ignore[assignment]
    return (yield from chunk.read(job))


@pytest.mark.parametrize("how", ["raises", "hangs", "crashes"])
def test_stories_that_cannot_be_read_together_are_read_one_by_one(tmp_path: Path, how: str) -> None:
    tales = encoded(tmp_path / "tales")
    run([tales], tmp_path / "expected", Options(encoder=True))
    expected = state(tmp_path / "expected")
    place = tmp_path / "expected" / ".unsaid" / "plan.json"
    (entry,) = plan.load(place).chunks
    bounds = Bounds(seconds=5)
    reader = Reader(bounds, read_worse)
    (tmp_path / how).mkdir()
    try:
        got = reader.run(
            Job(out=str(tmp_path / how), plan=str(place), entry=entry, columns=Columns(), bounds=bounds, device="cpu")
        )
    finally:
        reader.close()
    assert isinstance(got, Done)
    assert [one.id for one in got.receipt.quarantined] == ["cover.txt"]
    assert {name: digest for name, digest in state(tmp_path / how).items() if "/" in name} == {
        name: digest for name, digest in expected.items() if "/" in name
    }


# --- outputs that cannot be written -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script",
    [
        "from unsaid.corpus import run\nrun(['tales'], 'out')\n",
        "from unsaid.library import Library\nLibrary.open('l.duckdb', write=True).add('tales')\n",
    ],
)
def test_a_script_that_guards_nothing_is_told_so(tmp_path: Path, script: str) -> None:
    write_tales(tmp_path / "tales", range(3))
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    ran = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert 'put what it does behind `if __name__ == "__main__":`' in ran.stderr.splitlines()[-1]


def test_a_full_disk_ends_a_run_that_goes_on_when_there_is_room(undisturbed: tuple[Path, Path], tmp_path: Path) -> None:
    tales, out = undisturbed
    with small_disk(tmp_path, "300k") as disk:
        with pytest.raises(CorpusError, match=r"No space left on device.*run the same command again"):
            run([tales], disk / "out", OPTIONS)
        assert not (disk / "out" / "manifest.json").exists()
        enlarge(disk)
        run([tales], disk / "out", OPTIONS)
        assert state(disk / "out") == state(out)


def test_what_cannot_be_asked_is_said_in_one_line(tmp_path: Path, run: Callable[..., Ran]) -> None:
    tales = write_tales(tmp_path / "tales", range(2))
    for arguments, why in (
        ((tmp_path / "nowhere", "-o", tmp_path / "a"), "no such file or folder"),
        ((tales, "-o", tales), "holds something else than a corpus that was read; name an empty folder"),
        ((tales, "-o", tales / "000.txt"), "cannot write"),
        ((tmp_path / "empty", "-o", tmp_path / "b"), "no story in there"),
    ):
        (tmp_path / "empty").mkdir(exist_ok=True)
        ran = run("corpus", "run", *arguments)
        assert (ran.status, ran.out) == (2, "")
        assert why in ran.err
        assert ran.err.count("\n") == 1


def test_the_command_says_what_it_has_read(tmp_path: Path, run: Callable[..., Ran]) -> None:
    tales = write_tales(tmp_path / "tales", range(3))
    (tales / "empty.txt").touch()
    ran = run("corpus", "run", tales, "-o", tmp_path / "out", "--workers", 1)
    words = sum(unsaid.read(path).source.words for path in tales.glob("0*"))
    assert ran.status == 0
    assert ran.out == (
        f"3 stories, {words:,} words in {tmp_path / 'out'}; 1 could not be read: see documents.parquet there\n"
    )
