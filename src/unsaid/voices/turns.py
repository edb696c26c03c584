"""Quotations to turns: what is spoken in one breath by one person, before it is known by whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from unsaid.lexica import finite_forms
from unsaid.prose.sentences import TITLES
from unsaid.voices.cues import Reader
from unsaid.voices.reports import REPLY_NOUNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.prose import Quotation
    from unsaid.voices.field import Field

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SMALL_WORDS = frozenset("a an the of and in on to for at by de la le or with from".split())
_DASHED_IN = re.compile(r"(?:--|—|–)[^.!?]+(?:--|—|–)")  # "I have"--he lowered his voice--"been there."
_ENDED = re.compile(r"[.!?…]\s")
_TITLED = re.compile(rf"\b(?:{'|'.join(sorted(TITLES))})\.", re.IGNORECASE)  # the stop of "Mr." ends nothing
_LONGEST_INTERRUPTION = 400  # characters
_SHORTEST_FRAGMENT = 3  # words
_NAMES_ONLY = frozenset("call calls called".split())
_ARTICLES = frozenset("the a an this that these those".split())  # "the phrase “so be it”" names words, and says nothing
_OPENING = frozenset("and but then so here now at".split())  # words that open a sentence of their own
_INTRODUCES = frozenset(("saying", "adding", "crying", "asking", "out"))
_GOING = frozenset(("goes", "go", "going", "went"))
# Longer quoted stretches without a mark of punctuation inside or before them are speech more often than not.
_LONGEST_SCARE = 5


class Turn(msgspec.Struct, frozen=True):
    """Quotations that belong together whoever speaks them: a line and its continuation after a cue, or paragraphs on.

    :ivar parts: spans, marks included, in order.
    :ivar paragraph: index of the paragraph the turn begins in; ``last_paragraph`` of the one it ends in.
    :ivar abuts: nothing but white space parts it from the turn before in the same paragraph.
    :ivar nested: what it quotes of others, as spans; who is called in there is not called by its speaker.
    """

    parts: tuple[tuple[int, int], ...]
    paragraph: int
    last_paragraph: int
    abuts: bool
    closed: bool
    nested: tuple[tuple[int, int], ...] = ()

    @property
    def start(self) -> int:
        """Offset of the first part's start."""
        return self.parts[0][0]

    @property
    def end(self) -> int:
        """Offset of the last part's end."""
        return self.parts[-1][1]


def build(field: Field, taken: Sequence[tuple[int, int]]) -> tuple[Turn, ...]:
    """Group the story's quotations into turns.

    :param taken: spans already read as thought or writing, sorted; quotations inside them are left out.
    """
    spoken = [q for q in _outside(field.prose.quotations, taken) if not _is_scare(field, q)]
    return tuple(_grouped(field, spoken, Reader(field)))


def _outside(quotations: Sequence[Quotation], taken: Sequence[tuple[int, int]]) -> Iterator[Quotation]:
    at = 0
    for quotation in quotations:
        while at < len(taken) and taken[at][1] <= quotation.start:
            at += 1
        if at == len(taken) or taken[at][0] >= quotation.end:
            yield quotation


def _grouped(field: Field, spoken: Sequence[Quotation], reader: Reader) -> Iterator[Turn]:
    current: list[Quotation] = []
    abuts = False
    for quotation in spoken:
        if current and (quotation.continues or _resumes(field, current[-1], quotation, reader)):
            current.append(quotation)
            continue
        if current:
            yield _turn(current, abuts)
        previous = current[-1] if current else None
        abuts = (
            previous is not None
            and previous.paragraph == quotation.paragraph
            and not field.text[previous.end : quotation.start].strip(" ,-–—")
        )
        current = [quotation]
    if current:
        yield _turn(current, abuts)


def _turn(quotations: Sequence[Quotation], abuts: bool) -> Turn:
    return Turn(
        parts=tuple((q.start, q.end) for q in quotations),
        paragraph=quotations[0].paragraph,
        last_paragraph=quotations[-1].paragraph,
        abuts=abuts,
        closed=quotations[-1].closed,
        nested=tuple(span for q in quotations for span in q.nested),
    )


def _resumes(field: Field, before: Quotation, after: Quotation, reader: Reader) -> bool:
    """Does ``after`` go on with the sentence of ``before`` behind a cue that interrupts it (“…,” he said, “…”)?

    The text between must hold a verb of speech and no full stop, and the line before must not have ended.
    """
    if before.paragraph != after.paragraph or after.start - before.end > _LONGEST_INTERRUPTION:
        return False
    between = field.text[before.end : after.start].strip()
    if _DASHED_IN.fullmatch(between):
        return True
    if not between or _ENDED.search(_TITLED.sub("", between)) or between[-1] in ".!?…":
        return False
    goes_on = field.text[after.start + 1 : after.start + 2].islower()
    if between[-1] not in ",;—–-:" and not goes_on:
        return False
    if not goes_on and _begins_anew(field, before, between):
        return False
    words = [w.lower() for w in _WORD.findall(between)]
    verbs = sum(w in finite_forms("speech_verbs") for w in words)
    if not verbs or len(words) > 40:
        return False
    again = verbs > 1 or any(w in _INTRODUCES or w in REPLY_NOUNS for w in words)
    if again and reader.parts_two(before.end, after.start, by_name=goes_on):
        return False
    opened = field.prose.paragraphs[before.paragraph].start
    return not reader.hands_on((before.start, before.end), opened, after.start)


def _begins_anew(field: Field, before: Quotation, between: str) -> bool:
    """Is what stands between two quotations a sentence of its own, which introduces the second one?

    "… by now." Ann turned and said, "…"; "What a day!" And Ben, who had slept, cried, "…"
    """
    said = field.text[before.start : before.end].rstrip("\"”’'»_* \n")[-1:]
    if not between[0].isupper() or said not in (".", "!", "?"):
        return False
    return said == "." or between.split(maxsplit=1)[0].lower() in _OPENING


def _is_scare(field: Field, quotation: Quotation) -> bool:
    """Is it a scare quote, a title or a word as a word: a few words inside a running sentence, without a mark?"""
    text = field.text
    if quotation.mark in ("dash", "label", "none") or quotation.continues or not quotation.closed:
        return False
    inside = text[quotation.start + 1 : quotation.end - 1].strip(" _*")
    words = _WORD.findall(inside)
    if not words:
        return True
    # What stands before it in its own paragraph; a hard wrap may part the two.
    opened = field.prose.paragraphs[quotation.paragraph].start
    held = text[max(opened, quotation.start - 60) : quotation.start].rstrip(" \n_*(")
    runs_in = bool(held) and (held[-1].isalnum() or held[-1] in "'’")
    if not runs_in or len(words) > _LONGEST_SCARE:
        return quotation.mark == "single" and _is_odd_single(field, quotation, words)
    if _is_reported(held, text[quotation.end : quotation.end + 60], len(words)):
        return False
    if inside[-1] in "!?…-—" and inside[0].isupper():
        return False
    after = text[quotation.end : quotation.end + 3].lstrip(" _*")
    titled = all(w[0].isupper() or w in _SMALL_WORDS for w in words)
    ends_within = inside[-1] in ".,"
    return not ends_within or inside[0].islower() or (titled and len(words) > 1) or after[:1].islower()


def _is_reported(before: str, after: str, size: int) -> bool:
    """Does a verb of speech stand right before or right behind ("said Ann", "she said")?

    Words of someone's that are worked into a sentence ("said that it was “just like Ann”") may stand farther off, but
    not a single word or two.
    """
    reach = 2 if size < _SHORTEST_FRAGMENT else 7
    before = re.split(r"[.!?…][\"”’)]*\s", before)[-1]
    behind = after.split(".", maxsplit=1)[0]
    ahead, behind_words = _WORD.findall(before.lower()), _WORD.findall(behind.lower())[:2]
    if ahead and ahead[-1] in _GOING and size > 1:
        return True  # and Ann goes “no, shut up”
    near = [*zip(["", *ahead], ahead, strict=False)][-reach:] + [("", word) for word in behind_words]
    return any(
        (word in finite_forms("speech_verbs") and word not in _NAMES_ONLY and lead not in _ARTICLES)
        or word in _INTRODUCES
        for lead, word in near
    )


def _is_odd_single(field: Field, quotation: Quotation, words: Sequence[str]) -> bool:
    """Single marks where speech has double ones: words as words, unless a mark of punctuation closes a clause."""
    if any(q.mark != "single" for q in field.prose.quotations[:200]):
        inside = field.text[quotation.start + 1 : quotation.end - 1].rstrip()
        return len(words) <= _LONGEST_SCARE and inside[-1:] not in tuple(".,!?…")
    return False
