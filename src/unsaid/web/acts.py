"""What a form of the reader says, as corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid import corrections
from unsaid.corrections import Speaker
from unsaid.errors import CorrectionError, NoSuchCharacter
from unsaid.formats.lines import labels

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from unsaid.corrections import Correction
    from unsaid.story import Story

    Act = Callable[[Story, Mapping[str, str]], Sequence[Correction]]

_LONGEST_NAME = 200
_LONGEST_SPAN = 22


def made(story: Story, form: Mapping[str, str]) -> Sequence[Correction]:
    """The corrections that a form asks for.

    :raises CorrectionError: if it asks for none, or for one that cannot be made.
    :raises NoSuchCharacter: if it names somebody who is not there.
    """
    act = _ACTS.get(form.get("do", ""))
    if act is None:
        raise CorrectionError(story.source.name, f"nothing is called {form.get('do', '')[:40]!r} here; reload the page")
    return act(story, form)


def place_of(story: Story, form: Mapping[str, str]) -> tuple[int, int] | str:
    """The line that a form is about: its span, ``START-END``, or its id.

    A window sends the span: ids are counted anew when another window has said that something is no line.

    :raises CorrectionError: if none is given.
    """
    said = form.get("line", "")
    start, dash, end = said.partition("-")
    if dash and start.isdecimal() and end.isdecimal() and len(said) < _LONGEST_SPAN:
        return int(start), int(end)
    if not said or dash:
        raise CorrectionError(story.source.name, "no line was chosen; choose one and try again")
    return said


def _speaker(story: Story, form: Mapping[str, str]) -> Sequence[Correction]:
    """A line's speaker by id or name; somebody new where nobody is called so."""
    line, who = place_of(story, form), " ".join(_meant_by(story, form).split())[:_LONGEST_NAME]
    try:
        return [corrections.speaker(story, line, who)]
    except NoSuchCharacter:
        if not form.get("new"):
            raise
    return [corrections.newcomer(story, who), Speaker(line=corrections.passage(story, line), speaker=who)]


def _meant_by(story: Story, form: Mapping[str, str]) -> str:
    """Whom a window means: by the name that it shows, where the id has become somebody else's meanwhile."""
    who, called = form.get("who", ""), form.get("called", "")
    names = labels(story)
    if called and names.get(who) != called:
        return next((other for other, name in names.items() if name == called), who)
    return who


def _none(story: Story, form: Mapping[str, str]) -> Sequence[Correction]:
    return [corrections.no_utterance(story, place_of(story, form))]


def _retype(story: Story, form: Mapping[str, str]) -> Sequence[Correction]:
    line, to = place_of(story, form), form.get("to", "")
    if to not in ("speech", "thought", "writing"):
        raise CorrectionError(story.source.name, f"a line is speech, thought or writing, not {to[:40]!r}")
    return [corrections.retype(story, line, to)]  # type: ignore[arg-type] # one of the three


def _merge(story: Story, form: Mapping[str, str]) -> Sequence[Correction]:
    return [corrections.merge(story, form.get("who", ""), form.get("other", ""))]


def _split(story: Story, form: Mapping[str, str]) -> Sequence[Correction]:
    names = [name.strip() for name in form.get("names", "").split(",") if name.strip()]
    return [corrections.split(story, form.get("who", ""), names)]


def _rename(story: Story, form: Mapping[str, str]) -> Sequence[Correction]:
    return [corrections.rename(story, form.get("who", ""), form.get("name", "")[:_LONGEST_NAME])]


def _add(story: Story, form: Mapping[str, str]) -> Sequence[Correction]:
    pronouns = form.get("pronouns", "")
    known = pronouns if pronouns in ("he", "she", "they", "it") else None
    return [corrections.newcomer(story, form.get("name", "")[:_LONGEST_NAME], known)]


def _narrator(story: Story, form: Mapping[str, str]) -> Sequence[Correction]:
    at = place_of(story, form) if form.get("line") else None
    return [corrections.narrator(story, form.get("who") or None, at)]


def _meant(story: Story, form: Mapping[str, str]) -> Sequence[Correction]:
    at = form.get("at", "")
    found = [f for f in story.findings if f.rule == form.get("rule") and f.spans and str(f.spans[0].start) == at]
    if not found:
        raise CorrectionError(story.source.name, "this finding is no longer there; reload the page")
    return [corrections.meant(story, found[0])]


_ACTS: Mapping[str, Act] = {
    "speaker": _speaker,
    "retype": _retype,
    "none": _none,
    "merge": _merge,
    "split": _split,
    "rename": _rename,
    "add": _add,
    "narrator": _narrator,
    "meant": _meant,
}
