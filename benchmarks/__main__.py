"""The benchmark programs: ``python -m benchmarks [pdnc|errors|calibration|…]``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from benchmarks import corpus


@click.group()
@click.option("--shared", type=click.Path(exists=True, file_okay=False), help="The folder with the measuring material.")
def main(shared: str | None) -> None:
    """Measure the quality and the speed of Unsaid."""
    if shared is not None:
        os.environ["UNSAID_SHARED"] = shared


@main.command()
@click.argument("books", nargs=-1)
@click.option("--all", "every", is_flag=True, help="The novels that nobody looks at while rules are written, too.")
@click.option("--jobs", default=1, show_default=True, help="How many processes read at once.")
def pdnc(books: tuple[str, ...], every: bool, jobs: int) -> None:
    """Speakers on PDNC novels, beside BookNLP: BOOKS, or the ones that may be looked at."""
    from benchmarks import pdnc as room  # noqa: PLC0415 - a command loads what it needs

    chosen = list(books) or (corpus.novels() if every else corpus.developed())
    click.echo(room.table(room.measure_all(chosen, jobs)))


@main.command()
@click.argument("books", nargs=-1)
@click.option("--jobs", default=2, show_default=True, help="How many processes read at once.")
@click.option("--encoder", is_flag=True, help="Read them with the encoder, too.")
def robustness(books: tuple[str, ...], jobs: int, encoder: bool) -> None:
    """What each kind of damage costs: BOOKS, or the novels that nobody looks at while rules are written."""
    from benchmarks import robustness as room  # noqa: PLC0415

    click.echo(room.table(list(books) or sorted(corpus.APART), jobs, encoder=encoder))


@main.command()
@click.argument("book")
@click.option("--rule", help="Only what this rule decided.")
@click.option("--type", "kind", type=click.Choice(["explicit", "anaphoric", "implicit"]), help="Only this gold type.")
@click.option(
    "--state", type=click.Choice(["wrong", "unknown", "missed", "spurious"]), help="Only errors of this sort."
)
@click.option("--n", default=20, show_default=True, help="How many at most.")
@click.option("--seed", default=0, show_default=True, help="Another seed shows another sample.")
def errors(book: str, rule: str | None, kind: str | None, state: str | None, n: int, seed: int) -> None:
    """Misattributed quotations of BOOK beside their passage; SPURIOUS ones are no quotation in gold."""
    import unsaid  # noqa: PLC0415
    from benchmarks import errors as room  # noqa: PLC0415
    from benchmarks.verdicts import compare  # noqa: PLC0415

    refuse_clean(book)
    compared = compare(book, unsaid.read(corpus.folder_of(book) / "novel_text.txt"))
    if state == "spurious":
        for item in [s for s in compared.spurious if rule in (None, s.utterance.rule)][:n]:
            click.echo(room.show_spurious(compared.text, item))
        return
    wanted = room.Wanted(rule=rule, type=kind, state=state, n=n, seed=seed)
    for verdict in room.chosen(compared, wanted):
        click.echo(room.show(compared.text, verdict))
    click.echo(room.by_rule(compared))
    click.echo(room.by_character(compared))
    click.echo(f"{len(compared.spurious)} utterances are no quotation in gold (--state spurious shows them)")


@main.command()
@click.option("--fit", is_flag=True, help="Print the scale that would make each rule true.")
@click.argument("books", nargs=-1)
def calibration(books: tuple[str, ...], fit: bool) -> None:
    """How often a line of a given confidence is right, by bin and by rule: BOOKS, or the ones that may be looked at."""
    from benchmarks import calibration as room  # noqa: PLC0415

    for book in books:
        refuse_clean(book)
    made = room.claims_in(list(books) or corpus.developed())
    for table in room.tables(made):
        click.echo(table)
    if fit:
        for rule, scale in room.fit(made).items():
            click.echo(f'    "{rule}": {scale},')


@main.command()
@click.option("--misses", is_flag=True, help="Every line that was not read right.")
def examples(misses: bool) -> None:
    """The project's own examples against their gold."""
    from benchmarks import stories  # noqa: PLC0415

    if misses:
        for name in stories.example_names():
            click.echo("\n".join([name, *map(str, stories.score_example(name).misses)]))
    click.echo(stories.examples())


@main.command()
@click.option("--misses", is_flag=True, help="Every line that was not read right, of the stories that may be read.")
@click.option("--jobs", default=2, show_default=True, help="How many processes read at once.")
def written(misses: bool, jobs: int) -> None:
    """The project's own stories of the wild sort against their gold: those looked at, and those that nobody reads."""
    from benchmarks import wild as room  # noqa: PLC0415

    if misses:
        for path in room.paths(""):
            click.echo("\n".join([path.stem, *map(str, room.score_story(path).misses)]))
    click.echo(room.table(jobs=jobs))


@main.command()
@click.argument("books", nargs=-1)
@click.option("--jobs", default=2, show_default=True, help="How many processes work at once.")
@click.option("--clean", is_flag=True, help="The novels that nobody looks at, too, all in one row.")
def replay(books: tuple[str, ...], jobs: int, clean: bool) -> None:
    """A person's work replayed: how far a few corrected lines go. BOOKS, or the novels that may be looked at."""
    from benchmarks import replay as room  # noqa: PLC0415

    for book in books:
        refuse_clean(book)
    unseen = room.replay_all(sorted(corpus.CLEAN), jobs) if clean else []
    click.echo(room.table(room.replay_all(list(books) or corpus.developed(), jobs), unseen))


@main.command()
@click.option("--misses", is_flag=True, help="What is wrong in each story that may be looked at.")
def ledger(misses: bool) -> None:
    """What passes between people, against gold: entries, masks, partings."""
    from benchmarks import ledger as room  # noqa: PLC0415

    if misses:
        click.echo("\n".join(room.measure("")[1]))
    click.echo(room.table())
    click.echo(room.wild())


@main.command()
@click.option("--misses", is_flag=True, help="What is wrong in each story that may be looked at.")
def findings(misses: bool) -> None:
    """What does not hold together in the project's own stories, against gold."""
    from benchmarks import findings as room  # noqa: PLC0415

    for name, score in room.measure(clean=False).items() if misses else ():
        click.echo("\n  ".join([name, *score.errors]))
    click.echo(room.table())


@main.command()
def wild() -> None:
    """The stories of the shared folder against their gold."""
    from benchmarks import stories  # noqa: PLC0415

    click.echo(stories.shared_stories())


@main.command()
@click.option("--half", "halves", multiple=True, type=click.Choice(["pdnc", "seen", "unseen"]), help="Which novels.")
@click.option("--seed", default=0, show_default=True, help="Another seed plants other errors.")
@click.option("--misses", is_flag=True, help="Every planted error that was not found; not of the unseen half.")
@click.option("--draw", default=0, help="Show so many warnings on untouched novels, drawn at random.")
@click.option("--jobs", default=2, show_default=True, help="How many processes read novels at once.")
def continuity(halves: tuple[str, ...], seed: int, misses: bool, draw: int, jobs: int) -> None:
    """Errors planted into untouched novels: how many are found, and how much is found where nothing was planted."""
    from benchmarks import continuity as room  # noqa: PLC0415

    tried = {half: room.measure(half, seed=seed, jobs=jobs) for half in halves or ("pdnc",)}
    for half, some in tried.items():
        for one in some if misses and half != "unseen" else ():
            for kind, passage in one.missed:
                click.echo(f"{one.book}: {kind}: {passage}")
        for warning in room.drawn(some, draw, seed):
            click.echo(warning)
    click.echo(room.table(tried))


@main.command()
@click.argument("model", type=click.Path(exists=True, file_okay=False, path_type=Path))
def encoder(model: Path) -> None:
    """The encoder in the folder MODEL beside the rules, on the samples of LitBank that nothing was trained on."""
    from benchmarks import encoder as room  # noqa: PLC0415
    from unsaid.encoder import load  # noqa: PLC0415

    for table in room.tables(load(model)):
        click.echo(table)


@main.command()
@click.argument("books", nargs=-1)
@click.option("--model", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Another model's folder.")
@click.option("--jobs", default=1, show_default=True, help="How many processes read novels at once.")
@click.option("--fit", is_flag=True, help="Print the scale that would make each rule true.")
def speakers(books: tuple[str, ...], model: Path | None, jobs: int, fit: bool) -> None:
    """Speakers and addressees by rules, encoder and both: BOOKS, or those that the encoder was not trained on."""
    from benchmarks import calibration  # noqa: PLC0415
    from benchmarks import speakers as room  # noqa: PLC0415

    results = room.measure_all(list(books) or sorted(corpus.APART), model, jobs)
    for table in room.tables(results):
        click.echo(table)
    if fit:
        claims = [c for r in results for c in r.claims]
        for table in calibration.tables(claims):
            click.echo(table)
        for rule, scale in calibration.fit(claims, "encoder").items():
            click.echo(f'    "{rule}": {scale},')


@main.command()
@click.option("--misses", is_flag=True, help="Every expression that was not read right.")
def times(misses: bool) -> None:
    """Time expressions in the project's own examples against their gold."""
    from benchmarks import times as room  # noqa: PLC0415

    for name, score in room.scores().items() if misses else ():
        click.echo("\n  ".join([name, *score.misses]))
    click.echo(room.table())


@main.command()
def speed() -> None:
    """Seconds and megabytes, at growing sizes."""
    from benchmarks import speed as room  # noqa: PLC0415

    click.echo(room.table())
    click.echo(room.encoded())


@main.command()
def growth() -> None:
    """Seconds by room of one story told once, ten and a hundred times over."""
    from benchmarks import growth as room  # noqa: PLC0415

    click.echo(room.table())


@main.command()
@click.option("--stories", default=3000, show_default=True, help="How many stories.")
@click.option("--jobs", default=2, show_default=True, help="How many processes read at once.")
@click.option(
    "--kept", type=click.Path(path_type=Path), help="Where the library is made; asked again where it is there."
)
@click.option("--write", is_flag=True, help="Keep the table in docs/benchmarks.md.")
def library(stories: int, jobs: int, kept: Path | None, write: bool) -> None:
    """Time and size of a library of stories cut from novels: adding, searching, like, the browser."""
    from benchmarks import library as room  # noqa: PLC0415

    table = str(room.table(stories, jobs, kept))
    click.echo(table)
    if write:
        room.KEPT.write_text(table, encoding="utf-8")
        page = corpus.ROOT / "docs" / "benchmarks.md"
        page.write_text(room.with_library(page.read_text(encoding="utf-8"), table), encoding="utf-8")


@main.command()
@click.option("--stories", default=1000, show_default=True, help="How many stories at most: 10, 100, 1000 or 10000.")
@click.option("--ray/--no-ray", default=True, help="Read them with Ray, too.")
@click.option("--write", is_flag=True, help="Keep the table for docs/benchmarks.md.")
def corpora(stories: int, ray: bool, write: bool) -> None:
    """Seconds, memory and size of corpora of stories cut from novels, by size, workers and engine."""
    from benchmarks import corpora as room  # noqa: PLC0415

    table = str(room.table(stories, ray=ray))
    click.echo(table)
    if write:
        room.KEPT.write_text(table, encoding="utf-8")


@main.command()
def formats() -> None:
    """Seconds and size of every output format, and who agrees that it is valid."""
    from benchmarks import formats as room  # noqa: PLC0415

    for table in room.tables():
        click.echo(table)


@main.command()
def reader() -> None:
    """The reader in the browser and the report, on a novel."""
    from benchmarks import reader as room  # noqa: PLC0415

    click.echo(room.table())


@main.command()
@click.option("--lower", is_flag=True, help="Take the floors as measured even where they fall.")
def gate(lower: bool) -> None:
    """Raise the floors that the tests hold the examples to."""
    from benchmarks import gate as room  # noqa: PLC0415

    kept = room.load()
    found = room.measured_ledgers()
    reached = room.ledger_floors(found, less=0.0)
    ledgers = room.renew(kept.get("ledger", {}), room.ledger_floors(found), lower=lower, reached=reached)
    read = room.measured(encoder=True)
    reached = room.encoded_floors(read, less=0)
    encoded = room.renew(kept.get("encoder", {}), room.encoded_floors(read), lower=lower, reached=reached)
    written = room.measured_wild()
    reached = room.wild_floors(written, less=0)
    wilds = room.renew(kept.get("wild", {}), room.wild_floors(written), lower=lower, reached=reached)
    scores = room.measured()
    reached = room.floors_of(scores, less=0)
    floors = room.renew(kept["examples"], room.floors_of(scores), lower=lower, reached=reached)
    room.save(floors, encoded, ledgers, wilds)


@main.command()
@click.argument("example")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def picture(example: str, target: Path) -> None:
    """Draw what a terminal shows of EXAMPLE as an SVG, TARGET."""
    from benchmarks import picture as room  # noqa: PLC0415

    room.draw([["unsaid", "read", example], ["unsaid", "read", "--script", example]], target, rows=24)


@main.command()
def transcripts() -> None:
    """Run the commands that the documents show, and write what they print now."""
    from benchmarks import transcripts as room  # noqa: PLC0415

    for document in room.documents():
        document.write_text(room.renewed(document.read_text(encoding="utf-8")), encoding="utf-8")
    room.RULES.mkdir(exist_ok=True)
    for page, content in room.rule_pages().items():
        page.write_text(content, encoding="utf-8")


@main.command(name="all")
@click.option("--write", is_flag=True, help="Keep the tables in docs/benchmarks.md and the figures in README.md.")
@click.option("--seen", is_flag=True, help="Leave the novels that nobody looks at unread.")
@click.option("--jobs", default=2, show_default=True, help="How many processes read novels at once.")
def everything(write: bool, seen: bool, jobs: int) -> None:
    """Every table: quality beside BookNLP, the stories, confidence, speed and memory."""
    from benchmarks import report  # noqa: PLC0415

    tables = []
    for table in report.tables(jobs, seen=seen):
        click.echo(table)
        tables.append(table)
    if write:
        readme = corpus.ROOT / "README.md"
        readme.write_text(report.with_figures(readme.read_text(encoding="utf-8"), tables), encoding="utf-8")
        (corpus.ROOT / "docs" / "benchmarks.md").write_text(report.page(tables), encoding="utf-8")


def refuse_clean(book: str) -> None:
    """Keep a novel that nobody looks at closed to whoever wants to read its errors.

    :raises NoCorpusError: if it is one of them.
    """
    if book in corpus.CLEAN:
        raise corpus.NoCorpusError(f"{book} is kept unseen: its figures tell how the rules do on a book they never saw")


def run() -> None:
    """Run a command; material that is missing, or a floor that would fall, is one line and status 2."""
    try:
        main(prog_name="python -m benchmarks")
    except corpus.BenchmarkError as error:
        click.echo(f"benchmarks: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    run()
