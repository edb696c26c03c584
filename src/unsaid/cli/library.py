"""``unsaid library``: many stories in one file, searched by words and by what happens."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from unsaid.cli import FAILED
from unsaid.cli.reading import in_processes
from unsaid.errors import UnsaidError
from unsaid.inputs import standard_input

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from unsaid.library import Added, Alike, Found, Library, Options
    from unsaid.library.search import Passage

WIDEST = 60
"""Characters of a cell that a table on the terminal shows."""
NOTEWORTHY = 20
"""Works whose reading for `like` takes long enough to be spoken of."""


@click.group()
@click.option("--library", "place", metavar="PATH", help="The library's file; the user's own if not given.")
@click.pass_context
def library(context: click.Context, place: str | None) -> None:
    """Keep many stories, and find them again by their words and by what happens in them."""
    context.obj = place


def _opened(context: click.Context, does: Callable[[Library], int], *, write: bool = False) -> int:
    """Open the library, do something with it, and say in one line what failed."""
    from unsaid.cli.commands import report  # noqa: PLC0415 - commands.py adds this command

    try:
        from unsaid.library import Library  # noqa: PLC0415 - DuckDB is loaded when a library is opened

        with Library.open(context.obj, write=write) as opened:
            return does(opened)
    except UnsaidError as error:
        report(str(error))
        return FAILED


@library.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@in_processes("story")
@click.pass_context
def add(context: click.Context, paths: tuple[str, ...], workers: int | None, timeout: float) -> int:
    """Add stories: files, folders, archives (zip, tar). What is there already is not read again."""
    return _opened(
        context, lambda o: _told(o.add(*paths, options=_options(workers, timeout), progress=_progress)), write=True
    )


@library.command()
@click.option("--again", is_flag=True, help="Read everything again, also what has not changed.")
@in_processes("story")
@click.pass_context
def update(context: click.Context, again: bool, workers: int | None, timeout: float) -> int:
    """Read again what has changed: files, and what was corrected in them."""

    def does(opened: Library) -> int:
        return _told(opened.update(options=_options(workers, timeout, again=again), progress=_progress))

    return _opened(context, does, write=True)


def _options(workers: int | None, timeout: float, *, again: bool = False) -> Options:
    from unsaid.library import Options  # noqa: PLC0415
    from unsaid.workers import Bounds  # noqa: PLC0415

    return Options(workers=workers or os.cpu_count() or 1, bounds=Bounds(seconds=timeout), again=again)


def _progress(done: int, of: int, what: str = "read") -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{what} {done:,} of {of:,}" + ("\n" if done == of else ""), err=True, nl=False)


def _told(added: Added) -> int:
    from unsaid.cli.commands import report  # noqa: PLC0415

    for path, why in added.failed:
        report(f"{path}: {why}")
    counts = {"new": added.new, "read again": added.again, "known": added.known, "unchanged": added.same}
    click.echo(", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing to add")
    return FAILED if added.failed else 0


@library.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, one work to a line.")
@click.pass_context
def list_(context: click.Context, as_json: bool) -> int:
    """List the works: number, words, title, author."""

    def does(opened: Library) -> int:
        for work in opened.works():
            if as_json:
                click.echo(msgspec.json.encode(work))
            else:
                click.echo(f"{work.work:>6} {work.words:>9,}  {_called(work.title, work.author, *work.files[:1])}")
        return 0

    return _opened(context, does)


def _called(title: str | None, author: str | None, path: str | None = None) -> str:
    from unsaid.library import called  # noqa: PLC0415

    name = called(title, path)
    return " ".join(f"{name}, {author}".split() if author else name.split())


@library.command()
@click.argument("work", metavar="WORK")
@click.option("--json", "as_json", is_flag=True, help="The whole reading as JSON (unsaid-story/1).")
@click.pass_context
def show(context: click.Context, work: str, as_json: bool) -> int:
    """Show a work, by number, path or title: its summary and its files."""

    def does(opened: Library) -> int:
        found = opened.find(work)
        story = opened.story(found.work)
        if as_json:
            click.echo(story.to_json())
            return 0
        from unsaid.formats.summary import summary  # noqa: PLC0415

        click.echo(summary(story), nl=False)
        click.echo("\nfiles")
        for path in found.files:
            click.echo(f"  {path}{'' if Path(path.split('!/')[0]).exists() else '  (no longer there)'}")
        return 0

    return _opened(context, does)


@library.command()
@click.argument("works", nargs=-1, required=True, metavar="WORK...")
@click.pass_context
def remove(context: click.Context, works: tuple[str, ...]) -> int:
    """Take works out of the library, by number, path or title. Their files are not touched."""

    def does(opened: Library) -> int:
        for found in [opened.find(called) for called in works]:
            opened.remove(found.work)
            click.echo(f"removed {found.work}: {_called(found.title, found.author, *found.files[:1])}")
        return 0

    return _opened(context, does, write=True)


@library.command()
@click.argument("query", nargs=-1, required=True, metavar="QUERY...")
@click.option("--limit", type=click.IntRange(1), default=20, help="How many works to show (20).")
@click.option("--json", "as_json", is_flag=True, help="As JSON, one work to a line, with offsets.")
@click.pass_context
def search(context: click.Context, query: tuple[str, ...], limit: int, as_json: bool) -> int:
    """Find works by words and by what happens in them; each with the passages that show it.

    `departure:no-farewell not returns:yes`, `confession:unreturned by Ines`, `speech:"come home"`, `words:>5k
    narrator:first`; docs/library.md has every field.
    """
    return _opened(context, lambda o: _found(o.search(_joined(query), limit=limit), as_json=as_json))


def _joined(query: tuple[str, ...]) -> str:
    """The query as it was typed: the shell has taken the quotation marks off a phrase that stood alone."""
    if len(query) == 1:
        return query[0]
    return " ".join(_quoted(part) for part in query)


def _quoted(part: str) -> str:
    if " " not in part or '"' in part or "(" in part:
        return part
    field, colon, value = part.partition(":")
    return f'{field}:"{value}"' if colon and field.replace("-", "").isalpha() else f'"{part}"'


def _found(found: Found, *, as_json: bool) -> int:
    for hit in found.hits:
        if as_json:
            click.echo(msgspec.json.encode(hit))
            continue
        called = _called(hit.title, hit.author, hit.path)
        click.echo(f"{_bold(called)} · {hit.work} · {hit.words:,} words")
        for passage in hit.passages:
            click.echo(f"    {passage.what}: {_shown(passage)}")
    if not as_json:
        hint = f"; did you mean {' or '.join(found.near)}?" if found.near else ""
        more = f", {len(found.hits)} shown" if found.total > len(found.hits) else ""
        click.echo(f"{found.total} {'work' if found.total == 1 else 'works'}{more}{hint}")
    return 0


def _shown(passage: Passage, *, bold: bool = True) -> str:
    """A passage between what stands around it; where it is cut short itself, that is said once."""
    text = _bold(passage.text) if bold else passage.text
    end = "" if not passage.after and passage.text.endswith("…") else "…"
    return f"…{passage.before.lstrip()}{text}{passage.after.rstrip()}{end}"


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m" if sys.stdout.isatty() and text else text


@library.command()
@click.argument("what", metavar="FILE|TEXT|-")
@click.option("--limit", type=click.IntRange(1), default=10, help="How many scenes to show (10).")
@click.option("--as-is", is_flag=True, help="Look only into works that have been looked into before.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, one scene to a line, with offsets.")
@click.pass_context
def like(context: click.Context, what: str, limit: int, as_is: bool, as_json: bool) -> int:
    """Find the scenes that are most like a file, a passage, or standard input (-).

    The first time, every work's scenes have to be read for it, which takes about as long as adding them did; what is
    done is kept, also when you interrupt it.
    """
    from unsaid.sources.limits import Limits  # noqa: PLC0415 - with it come the sources, which nobody else waits for

    source = standard_input(Limits().max_file) if what == "-" else what
    if not as_is and (failed := _opened(context, _prepared, write=True)):
        return failed
    return _opened(context, lambda o: _alike(o.like(source, limit=limit), as_json=as_json))


def _prepared(opened: Library) -> int:
    from unsaid.cli.commands import report  # noqa: PLC0415

    lacking = opened.lacking()
    if lacking > NOTEWORTHY:
        report(f"the scenes of {lacking:,} works have to be read for this once; --as-is looks only into the others")
    opened.prepare(progress=_progress, linked=partial(_progress, what="linked to their neighbours"))
    return 0


def _alike(found: Alike, *, as_json: bool) -> int:
    from unsaid.cli.commands import report  # noqa: PLC0415

    for scene in found.scenes:
        if as_json:
            click.echo(msgspec.json.encode(scene))
            continue
        called = _called(scene.title, scene.author, scene.path)
        click.echo(f"{_bold(called)} · {scene.work} · scene {scene.scene} · {scene.likeness:.2f}")
        click.echo(f"    {_shown(scene.passage, bold=False)}")
    if found.lacking:
        report(f"{found.lacking:,} works were not looked into; without --as-is they are")
    return 0


@library.command()
@click.argument("sql")
@click.option("--json", "as_json", is_flag=True, help="As JSON, one row to a line.")
@click.pass_context
def query(context: click.Context, sql: str, as_json: bool) -> int:
    """Ask the tables in SQL (DuckDB); docs/formats.md has their columns."""

    def does(opened: Library) -> int:
        _table(opened.query(sql), as_json=as_json)
        return 0

    return _opened(context, does)


def _table(table: pa.Table, *, as_json: bool) -> None:
    rows: list[dict[str, Any]] = table.to_pylist()
    if as_json:
        for row in rows:
            click.echo(msgspec.json.encode(row))
        return
    cells = [list(table.column_names), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(cells[0]))]
    for line in cells:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


@library.command()
@click.argument("folder", metavar="FOLDER")
@click.pass_context
def export(context: click.Context, folder: str) -> int:
    """Write every table as Parquet into FOLDER."""

    def does(opened: Library) -> int:
        opened.export(folder)
        return 0

    return _opened(context, does)


@library.command()
@click.pass_context
def check(context: click.Context) -> int:
    """Look whether the library is whole; where it is not, say what can be saved."""
    from unsaid.cli.commands import report  # noqa: PLC0415

    try:
        from unsaid.library import check as look  # noqa: PLC0415
        from unsaid.library import default_place  # noqa: PLC0415

        state = look(Path(context.obj) if context.obj else default_place())
    except UnsaidError as error:
        report(str(error))
        return FAILED
    if state.damaged:
        again = " ".join(state.folders)
        report(f"{state.path}: {state.damaged}; move it away and add again what it was read from: {again}")
    else:
        for story, why in state.broken:
            report(f"{story}: this reading is damaged ({why}); `unsaid library update --again` reads its file again")
    if state.graph:
        report(f"{state.graph}; `like` compares every passage until it has been made again, as the next `like` does")
    for path in state.missing:
        click.echo(f"{path}: no longer there; its reading is kept")
    for path, why in state.refused:
        click.echo(f"{path}: {why}")
    click.echo(
        f"{state.works} works are whole, {len(state.broken)} damaged; {state.bytes / 1e6:.1f} MB in {state.path}"
    )
    return FAILED if state.broken or state.damaged or state.graph else 0
