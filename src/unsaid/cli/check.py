"""``unsaid check`` and ``unsaid rule``: what does not hold together, and what a rule means."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from unsaid.cli import FAILED
from unsaid.cli.output import unless_dash
from unsaid.cli.progress import tracked
from unsaid.cli.sizes import size
from unsaid.errors import UnsaidError
from unsaid.files import write
from unsaid.inputs import Input, gather
from unsaid.story import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.cli.settings import Settings
    from unsaid.formats.findings import Checked

FOUND = 1
"""The exit status of a check that found something."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks of a check; what it leaves open the settings say."""

    select: tuple[str, ...]
    ignore: tuple[str, ...]
    severity: Severity | None
    config: str | None
    baseline: str | None
    max_size: int | None
    encoder: bool = False


def names(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Rules as they are given: several times, or several between commas."""
    return tuple(name.strip() for group in value for name in group.split(",") if name.strip())


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--select", multiple=True, callback=names, metavar="RULES", help="Only these: T, C101, name-misspelt.")
@click.option("--ignore", multiple=True, callback=names, metavar="RULES", help="All but these.")
@click.option("--severity", type=click.Choice(["note", "warning", "error"]), help="The least that is shown.")
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif", "github"]), default="text")
@click.option("--config", metavar="PATH", help="Settings in place of the nearest unsaid.toml.")
@click.option("--baseline", metavar="PATH", help="Leave out what this file knows.")
@click.option("--update-baseline", is_flag=True, help="Write down what is found now, and find nothing.")
@click.option("-o", "--output", metavar="PATH", callback=unless_dash, help="Write to a file.")
@click.option("--max-size", type=size, metavar="SIZE", help="Read files up to this size (50MB if not given).")
@click.option("--encoder", is_flag=True, help="Read with the small neural model, too: it knows more of who speaks.")
def check(files: tuple[str, ...], form: str, output: str | None, update_baseline: bool, **asked: object) -> int:
    """Find what does not hold together in stories.

    Each finding shows the passages that clash and says why they cannot both hold. The exit status is 1 where
    something is found.
    """
    from unsaid.cli.commands import report  # noqa: PLC0415 - commands.py adds this command to its own

    wanted = msgspec.convert(asked, Asked)
    inputs, complaints = gather(files)
    for complaint in complaints:
        report(complaint)
    if update_baseline:
        return _update(inputs, wanted) or (FAILED if complaints else 0)
    checked = []
    for one in tracked(inputs, watched=True):
        try:
            checked.append(check_one(one, wanted))
        except UnsaidError as error:
            report(str(error))
            complaints.append(str(error))
    if form == "text" and not checked:
        return FAILED
    text = rendered(checked, form, bold=output is None and sys.stdout.isatty())
    if not _deliver(text, output) or complaints:
        return FAILED
    return FOUND if any(one.findings for one in checked) else 0


def check_one(one: Input, asked: Asked, *, known: bool = True) -> Checked:
    """Read a story and keep the findings that count.

    :param known: whether what the baseline knows is left out.
    :raises UnsaidError: if the story or the settings cannot be read, or a rule is named that there is none of.
    """
    from unsaid.cli.commands import opened, read_one  # noqa: PLC0415
    from unsaid.cli.settings import key_of, load_baseline, settings_for  # noqa: PLC0415
    from unsaid.findings.choice import Choice, beyond, choose  # noqa: PLC0415
    from unsaid.formats.findings import Checked  # noqa: PLC0415

    settings = settings_for(one.path, asked.config)
    choice = Choice(
        select=asked.select or settings.check.select,
        ignore=asked.ignore or settings.check.ignore,
        least=asked.severity or settings.check.severity,
        severities=settings.check.severities,
        silences=settings.check.silence,
    )
    story = read_one(one, asked.max_size, opened("cpu" if asked.encoder else None))
    chosen = choose(story.text, (f for f in story.findings if not f.meant), choice)
    findings = chosen.findings
    baseline = baseline_of(asked, settings)
    if known and baseline is not None:
        findings = beyond(story.text, findings, load_baseline(baseline).findings.get(key_of(one.path, baseline), ()))
    return Checked(one.shown, story.text, findings, chosen.lighter)


def baseline_of(asked: Asked, settings: Settings) -> Path | None:
    """The baseline that is asked for, else the one that the settings name, from the folder that they stand in."""
    if asked.baseline is not None:
        return Path(asked.baseline)
    return Path(settings.folder, settings.check.baseline) if settings.check.baseline is not None else None


def update_baselines(inputs: Sequence[Input], asked: Asked) -> list[str]:
    """Write what is found now to the baselines, and say so in a line for each.

    Stories that are not read keep what their baseline holds.

    :raises UnsaidError: if a story or the settings cannot be read, or no baseline is named.
    :raises CannotWrite: if a baseline cannot be written.
    """
    from unsaid.cli.settings import BASELINE_HINT, SettingsError, baseline_text, key_of, load_baseline, settings_for  # noqa: PLC0415
    from unsaid.findings import fingerprint  # noqa: PLC0415

    known: dict[Path, dict[str, tuple[str, ...]]] = {}
    for one in inputs:
        path = baseline_of(asked, settings_for(one.path, asked.config))
        if path is None:
            raise SettingsError(f"{one.shown}: {BASELINE_HINT}")
        held = known.setdefault(path, dict(load_baseline(path).findings))
        done = check_one(one, asked, known=False)
        held[key_of(one.path, path)] = tuple(fingerprint(done.text, f) for f in done.findings)
    lines = []
    for path, held in known.items():
        write(path, baseline_text({key: marks for key, marks in sorted(held.items()) if marks}).encode())
        count = sum(map(len, held.values()))
        lines.append(f"{path}: {count} finding{' is' if count == 1 else 's are'} known from now on")
    return lines


def _update(inputs: Sequence[Input], asked: Asked) -> int:
    from unsaid.cli.commands import report  # noqa: PLC0415

    try:
        for line in update_baselines(inputs, asked):
            click.echo(line)
    except UnsaidError as error:
        report(str(error))
        return FAILED
    return 0


def rendered(checked: Sequence[Checked], form: str, *, bold: bool) -> str:
    """What a check found, in the form that was asked for."""
    from unsaid.formats import findings  # noqa: PLC0415

    if form == "text":
        return findings.as_text(checked, (lambda text: f"\x1b[1m{text}\x1b[0m") if bold else str)
    return {"json": findings.as_json, "sarif": findings.as_sarif, "github": findings.as_github}[form](checked)


def _deliver(text: str, output: str | None) -> bool:
    from unsaid.cli.commands import deliver  # noqa: PLC0415

    return deliver(text.encode("utf-8", "backslashreplace"), None if output is None else Path(output), spaced=False)


@click.command()
@click.argument("called", required=False, metavar="[RULE]")
def rule(called: str | None) -> int:
    """Explain a rule, by its code or name, with an example; without one, list them all."""
    from unsaid.cli.commands import report  # noqa: PLC0415
    from unsaid.findings import FAMILIES, RULES  # noqa: PLC0415
    from unsaid.findings import rule as find  # noqa: PLC0415

    if called is not None:
        try:
            click.echo(find(called).page.rstrip())
        except UnsaidError as error:
            report(str(error))
            return FAILED
        return 0
    for letter, family in FAMILIES.items():
        rules = [one for one in RULES.values() if one.code[0] == letter]
        if rules:
            click.echo(f"{letter}: {family}")
        for one in rules:
            click.echo(f"  {one.code}  {one.severity:7}  {one.name}: {one.summary}")
    return 0
