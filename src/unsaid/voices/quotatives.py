"""Colloquial cues that hold no verb of speech: "and he's like, …", "she was all, …", "Ann goes, …".

Romaine and Lange (1991), "The use of *like* as a marker of reported speech and thought", call them quotatives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.voices.field import Subject

if TYPE_CHECKING:
    from unsaid.voices.field import Field

_LIKE = frozenset(("like", "all"))
_GOES = frozenset(("goes", "go", "went"))
_BEING = frozenset("was were is are am 's be".split())
_BETWEEN = frozenset("just so totally kinda all still".split())
_CONTRACTED = {"i'm": "first", "he's": "he", "she's": "she", "they're": "they"}
_LONGEST_MENTION = 5  # tokens


def before(field: Field, begin: int, last: int) -> tuple[Subject, int] | None:
    """Who says what stands behind token ``last``, and where the quotative stands: "And Ann was like," then the words.

    :param begin: first token of what may tell of it.
    """
    lower = field.tokens.lower
    comma = lower[last - 1] == ","
    word = last - 1 - comma
    if word <= begin:
        return None
    if comma and lower[word] in _GOES:
        subject = _ending(field, begin, _skipped(lower, word, begin))
        return (subject, word) if subject else None
    if lower[word] not in _LIKE or not (comma or lower[word] == "like"):
        return None
    at = _skipped(lower, word, begin)
    if lower[at - 1] in _CONTRACTED:
        return _contracted(field, at - 1), word
    if at - 1 <= begin or lower[at - 1] not in _BEING:
        return None
    subject = _ending(field, begin, at - 1)
    return (subject, word) if subject else None


def _skipped(lower: tuple[str, ...], word: int, begin: int) -> int:
    at = word
    while at - 1 > begin and lower[at - 1] in _BETWEEN:
        at -= 1
    return at


def _ending(field: Field, begin: int, end: int) -> Subject | None:
    """Whoever is told of right before token ``end``."""
    for at in range(max(begin, end - _LONGEST_MENTION), end):
        read = field.subject_at(at)
        if read is not None and read[1] == end:
            return read[0]
    return None


def _contracted(field: Field, token: int) -> Subject:
    """The "he" of "he's"."""
    tokens = field.tokens
    shown, start, end = _CONTRACTED[tokens.lower[token]], tokens.starts[token], tokens.ends[token]
    if shown == "first":
        return Subject("first", field.telling.narrator_at(start), None, start, end)
    held = field.at_token.get(token)
    return Subject("pronoun", field.cast.mentions[held].character if held is not None else None, shown, start, end)
