"""Findings about the text as text: rules ``X1..``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.story import Finding, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.prose import Prose

FUNCTION_WORD_SHARE = 0.3
"""English prose has at least this share of function words.

Measured in blocks of 2,000 words: novels and rough web fiction stand between 0.48 and 0.58. French prose has almost
none, source code with long comments up to 0.22, a table of names 0.05.
"""
LETTER_SHARE = 0.6
"""In prose at least this share of the characters that are no white space are letters: prose has 0.93 to 0.96."""
ENOUGH_WORDS = 40
"""Under so many words no share is telling."""
SAMPLE = 20_000
"""So many words, spread over the text in even blocks, are looked at."""
_BLOCK = 500

_FUNCTION_WORDS = frozenset(
    "the of and to a an in that it is was i he she you they we his her their my your for with as on at by had have has "
    "not be but from this which all so if would were or there what who no when one him them me up out then could can "
    "do did been will are said into some its it's than very any how more about i'm don't didn't your our us over down "
    "after before where now like just only back".split()
)


def lost_lines(prose: Prose) -> Iterator[Finding]:
    """X101: lines seem to be missing."""
    for gap in prose.gaps:
        yield Finding("X101", "note", f"lines seem to be lost here: {gap.reason}", (Span(gap.start, gap.end),))


def not_english_prose(prose: Prose) -> Iterator[Finding]:
    """X102: the text as a whole is no English prose: another language, a table, source code."""
    tokens = prose.tokens
    words = common = 0
    for index in _sample(len(tokens)):
        word = tokens.lower[index]
        if word[0].isalnum():
            words += 1
            common += word in _FUNCTION_WORDS
    if not prose.paragraphs or not words:
        return
    letters = _letter_share(prose)
    if letters < LETTER_SHARE:
        why = f"only {letters:.0%} of its characters are letters, as in a table or source code"
    elif words >= ENOUGH_WORDS and common < FUNCTION_WORD_SHARE * words:
        why = f"only {common / words:.0%} of its words are English function words"
    else:
        return
    span = Span(prose.paragraphs[0].start, prose.paragraphs[-1].end)
    yield Finding("X102", "warning", f"this does not look like English prose: {why}", (span,))


def _sample(count: int) -> Iterator[int]:
    """Indices of at most :data:`SAMPLE` tokens, in blocks spread evenly over the text."""
    if count <= SAMPLE:
        yield from range(count)
        return
    step = count * _BLOCK // SAMPLE
    for start in range(0, count - _BLOCK, step):
        yield from range(start, start + _BLOCK)


def _letter_share(prose: Prose) -> float:
    """Share of letters among the characters of the sampled tokens."""
    letters = total = 0
    for index in _sample(len(prose.tokens)):
        word = prose.tokens.words[index]
        total += len(word)
        letters += sum(map(str.isalpha, word))
    return letters / max(1, total)
