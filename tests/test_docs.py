"""The documents are what the program does: commands run as printed, options are all there, links lead somewhere."""

from __future__ import annotations

import doctest
import re
import subprocess
import tomllib
from pathlib import Path

import click
import pytest

from benchmarks import transcripts
from unsaid.cli.commands import unsaid
from unsaid.findings import RULES
from unsaid.inputs import ENDINGS
from unsaid.story import json_schema

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").glob("*.md")])


@pytest.mark.parametrize("document", transcripts.documents(), ids=lambda path: path.name)
def test_commands_print_what_the_documents_say(document: Path) -> None:
    shown = document.read_text(encoding="utf-8")
    assert transcripts.renewed(shown) == shown, "stale: `make docs` writes down what the commands print now"


def test_the_python_of_the_readme_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"^```python\n(.*?)^```$", README, re.M | re.S)
    assert blocks
    runner = doctest.DocTestRunner(verbose=False)
    for block in blocks:
        runner.run(doctest.DocTestParser().get_doctest(block, {}, "README.md", "README.md", 0))
    assert runner.summarize(verbose=False).failed == 0


def commands() -> list[tuple[str, click.Command]]:
    return [("unsaid", unsaid), *((f"unsaid {name}", command) for name, command in unsaid.commands.items())]


@pytest.mark.parametrize(("name", "command"), commands(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_and_option_is_in_the_reference(name: str, command: click.Command) -> None:
    assert name in CLI
    with click.Context(command, info_name=name) as context:
        options = [o for p in command.get_params(context) for o in (*p.opts, *p.secondary_opts) if o.startswith("-")]
    assert [option for option in options if not re.search(rf"`(?:{name} )?{option}\b", CLI)] == []


def test_no_option_is_in_the_reference_that_is_none() -> None:
    every = [c for _, one in commands() for c in (one, *getattr(one, "commands", {}).values())]
    known = {o for c in every for p in c.params for o in p.opts} | {"-h", "--help"}
    written = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*(?=[\s`,=|\]])", CLI))
    assert {option for option in written if option not in known and option != "-1"} == set()


def test_the_endings_that_a_folder_is_searched_for_are_in_the_reference() -> None:
    assert {ending for ending in ENDINGS if f"{ending} " not in CLI and f"{ending}`" not in CLI} == set()


def test_the_two_commands_are_in_the_first_screen_and_in_the_makefile() -> None:
    first = "\n".join(README.splitlines()[:24])
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test"):
        assert f"make {target} " in first
        assert f"\n{target}: " in makefile
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_dependency_says_why_and_under_what_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = {row.split("|")[1].strip(): row for row in page.splitlines() if row.startswith("| ")}
    extras = [name for group in project["optional-dependencies"].values() for name in group]
    for requirement in (*project["dependencies"], *(name for name in extras if not name.startswith("unsaid["))):
        name = re.split(r"[<>=~ ]", requirement)[0]
        assert name in rows, f"docs/dependencies.md does not say why {name} is there"
        assert re.search(r"MIT|BSD|Apache|MPL", rows[name].split("|")[-2])


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_changelog_has_a_place_for_what_comes() -> None:
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("script", [".ci/run"])
def test_scripts_are_sound_and_can_be_run(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(path)], check=True)


def fields_of(schema: dict[str, object]) -> set[str]:
    """Every field that a reading has and fills, at any depth."""
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    unread = {"Entry", "Mask", "Parting", "Bond", "ArcPoint"}
    return {field for name, d in definitions.items() if name not in unread for field in d["properties"]}


def test_every_field_of_a_reading_is_explained() -> None:
    page = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8")
    assert {field for field in fields_of(json_schema()) if f"`{field}`" not in page} == set()


@pytest.mark.parametrize("page", transcripts.rule_pages(), ids=lambda path: path.name)
def test_the_pages_of_the_rules_are_those_of_the_package(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == transcripts.rule_pages()[page], "stale: `make docs` copies them"


def test_every_rule_that_finds_something_has_a_page_and_no_other() -> None:
    room = ROOT / "src" / "unsaid" / "findings"
    sources = [*room.glob("*.py"), *(room.parent / "chronology").glob("*.py")]
    used = {r for p in sources if p.name != "rules.py" for r in re.findall(r"\"([A-Z]\d{3})\"", p.read_text("utf-8"))}
    assert used == set(RULES) == {p.stem for p in (room / "pages").glob("*.md")}
    assert set(transcripts.RULES.glob("*.md")) == set(transcripts.rule_pages())
