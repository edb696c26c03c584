"""Formats as a whole: picked by name or ending, documented, written whole, read back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from unsaid import errors, formats
from unsaid.formats import FORMATS, Format, for_path, named

if TYPE_CHECKING:
    from unsaid.story import Story

PAGE = (Path(__file__).parents[1] / "docs" / "formats.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_every_format_is_documented(form: Format) -> None:
    row = re.search(rf"^\| `{re.escape(form.name)}` \|(.*)\|$", PAGE, re.M)
    assert row is not None
    ends, back, needs = (cell.strip() for cell in row.group(1).split("|"))
    assert tuple(re.findall(r"`([^`]+)`", ends)) == form.endings
    assert back == ("yes" if form.reader else "no")
    assert needs == (f"`unsaid[{form.extra}]`" if form.extra else "")
    assert f"\n## {form.name}\n" in PAGE


def test_no_format_is_documented_that_is_none() -> None:
    assert set(re.findall(r"^## (\S+)$", PAGE, re.M)) == {form.name for form in FORMATS}


@pytest.mark.parametrize("form", [f for f in FORMATS if f.endings], ids=lambda form: form.name)
def test_the_longest_ending_picks_the_format(form: Format, orchard: Story, tmp_path: Path) -> None:
    path = tmp_path / f"story{form.endings[0]}"
    assert for_path(path) is form
    orchard.save(path)
    assert path.exists()


def test_what_json_wrote_is_read_back(orchard: Story, tmp_path: Path) -> None:
    orchard.save(tmp_path / "a.json")
    assert formats.load(tmp_path / "a.json") == orchard


def test_what_cannot_be_says_what_can(orchard: Story, tmp_path: Path) -> None:
    with pytest.raises(errors.NoSuchFormat, match="no format 'jsn'; there are json"):
        orchard.save(tmp_path / "a.json", format="jsn")
    with pytest.raises(errors.NoFormatFor, match=r"a.xyz: no format goes with this ending; end it in .json"):
        orchard.save(tmp_path / "a.xyz")
    with pytest.raises(errors.OneWay, match="script holds too little"):
        named("script").parse(b"")
    with pytest.raises(errors.SourceError, match="No such file"):
        formats.load(tmp_path / "none.json")
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.CannotWrite, match="cannot write"):
        orchard.save(tmp_path / "file" / "a.json")


def test_a_missing_library_names_the_extra(orchard: Story) -> None:
    form = Format(
        name="x", about="x", media_type="x", writer="no_such_module:write", extra="tables", modules=("no_such_module",)
    )
    with pytest.raises(errors.MissingExtra, match=r"x needs no_such_module.*pip install 'unsaid\[tables\]'"):
        form.render(orchard)
