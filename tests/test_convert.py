"""``unsaid convert``: a kept reading in every other format, and one line for what cannot be converted."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from unsaid import formats
from unsaid.formats import FORMATS, Format

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Ran
    from unsaid.story import Story

    Run = Callable[..., Ran]


@pytest.fixture
def kept(orchard: Story, tmp_path: Path) -> Path:
    path = tmp_path / "orchard.unsaid.json"
    orchard.save(path)
    return path


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_a_reading_goes_to_every_format_as_if_read(form: Format, orchard: Story, kept: Path, run: Run) -> None:
    out = kept.parent / "out"
    assert run("convert", str(kept), "--format", form.name, "-o", str(out)).status == 0
    wanted = form.render(orchard)
    if isinstance(wanted, bytes):
        assert out.read_bytes() == wanted
    else:
        assert {path.name: path.read_bytes() for path in out.iterdir()} == wanted


@pytest.mark.parametrize("form", [f for f in FORMATS if f.reader], ids=lambda form: form.name)
def test_what_can_be_read_back_can_be_converted_from(form: Format, orchard: Story, tmp_path: Path, run: Run) -> None:
    path = tmp_path / f"orchard{form.endings[0] if form.endings else ''}"
    orchard.save(path, format=form.name)
    assert run("convert", str(path), "-o", str(tmp_path / "back.json")).status == 0
    assert formats.load(tmp_path / "back.json") == formats.load(path, format=form.name)


def test_several_go_into_a_folder_under_their_own_names(orchard: Story, tmp_path: Path, run: Run) -> None:
    for name in ("a.unsaid.json", "b.tei.xml"):
        orchard.save(tmp_path / name)
    done = run("convert", str(tmp_path / "a.unsaid.json"), str(tmp_path / "b.tei.xml"), "-o", f"{tmp_path}/out/",
               "--format", "fountain")  # fmt: skip
    assert done.status == 0
    assert sorted(os.listdir(tmp_path / "out")) == ["a.fountain", "b.fountain"]


def test_what_is_newer_damaged_or_missing_is_one_line_each(kept: Path, run: Run) -> None:
    reading = json.loads(kept.read_bytes())
    (kept.parent / "newer.json").write_text(json.dumps({**reading, "format": "unsaid-story/2"}))
    (kept.parent / "cut.json").write_bytes(kept.read_bytes()[:100])
    names = [str(kept.parent / name) for name in ("newer.json", "cut.json", "none.json", "tale.gexf")]
    (kept.parent / "tale.gexf").write_text("<gexf/>")
    done = run("convert", *names, str(kept), "-o", f"{kept.parent}/out/", "--format", "script")
    assert done.status == 2
    lines = done.err.splitlines()
    assert len(lines) == 4
    assert "newer.json" in lines[0]
    assert "unsaid-story/2" in lines[0]
    assert "a newer Unsaid" in lines[0]
    assert "cut.json" in lines[1]
    assert "No such file" in lines[2]
    assert "gexf holds too little" in lines[3]
    assert os.listdir(kept.parent / "out") == ["orchard.script.txt"]


def test_a_place_that_cannot_be_written_is_one_line(kept: Path, run: Run) -> None:
    (kept.parent / "file").write_text("")
    done = run("convert", str(kept), "-o", str(kept.parent / "file" / "x.json"))
    assert done.status == 2
    assert "cannot write" in done.err
    assert len(done.err.splitlines()) == 1


def test_of_several_files_none_is_written_where_one_cannot_be(kept: Path, run: Run) -> None:
    out = kept.parent / "out"
    (out / "orchard.quotes").mkdir(parents=True)
    (out / "orchard.tokens").write_text("as it was")
    done = run("convert", str(kept), "--format", "booknlp", "-o", str(out))
    assert done.status == 2
    assert len(done.err.splitlines()) == 1
    assert sorted(os.listdir(out)) == ["orchard.quotes", "orchard.tokens"]
    assert (out / "orchard.tokens").read_text() == "as it was"
