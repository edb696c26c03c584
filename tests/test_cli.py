"""The command line: what it prints and writes, what it says of bad input, and how it exits."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import jsonschema
import pytest

import unsaid
from unsaid import files
from unsaid.errors import CannotWrite
from unsaid.story import Story, json_schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Ran

    Run = Callable[..., Ran]

STORY = """The Orchard Wall

"You came back," said Odile. The gate swung shut behind her.

"I never left," Bram said.
"""
COMMAND = (sys.executable, "-m", "unsaid")


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "orchard.txt"
    path.write_text(STORY, encoding="utf-8")
    return path


def one_line(err: str) -> str:
    """What was said on standard error: exactly one line, in the command's own words."""
    assert re.fullmatch(r"unsaid: [^\n]+\n", err), err
    return err


# What it prints


def test_version_and_help(run: Run) -> None:
    assert run("--version").out == f"unsaid {unsaid.__version__}\n"
    assert "--script" in run("read", "--help").out
    assert run("--help").status == 0


def test_a_summary_is_what_is_printed_by_default(run: Run, story: Path) -> None:
    ran = run("read", story)
    assert (ran.status, ran.err) == (0, "")
    assert "Odile (she)" in ran.out
    assert "2 lines: 2 with a speaker" in ran.out


def test_a_script(run: Run, story: Path) -> None:
    out = run("read", "--script", story).out
    assert "ODILE" in out
    assert ": You came back." in out


def test_json_is_one_object_that_keeps_to_the_schema(run: Run, story: Path) -> None:
    out = run("read", "--json", story).out
    assert out.count("\n") == 1
    jsonschema.validate(json.loads(out), json_schema())
    assert Story.from_json(out).text == STORY
    assert json.loads(run("schema").out) == json_schema()


def test_several_files_are_one_json_object_a_line(run: Run, story: Path, tmp_path: Path) -> None:
    other = tmp_path / "second.txt"
    other.write_text('"No," said Ada.\n', encoding="utf-8")
    lines = run("read", "--json", story, other).out.splitlines()
    assert [Story.from_json(line).text for line in lines] == [STORY, '"No," said Ada.\n']


def test_standard_input_and_gzip(run: Run, story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress(STORY.encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(packed)))
    assert "Odile (she)" in run("read", "-").out


def test_a_folder_is_read_to_its_depth_without_hidden_files_and_our_own(run: Run, tmp_path: Path) -> None:
    for name in ("b.txt", "deep/a.md", ".hidden.txt", ".git/c.txt", "b.script.txt", "notes.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f'"I am {name}," said Ada.\n', encoding="utf-8")
    texts = [Story.from_json(line).text for line in run("read", "--json", tmp_path).out.splitlines()]
    assert len(texts) == 2
    assert "b.txt" in texts[0]
    assert "deep/a.md" in texts[1]


def test_output_is_utf_8_whatever_the_terminal_says(story: Path) -> None:
    story.write_text("“Où est-il?” asked Zoë.\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    done = subprocess.run([*COMMAND, "read", "--script", story], capture_output=True, env=environment, check=True)
    assert "ZOË" in done.stdout.decode("utf-8")


# Where it writes


@pytest.mark.parametrize(("name", "sign"), [("out.json", '{"format":"unsaid-story/1"'), ("out.txt", "ORCHARD")])
def test_the_form_of_a_file_goes_by_its_ending(run: Run, story: Path, tmp_path: Path, name: str, sign: str) -> None:
    ran = run("read", story, "-o", tmp_path / name)
    assert (ran.status, ran.out, ran.err) == (0, "", "")
    assert sign in (tmp_path / name).read_text(encoding="utf-8")


def test_a_dash_is_standard_output(run: Run, story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("read", "--json", story, "-o", "-").out == run("read", "--json", story).out
    assert not (tmp_path / "-").exists()


def test_an_option_goes_before_the_ending(run: Run, story: Path, tmp_path: Path) -> None:
    run("read", "--json", story, "-o", tmp_path / "out.txt")
    assert Story.from_json((tmp_path / "out.txt").read_bytes()).text == STORY


def test_a_folder_takes_many_and_keeps_their_places(run: Run, tmp_path: Path) -> None:
    for name in ("in/a.txt", "in/deep/b.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(STORY, encoding="utf-8")
    assert run("read", tmp_path / "in", "-o", tmp_path / "out").status == 0
    written = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.*"))
    assert written == ["a.unsaid.json", "deep/b.unsaid.json"]
    run("read", "--script", tmp_path / "in" / "a.txt", "-o", f"{tmp_path}/scripts/")
    assert (tmp_path / "scripts" / "a.script.txt").is_file()


def test_two_readings_of_one_name_are_refused_before_anything_is_read(run: Run, story: Path, tmp_path: Path) -> None:
    story.with_suffix(".md").write_text(STORY, encoding="utf-8")
    ran = run("read", story, story.with_suffix(".md"), "-o", tmp_path / "out")
    assert ran.status == 2
    assert "orchard.md would be written" in one_line(ran.err)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["{story}", "-o", "{story}"], "is a story to be read"),
        (["{story}", "-o", "{folder}/out.pdf"], "no format goes with this ending"),
        (["{story}", "{story}", "{folder}/x.txt", "-o", "{folder}/one.json"], "one file cannot hold several"),
        (["{story}", "-o", "{story}/below/out.json"], "cannot write"),
        (["{story}", "--max-size", "many"], "no size"),
        (["{story}", "--no-such-option"], "no-such-option"),
        ([], "Missing argument"),
    ],
)
def test_what_cannot_be_is_one_line_and_status_2(
    run: Run, story: Path, tmp_path: Path, arguments: list[str], why: str
) -> None:
    ran = run("read", *(a.format(story=story, folder=tmp_path) for a in arguments))
    assert ran.status == 2
    assert ran.out == ""
    assert why in one_line(ran.err)
    assert story.read_text(encoding="utf-8") == STORY


def test_a_write_that_fails_leaves_what_was_there(story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    target = tmp_path / "out.json"
    target.write_text("before", encoding="utf-8")
    with pytest.raises(CannotWrite, match="cannot write: No space left"):
        files.write(target, b"after")
    assert target.read_text(encoding="utf-8") == "before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["orchard.txt", "out.json"]


def test_two_who_write_the_same_file_at_once_never_mix(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    texts = [letter * 200_000 for letter in "abcd"]
    seen: set[str] = set()
    writers = [threading.Thread(target=files.write, args=(target, text.encode())) for text in texts for _ in range(5)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        if target.exists():
            seen.add(target.read_text(encoding="utf-8"))
    assert seen <= set(texts)
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    files.write(tmp_path / "out.json", b"x")
    assert (tmp_path / "out.json").stat().st_mode == plain.stat().st_mode
    (tmp_path / "out.json").chmod(0o640)
    files.write(tmp_path / "out.json", b"y")
    assert (tmp_path / "out.json").stat().st_mode & 0o777 == 0o640


# What it says of bad input

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.txt", b""),
        ("blank.txt", b" \n \n"),
        ("picture.txt", PNG),
        ("picture.epub", PNG),
        ("broken.epub", b"PK\x03\x04" + b"\x00" * 40),
        ("broken.gz", b"\x1f\x8b\x08\x00 no gzip"),
        ("noise.docx", bytes(range(256)) * 4),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_file_is_one_line_and_the_rest_are_read(
    run: Run, story: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    ran = run("read", tmp_path / name, story)
    assert ran.status == 2
    assert name in one_line(ran.err)
    assert "internal error" not in ran.err
    assert "Odile (she)" in ran.out


def test_a_missing_file_and_an_empty_folder_are_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    ran = run("read", tmp_path / "gone.txt", tmp_path / "nothing")
    assert ran.status == 2
    assert len(ran.err.splitlines()) == 2
    assert "gone.txt" in ran.err
    assert "no story in this folder" in ran.err


def test_a_size_limit_holds_and_an_option_raises_it(run: Run, story: Path) -> None:
    assert "--max-size" in one_line(run("read", "--max-size", "20", story).err)
    assert run("read", "--max-size", "1.5k", story).status == 0


def test_the_limit_holds_for_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(STORY.encode())))
    assert "standard input" in one_line(run("read", "--max-size", "20", "-").err)


def test_a_file_name_that_is_no_utf_8_is_read_and_shown(run: Run, tmp_path: Path) -> None:
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write(STORY)
    ran = run("read", "--json", os.fsdecode(path))
    assert (ran.status, ran.err) == (0, "")
    assert Story.from_json(ran.out).source.name.endswith("caf\\xe9.txt")


def test_an_error_of_our_own_is_one_line_with_a_hint(run: Run, story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **_how: object) -> None:
        raise KeyError("c7\nand more")

    monkeypatch.setattr("unsaid.reading.read_manuscript", fail)
    ran = run("read", story)
    assert ran.status == 2
    assert "internal error" in one_line(ran.err)
    assert "KeyError" in ran.err
    assert "--debug" in ran.err
    assert "Traceback" in run("read", "--debug", story).err


# How it ends


def test_a_reader_that_has_had_enough_is_no_error(story: Path) -> None:
    process = subprocess.Popen([*COMMAND, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 141


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_is_one_line() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([*COMMAND, "schema"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "No space left" in one_line(done.stderr)


def interrupted(patience: float) -> tuple[int, bytes]:
    """How a reading ends that is interrupted after some seconds, and what it says.

    Where the tests run in the background of a shell, interrupts are ignored, and so would the program be born.
    """
    process = subprocess.Popen(
        [*COMMAND, "read", "-"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    )
    time.sleep(patience)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    return process.returncode, err


def test_an_interrupt_is_quiet() -> None:
    for patience in (1, 4, 10):  # on a busy machine the interpreter itself may not be up yet
        status, err = interrupted(patience)
        if status != -signal.SIGINT:
            break
    assert status == 130
    assert b"Traceback" not in err


def test_nothing_heavy_is_loaded_to_say_the_version() -> None:
    code = (
        "import sys; sys.argv = ['unsaid', '--version']\n"
        "from unsaid.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(sorted({'lxml', 'rich', 'docx', 'ftfy', 'unsaid.people'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1] == "[]"


def _all_of(terminal: int) -> bytes:
    """What a process writes to a pseudo-terminal until it closes it; a slow one draws its bar more often."""
    shown = b""
    with os.fdopen(terminal, "rb", buffering=0) as written, contextlib.suppress(OSError):
        while piece := written.read(4096):
            shown += piece
    return shown


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_a_bar_is_shown_on_a_terminal_and_not_in_a_pipe(story: Path, tmp_path: Path) -> None:
    import pty

    other = tmp_path / "second.txt"
    other.write_text(STORY, encoding="utf-8")
    command = [*COMMAND, "read", "--json", str(story), str(other)]
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    with (tmp_path / "out").open("wb") as out, subprocess.Popen(command, stdout=out, stderr=theirs, env=environment):
        os.close(theirs)
        shown = _all_of(ours).decode()
    assert "2/2" in shown
    assert len((tmp_path / "out").read_text(encoding="utf-8").splitlines()) == 2
    assert subprocess.run(command, capture_output=True, check=True).stderr == b""
