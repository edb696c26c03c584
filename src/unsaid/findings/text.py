"""Findings about the text as text: rules ``X1..``."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from unsaid.findings.rules import finding
from unsaid.prose import concordance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.prose import Paragraph, Prose
    from unsaid.story import Finding, Matter
    from unsaid.voices.layer import Voices

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
DOUBLED_NEAR, NEAR = 15, 2
"""A paragraph of so many words is doubled if it comes again among the next so many."""
OPENING = 4
"""Of so many words, at most, two paragraphs are held against each other before they are read as a whole."""
DOUBLED_FAR = 30
"""One of so many words is doubled wherever it comes again: no refrain of the novels read is as long."""

_GARBLED = re.compile("\ufffd+|&(?:amp|nbsp|quot|lt|gt|mdash|ndash|[lr][sd]quo|hellip|#\\d{2,5}|#x[0-9a-fA-F]{2,4});")
_PLACEHOLDER = re.compile(
    r"[\[(<{](?i:to ?do(?! (?:him|her|it|them|us|me|you|so|justice)\b)|tk|insert|fix|check|rewrite|expand|research|"
    r"placeholder|describe|add|look up|name here|scene here|xxx?)\b[^\[\](){}<>\n]{0,100}[\])>}]"
    r"|\b(?:TODO|FIXME|TKTK|XXXX?)\b:?|\b[Ll]orem ipsum\b"
)
_HELD_OPEN = re.compile(r"[\[(<{]|TODO|FIXME|TKTK|XXX|orem|psum")
"""What a word or mark of a placeholder holds: most paragraphs have none, and need not be searched."""

_FUNCTION_WORDS = frozenset(
    "the of and to a an in that it is was i he she you they we his her their my your for with as on at by had have has "
    "not be but from this which all so if would were or there what who no when one him them me up out then could can "
    "do did been will are said into some its it's than very any how more about i'm don't didn't your our us over down "
    "after before where now like just only back".split()
)


def lost_lines(prose: Prose) -> Iterator[Finding]:
    """X101: lines seem to be missing."""
    for gap in prose.gaps:
        yield finding("X101", f"lines seem to be lost here: {gap.reason}", [(gap.start, gap.end)])


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
    span = (prose.paragraphs[0].start, prose.paragraphs[-1].end)
    yield finding("X102", f"this does not look like English prose: {why}", [span])


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
        letters += len(word) if word.isalpha() else sum(map(str.isalpha, word))
    return letters / max(1, total)


def doubled(prose: Prose, voices: Voices) -> Iterator[Finding]:
    """X103: a paragraph stands in the text twice.

    Short ones count only beside one another: a refrain, a date line, "He said nothing." come back on purpose. What a
    letter or a verse repeats is its own.
    """
    seen: dict[tuple[str, ...], int] = {}
    written = _paragraphs_written(prose, voices)
    for number in _begun_alike(prose):
        paragraph = prose.paragraphs[number]
        words = tuple(w for w in prose.tokens.lower[paragraph.first : paragraph.last] if w[0].isalnum())
        if len(words) < DOUBLED_NEAR:
            continue
        before = seen.get(words)
        seen[words] = number
        if before is None or (number - before > NEAR and len(words) < DOUBLED_FAR):
            continue
        first = prose.paragraphs[before]
        if before in written or number in written:
            continue
        yield finding(
            "X103",
            f"this paragraph of {len(words)} words stands in the text twice",
            [(paragraph.start, paragraph.end), (first.start, first.end)],
            "word for word the same: one of them is left over from an edit or a paste",
        )


def _begun_alike(prose: Prose) -> list[int]:
    """The paragraphs, in order, whose first words another one begins with, too: only those can be the same."""
    lower = prose.tokens.lower
    by_opening: dict[tuple[str, ...], list[int]] = {}
    for number, paragraph in enumerate(prose.paragraphs):
        if paragraph.last - paragraph.first >= DOUBLED_NEAR:
            opening = lower[paragraph.first : paragraph.first + 3 * OPENING]
            words = tuple(w for w in opening if w[0].isalnum())[:OPENING]
            by_opening.setdefault(words, []).append(number)
    return sorted(number for alike in by_opening.values() if len(alike) > 1 for number in alike)


def _paragraphs_written(prose: Prose, voices: Voices) -> frozenset[int]:
    """The paragraphs that begin inside a letter, a note or a verse."""
    starts = [p.start for p in prose.paragraphs]
    spans = ((bisect_left(starts, w.start), bisect_left(starts, w.end)) for w in voices.writings)
    return frozenset(number for low, high in spans for number in range(low, high))


def garbled(prose: Prose) -> Iterator[Finding]:
    """X104: characters that a wrong encoding, or an escape that nobody undid, has left in the story."""
    paragraphs = prose.paragraphs if "&" in prose.text or "\ufffd" in prose.text else ()
    for paragraph in paragraphs:
        for match in _GARBLED.finditer(prose.text, paragraph.start, paragraph.end):
            yield finding("X104", f"{match.group()!r} is left over from a wrong encoding or an escape", [match.span()])


def left_in(prose: Prose, matter: Sequence[Matter]) -> Iterator[Finding]:
    """X105: a note to oneself, or an author's note, inside the story."""
    for paragraph in _with_words(prose, _HELD_OPEN):
        for match in _PLACEHOLDER.finditer(prose.text, paragraph.start, paragraph.end):
            yield finding("X105", "this looks like a note to oneself that was left in", [match.span()])
    for note in matter:
        if note.kind != "note":
            continue
        after = prose.paragraph_at(note.start) + 1
        if 0 < after < len(prose.paragraphs) and _amid(prose, after, note):
            yield finding("X105", "an author's note stands inside a scene", [(note.start, note.end)])


def _with_words(prose: Prose, expression: re.Pattern[str]) -> list[Paragraph]:
    """The paragraphs, in order, that hold a word, or a mark, in which an expression is found."""
    words = concordance(prose.tokens)
    starts = prose.tokens.starts
    places = (at for word, held in words.written.items() if expression.search(word) for at in held)
    return [prose.paragraphs[i] for i in sorted({prose.paragraph_at(starts[at]) for at in places})]


def _amid(prose: Prose, after: int, note: Matter) -> bool:
    """Whether a note parts two paragraphs of one scene."""
    here, before = prose.paragraphs[after], prose.paragraphs[after - 1]
    return not here.after_break and here.chapter == before.chapter and before.end <= note.start
