"""Colloquial cues that hold no verb of speech: "and he's like, …", "she was all, …", "Ann goes, …".

Romaine and Lange (1991), "The use of *like* as a marker of reported speech and thought", call them quotatives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.voices.field import Subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.voices.field import Field

_LIKE = frozenset(("like", "all"))
_GOES = frozenset(("goes", "go", "went"))
_BEING = frozenset("was were is are am 's be".split())
_BETWEEN = frozenset("just so totally kinda all still".split())
_CONTRACTED = {"i'm": "first", "he's": "he", "she's": "she", "they're": "they"}


def before(lower: Sequence[str], last: int) -> int | None:
    """Where the quotative stands that what is behind token ``last`` may hang on; None if there is none."""
    comma = lower[last - 1] == ","
    word = last - 1 - comma
    if word < 0:
        return None
    goes = lower[word] in _GOES and (comma or lower[word] != "went")
    like = lower[word] in _LIKE and (comma or lower[word] == "like")
    return word if goes or like else None


def subject(field: Field, begin: int, word: int) -> Subject | None:
    """Of whom a quotative tells: "And Ann was like", "and he's all", "Ann goes".

    :param begin: first token of its sentence.
    """
    if word <= begin:
        return None
    lower = field.tokens.lower
    end = _skipped(lower, word, begin)
    if lower[word] in _LIKE:
        end -= 1
        if lower[end] in _CONTRACTED:
            return _contracted(field, end)
        if end <= begin or lower[end] not in _BEING:
            return None
    held = field.subject_before(end, begin)
    return held[0] if held else None


def _skipped(lower: Sequence[str], word: int, begin: int) -> int:
    at = word
    while at - 1 > begin and lower[at - 1] in _BETWEEN:
        at -= 1
    return at


def _contracted(field: Field, token: int) -> Subject:
    """The "he" of "he's"."""
    tokens = field.tokens
    shown, start, end = _CONTRACTED[tokens.lower[token]], tokens.starts[token], tokens.ends[token]
    if shown == "first":
        return Subject("first", field.telling.narrator_at(start), None, start, end)
    held = field.at_token.get(token)
    return Subject("pronoun", field.cast.mentions[held].character if held is not None else None, shown, start, end)
