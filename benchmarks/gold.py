"""Gold from marked stories: the passages that a reader marked, and where they stand in a text.

A marked story (``examples/marked/*.txt``) is the story with its utterances in braces, then a line ``%%%%`` and a JSON
object with the cast and everything that is true of the whole story::

    {M>T|"Where are they,"} said Marin {T>M|"Where are what,"}

``{M>T|…}`` is speech from M to T; several addressees are split by commas and none may be given; ``L/A`` says that
either speaker is a fair reading. A prefix changes the kind: ``t:`` thought, ``w:`` writing, ``i:`` indirect speech;
``+`` goes on with the turn before it, which a cue or a paragraph's end interrupted; ``{?|…}`` may be read as inner
speech or not. Letters of the cast stand for a name, or for the forms that someone without one is called by. Offsets
are counted here and never by hand.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

KINDS = {"": "speech", "t:": "thought", "w:": "writing", "i:": "speech"}
LISTS = ("utterances", "indirect", "optional")
_OPENING = re.compile(r"\{(\?|\+?(?:[twi]:)?[A-Za-z/]+(?:>[A-Za-z,]+)?)\|")
_WHO = re.compile(r"(?P<more>\+?)(?P<kind>(?:[twi]:)?)(?P<by>[A-Za-z/]+)(?:>(?P<to>[A-Za-z,]+))?")


class MarkError(ValueError):
    """A marked story that cannot be taken apart; says where and why."""


class Passage(msgspec.Struct, frozen=True):
    """A marked passage of ``text[start:end]``; ``mark`` is what stood before its bar ("+t:M>T", "?")."""

    start: int
    end: int
    mark: str


class Marked(msgspec.Struct, frozen=True):
    """A marked story taken apart: the text as a reader finds it, the passages in it, and the facts of the whole."""

    text: str
    passages: tuple[Passage, ...]
    facts: dict[str, Any]


def parse(source: str) -> Marked:
    """Take a marked story apart.

    :raises MarkError: if a passage is not closed, or opens inside another one, or the facts are missing.
    """
    body, divider, facts = source.partition("\n%%%%\n")
    if not divider:
        raise MarkError("no line %%%% between the story and its facts")
    text, passages, at = [], [], 0
    length = 0
    for opening in _OPENING.finditer(body):
        if opening.start() < at:
            raise MarkError(f"a passage opens inside another one: {body[opening.start() : opening.start() + 40]!r}")
        close = body.find("}", opening.end())
        if close < 0:
            raise MarkError(f"a passage is not closed: {body[opening.start() : opening.start() + 40]!r}")
        before, inside = body[at : opening.start()], body[opening.end() : close]
        text += [before, inside]
        start = length + len(before)
        length = start + len(inside)
        passages.append(Passage(start, length, opening[1]))
        at = close + 1
    text.append(body[at:] + "\n")
    whole = "".join(text)
    if stray := re.search(r"[{}]", whole):
        raise MarkError(f"a brace that marks nothing: {whole[max(0, stray.start() - 20) : stray.start() + 20]!r}")
    return Marked(whole, tuple(passages), json.loads(facts))


def utterances(marked: Marked) -> dict[str, list[dict[str, Any]]]:
    """The marked passages in the form of the gold files, by list: utterances, indirect, optional."""
    lists: dict[str, list[dict[str, Any]]] = {name: [] for name in LISTS}
    for passage in marked.passages:
        span = {"start": passage.start, "end": passage.end, "text": marked.text[passage.start : passage.end]}
        if passage.mark == "?":
            lists["optional"].append(span)
            continue
        who = _WHO.fullmatch(passage.mark)
        if who is None:
            raise MarkError(f"not a mark: {passage.mark!r}")
        entry = {"kind": KINDS[who["kind"]], **_named(marked.facts["cast"], who), **span}
        if who["more"]:
            entry["continues"] = True
        lists["indirect" if who["kind"] == "i:" else "utterances"].append(entry)
    return lists


def _named(cast: dict[str, str | list[str]], who: re.Match[str]) -> dict[str, Any]:
    speakers, addressees = who["by"].split("/"), (who["to"] or "").split(",")
    unknown = [letter for letter in (*speakers, *addressees) if letter and letter not in cast]
    if unknown:
        raise MarkError(f"nobody in the cast is {unknown[0]!r} ({who[0]!r})")
    forms = [form for letter in speakers for form in _forms(cast[letter])]
    return {
        "speaker": forms[0] if len(forms) == 1 else forms,
        "addressees": [_forms(cast[letter])[0] for letter in addressees if letter],
    }


def _forms(forms: str | list[str]) -> list[str]:
    return [forms] if isinstance(forms, str) else forms


def span_of(entry: dict[str, Any]) -> Any:
    """A passage that is not scored as ``[start, end]``, as the gold files have it, or whole where it has no offsets."""
    return [entry["start"], entry["end"]] if "start" in entry else entry


def cast_lists(cast: dict[str, str | list[str]]) -> dict[str, Any]:
    """The cast in the form of the gold files: named characters, those without a name, and other forms of each."""
    firsts = [_forms(forms)[0] for forms in cast.values()]
    return {
        "characters": [name for name in firsts if name[0].isupper()],
        "unnamed": [name for name in firsts if not name[0].isupper()],
        "also": {forms[0]: forms[1:] for forms in cast.values() if isinstance(forms, list)},
    }


def locate(gold: dict[str, Any], text: str) -> dict[str, Any]:
    """Gold with offsets into ``text``, for a story whose text is only known once its file has been read.

    Each passage is looked for after the one before it; white space may differ.

    :raises MarkError: if a passage does not stand in the text where it should.
    """
    order = sorted(
        ((entry["ordinal"], name, i) for name in LISTS for i, entry in enumerate(gold[name])),
    )
    placed = {**gold, **{name: list(gold[name]) for name in LISTS}}
    at = 0
    for _, name, i in order:
        entry = gold[name][i]
        found = re.compile(r"\s+".join(map(re.escape, entry["text"].split()))).search(text, at)
        if found is None:
            raise MarkError(f"not in the text after offset {at}: {entry['text'][:60]!r}")
        placed[name][i] = {**entry, "start": found.start(), "end": found.end()}
        at = found.end()
    placed["optional"] = [span_of(entry) for entry in placed["optional"]]
    return placed
