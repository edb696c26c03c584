"""``unsaid correct FILE …``: what a person knows better, kept in the file beside the story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from unsaid.cli import FAILED
from unsaid.errors import CorrectionError, UnsaidError

if TYPE_CHECKING:
    from collections.abc import Callable

    from unsaid.corrections import Book, Correction, Entry
    from unsaid.draft import Draft
    from unsaid.story import Story


@click.group(invoke_without_command=True)
@click.argument("file", metavar="FILE")
@click.pass_context
def correct(context: click.Context, file: str) -> int | None:
    """Say what is otherwise than it was read; kept in NAME.unsaid.toml beside FILE.

    Without a command, list what has been corrected. Whenever the story is read again, what is corrected is given, and
    the lines around it are read in its light.
    """
    context.obj = file
    return _listed(file) if context.invoked_subcommand is None else None


@correct.command()
@click.argument("line")
@click.argument("who")
@click.pass_obj
def speaker(file: str, line: str, who: str) -> int:
    """Say who speaks, thinks or writes a line: LINE (an id, or words of it) and WHO (a name or an id)."""
    return _made(file, lambda kit, story: kit.speaker(story, line, who))


@correct.command()
@click.argument("line")
@click.argument("to", type=click.Choice(["speech", "thought", "writing"]))
@click.pass_obj
def kind(file: str, line: str, to: str) -> int:
    """Say that a line, or any words of the text, are speech, a thought or a writing."""
    return _made(file, lambda kit, story: kit.retype(story, line, to))


@correct.command()
@click.argument("line")
@click.pass_obj
def none(file: str, line: str) -> int:
    """Say that a line is no utterance."""
    return _made(file, lambda kit, story: kit.no_utterance(story, line))


@correct.command()
@click.argument("one")
@click.argument("other")
@click.pass_obj
def merge(file: str, one: str, other: str) -> int:
    """Say that two characters are one, called as the first."""
    return _made(file, lambda kit, story: kit.merge(story, one, other))


@correct.command()
@click.argument("one")
@click.argument("names", nargs=-1, required=True)
@click.pass_obj
def split(file: str, one: str, names: tuple[str, ...]) -> int:
    """Say that one character is two: whoever is called by one of NAMES is somebody else."""
    return _made(file, lambda kit, story: kit.split(story, one, names))


@correct.command()
@click.argument("name")
@click.option("--pronouns", type=click.Choice(["he", "she", "they", "it"]), help="What they are referred to by.")
@click.pass_obj
def add(file: str, name: str, pronouns: str | None) -> int:
    """Say that there is somebody called NAME whom the reading does not know."""
    return _made(file, lambda kit, story: kit.newcomer(story, name, pronouns))


@correct.command()
@click.argument("one")
@click.argument("name")
@click.pass_obj
def rename(file: str, one: str, name: str) -> int:
    """Say what a character is to be called."""
    return _made(file, lambda kit, story: kit.rename(story, one, name))


@correct.command()
@click.argument("who", required=False)
@click.option("--at", metavar="WORDS", help="Only the stretch of the story that holds these words.")
@click.pass_obj
def narrator(file: str, who: str | None, at: str | None) -> int:
    """Say which character tells the story; without WHO, that none of them does."""
    return _made(file, lambda kit, story: kit.narrator(story, who, at))


@correct.command()
@click.argument("rule")
@click.argument("words", required=False)
@click.pass_obj
def meant(file: str, rule: str, words: str | None) -> int:
    """Say that a finding is meant: RULE is its code, WORDS stand in its passage; without WORDS, everywhere."""
    return _made(file, lambda kit, story: _meant(kit, story, rule, words))


@correct.command()
@click.argument("which", required=False, metavar="[ID]")
@click.pass_obj
def undo(file: str, which: str | None) -> int:
    """Undo the last correction, or the one with an id."""

    def undone(book: Book) -> tuple[Book, Entry | None]:
        last = book.undoable if which is None else next((e for e in book.entries if e.id == which), None)
        return book.undo(which), last if last and not last.undone else None

    return _turned(file, undone, "undone", "undo")


@correct.command()
@click.pass_obj
def redo(file: str) -> int:
    """Take back what was undone last."""
    return _turned(file, lambda book: (book.redo(), book.redoable), "redone", "redo")


def _turned(file: str, how: Callable[[Book], tuple[Book, Entry | None]], done: str, wanted: str) -> int:
    """Change a file of corrections without reading its story, and say what was changed."""
    from unsaid import corrections  # noqa: PLC0415 - loaded when something is corrected

    changed: list[Entry | None] = []

    def turned(book: Book) -> Book:
        book, entry = how(book)
        changed.append(entry)
        return book

    def turn() -> None:
        corrections.change(corrections.beside(file), turned)
        if changed[0] is None:
            raise CorrectionError(file, f"there is nothing to {wanted}")
        click.echo(f"{done}: {corrections.shown(changed[0].correction)}")

    return _reported(turn)


def _made(file: str, make: Callable[[Any, Story], Correction]) -> int:
    """Make a correction of a story, keep it, and say what it came to.

    :param make: the correction, made by :mod:`unsaid.corrections` from the story as it reads now.
    """

    def made() -> None:
        from unsaid import corrections  # noqa: PLC0415 - loaded when something is corrected

        draft = _opened(file)
        before = draft.story
        correction = make(corrections, before)
        after = draft.correct(correction)
        click.echo(f"{draft.path}: {corrections.shown(correction)}")
        changed = _changed(before, after)
        if changed:
            click.echo(f"{changed} {'line is' if changed == 1 else 'lines are'} read otherwise now")

    return _reported(made)


def _changed(before: Story, after: Story) -> int:
    """How many lines have another speaker, kind or addressee than before, or are new, or gone."""
    one, other = ({(u.start, u.end, u.kind, u.speaker, u.addressees) for u in s.utterances} for s in (before, after))
    return len({line[:2] for line in one ^ other})


def _meant(kit: Any, story: Story, code: str, words: str | None) -> Correction:
    """The correction that silences a rule at the finding whose passage holds some words, or everywhere."""
    from unsaid.findings import rule  # noqa: PLC0415

    code = rule(code).code
    if words is None:
        return kit.Meant(rule=code)  # type: ignore[no-any-return]
    found = [f for f in story.findings if f.rule == code and any(words in story.passage(span) for span in f.spans)]
    if len(found) != 1:
        where = f"{len(found)} findings" if found else "no finding"
        raise CorrectionError(story.source.name, f"{where} of {code} with {words!r} in the passage; give other words")
    return kit.meant(story, found[0])  # type: ignore[no-any-return]


def _listed(file: str) -> int:
    """Print every correction of a story, with what no longer fits and what is undone."""

    def listed() -> None:
        from unsaid import corrections  # noqa: PLC0415

        draft = _opened(file)
        reasons = {id(u.correction): u.reason for u in draft.unfit}
        for entry in draft.book.entries:
            reason = reasons.get(id(entry.correction))
            state = " (undone)" if entry.undone else f" (no longer fits: {reason})" if reason else ""
            click.echo(f"{entry.id}  {corrections.shown(entry.correction)}{state}")
        if not draft.book.entries:
            click.echo(f"nothing is corrected; `unsaid correct {file} --help` says how")

    return _reported(listed)


def _opened(file: str) -> Draft:
    from unsaid.draft import Draft  # noqa: PLC0415 - the reader is loaded when there is something to read

    return Draft.open(file)


def _reported(work: Callable[[], None]) -> int:
    from unsaid.cli.commands import report  # noqa: PLC0415 - commands.py adds this command to its own

    try:
        work()
    except UnsaidError as error:
        report(str(error))
        return FAILED
    return 0
