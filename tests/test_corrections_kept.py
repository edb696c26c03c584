"""The file beside the story under stress: killed in the middle, several at once, edited by hand, damaged, read-only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from unsaid.corrections import Rename, beside, change, load
from unsaid.errors import CannotWrite, CorrectionError

WRITER = """
import sys
from pathlib import Path
from unsaid.corrections import Rename, change
path, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for n in range(count):
    change(path, lambda book: book.add(Rename(one=name, name=f"{name}{n}")))
    print(n, flush=True)
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(count)], stdout=subprocess.PIPE, text=True
    )


def names(path: Path) -> list[str]:
    return [c.name for c in load(path).corrections if isinstance(c, Rename)]


def test_a_kill_at_any_moment_loses_nothing_that_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "tale.unsaid.toml"
    saved = 0
    for round_ in range(8):
        process = writer(path, f"r{round_}_", 100_000)
        assert process.stdout is not None
        for _ in range(3 + 5 * round_):
            process.stdout.readline()
        time.sleep(0.0007 * round_)
        process.send_signal(signal.SIGKILL)
        told = 3 + 5 * round_ + len(process.stdout.read().splitlines())
        process.wait()
        process.stdout.close()
        held = [name for name in names(path) if name.startswith(f"r{round_}_")]
        assert told <= len(held) <= told + 1, "what was said to be saved is there, and at most the one under way"
        assert held == [f"r{round_}_{n}" for n in range(len(held))]
        saved += len(held)
        assert len(names(path)) == saved


def test_killed_a_hundred_times_in_the_middle_of_a_save_the_file_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tale.unsaid.toml"
    for n in range(100):
        if os.fork() == 0:
            steps = iter(range(100))
            for step in ("fsync", "replace", "chmod"):
                monkeypatch.setattr(os, step, dying(getattr(os, step), steps, n % 4))
            change(path, lambda book: book.add(Rename(one="A", name=f"A{n}")))  # noqa: B023 - called at once
            os._exit(0)
        os.wait()
        held = names(path)
        assert held == sorted(held, key=lambda name: int(name[1:]))
    assert len(names(path)) >= 25
    change(path, lambda book: book.add(Rename(one="A", name="A100")))
    assert names(path)[-1] == "A100"


def dying(step, steps, last):  # type: ignore[no-untyped-def]
    """A system call before which the process is killed, if it is the one numbered ``last``."""

    def call(*args: object, **kwargs: object) -> object:
        if next(steps) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*args, **kwargs)

    return call


def test_several_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "tale.unsaid.toml"
    writers = [writer(path, name, 12) for name in ("a", "b", "c", "d")]
    assert [process.wait() for process in writers] == [0] * 4
    for process in writers:
        assert process.stdout is not None
        process.stdout.close()
    held = names(path)
    assert sorted(held) == sorted(f"{who}{n}" for who in "abcd" for n in range(12))
    for who in "abcd":
        assert [name for name in held if name.startswith(who)] == [f"{who}{n}" for n in range(12)]
    assert [p.name for p in tmp_path.iterdir()] == ["tale.unsaid.toml"]


def test_comments_and_hand_made_entries_stay(tmp_path: Path) -> None:
    path = tmp_path / "tale.unsaid.toml"
    change(path, lambda book: book.add(Rename(one="Ann", name="Anna")))
    by_hand = '\n# she says so herself\n[[correction]]  # by hand\nkind = "rename"\none = "Ben"\nname = "Benno"\n'
    path.write_text(path.read_text() + by_hand)
    change(path, lambda book: book.add(Rename(one="Cy", name="Cyril")))
    change(path, lambda book: book.undo(book.entries[0].id))
    assert names(path) == ["Benno", "Cyril"]
    assert "# she says so herself" in path.read_text()
    assert "# by hand" in path.read_text()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('format = "unsaid-corrections/9"', "another version"),
        ("not toml at all", "no TOML"),
        ('format = "unsaid-corrections/1"\n[[correction]]\nkind = "rename"\none = "A"\n', "correction 1 .*name"),
        ('format = "unsaid-corrections/1"\n[[correction]]\nkind = "renaim"\n', "correction 1 .*renaim"),
        ('format = "unsaid-corrections/1"\n[[correction]]\nkind = "merge"\none = "A"\nother = "B"\nif = 1\n', "if"),
        ('format = "unsaid-corrections/1"\n[[correction]]\nkind = "merge"\none = "A\n', "no TOML"),
    ],
)
def test_a_damaged_file_is_refused_and_left_alone(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "tale.unsaid.toml"
    path.write_text(text)
    with pytest.raises(CorrectionError, match=why):
        load(path)
    with pytest.raises(CorrectionError, match=why):
        change(path, lambda book: book.add(Rename(one="A", name="B")))
    assert path.read_text() == text


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "tale.unsaid.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CorrectionError, match="UTF-8"):
        load(path)


def test_what_cannot_be_written_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("unsaid.files.tempfile.mkstemp", refuse)
    with pytest.raises(CannotWrite, match="Permission denied"):
        change(tmp_path / "tale.unsaid.toml", lambda book: book.add(Rename(one="A", name="B")))


@pytest.mark.parametrize(
    ("story", "file"),
    [
        ("tale.txt", "tale.unsaid.toml"),
        ("tale.txt.gz", "tale.unsaid.toml"),
        ("tale.EPUB", "tale.unsaid.toml"),
        ("vol.2", "vol.2.unsaid.toml"),
        ("a/b/tale.v1.md", "a/b/tale.v1.unsaid.toml"),
    ],
)
def test_where_the_file_is(story: str, file: str) -> None:
    assert beside(story) == Path(file)
