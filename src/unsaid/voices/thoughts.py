"""Thoughts that stand in the text in the thinker's own words: cued, in single quotes, in italics, or on bare lines.

The kinds are Semino and Short's direct and free direct thought (*Corpus Stylistics*, 2004). Which form a story uses is
read from the story: single quotes mean thought only where speech has double ones, a bare line in the first person
only where the narration is in the third. Who thinks them is settled by :mod:`unsaid.voices.minds`.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec

from unsaid.lexica import finite_forms
from unsaid.narration import profiles
from unsaid.narration.lexicon import FIRST, FIRST_PLURAL, SECOND
from unsaid.prose import covers
from unsaid.story import Cue, Utterance
from unsaid.voices.bare import bare_lines, opens_now
from unsaid.voices.cued import (
    CUED,
    DOUBLE_MARKS,
    SINGLE,
    cued,
    evidence_of,
    kept_in,
    said_right_after,
    thought_of,
    thought_verbs,
)
from unsaid.voices.field import Field
from unsaid.voices.inside import inside
from unsaid.voices.parenthetic import PRESENT, own_words, parenthesis
from unsaid.voices.slanted import begins, is_sung, stretches, whole_sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from unsaid.narration import Profile, Stretch, Telling
    from unsaid.people import Cast
    from unsaid.prose import Prose, Quotation, Sentence
    from unsaid.voices.field import Subject


ITALIC = "thought: italics"

GOING_ON = 5
"""A cued thought goes on for no more than this many sentences."""
INTENT_WORDS = 14
"""Italics of up to so many words that say neither "I" nor "you" are a thought where they are in the present tense."""
ITALIC_WORDS = 80
"""Italics longer than this are a flashback or a dream, and not one thought."""
SINGLE_SPEECH_SHARE = 0.2
"""Where this share of the single-quoted stretches has a cue of speech, single quotes are no mark of thought."""

_BEHIND_CUE = frozenset("in with to as who and again then when while at from of".split())


def find_thoughts(
    prose: Prose, cast: Cast, telling: Telling, taken: Sequence[tuple[int, int]]
) -> tuple[Utterance, ...]:
    """Every direct and free direct thought, in order; the thinker is filled in only where a cue says who it is.

    :param taken: spans that are read already (letters), sorted; nothing is found inside them.
    """
    field = Field(prose, cast, telling)
    shape = profiles(prose)
    quoted = [q for q in prose.quotations if not covers(taken, q.start)]
    found = [*cued(field, quoted), *kept_in(field, quoted), *_italics(field, taken), *_unmarked(field, shape, taken)]
    found += _singles(field, quoted, found)
    slanted = [u.start for u in found if u.rule == ITALIC]
    found += (
        line
        for line in bare_lines(field, shape, taken)
        if not _holds_more_than(field, line, slanted) and not _holds_any(line, taken)
    )
    found += inside(field, shape, sorted([*taken, *((u.start, u.end) for u in found)]))
    return _without_overlaps(found)


def _holds_more_than(field: Field, line: Utterance, slanted: Sequence[int]) -> bool:
    """Does a line go on to a thought in italics behind words that are upright? Then these are told."""
    first = bisect_left(slanted, line.start)
    return (
        first < len(slanted)
        and slanted[first] < line.end
        and bool(field.text[line.start : slanted[first]].strip(" _*"))
    )


def _holds_any(line: Utterance, taken: Sequence[tuple[int, int]]) -> bool:
    """Does something that is written stand in a line? Then the rest of it is told."""
    first = bisect_left(taken, (line.start, line.start))
    return first < len(taken) and taken[first][0] < line.end


def _without_overlaps(found: Iterable[Utterance]) -> tuple[Utterance, ...]:
    """In order of the text; of two that overlap the surer one stays."""
    kept: list[Utterance] = []
    for thought in sorted(found, key=lambda u: (u.start, -u.confidence)):
        if kept and thought.start < kept[-1].end:
            if thought.confidence > kept[-1].confidence:
                kept[-1] = thought
            continue
        kept.append(thought)
    return tuple(kept)


def _unmarked(field: Field, shape: Sequence[Profile], taken: Sequence[tuple[int, int]]) -> Iterator[Utterance]:
    """ "I should go, she thought.": a thought without any mark, told by its first person or present tense."""
    verbs = frozenset({"thought", "thinks", "wondered", "wonders", "mused", "think"})
    lower, words = field.tokens.lower, field.tokens.words
    for sentence in field.prose.sentences:
        if shape[sentence.paragraph].words < 4 or covers(taken, sentence.start):
            continue
        for token in range(sentence.first + 2, sentence.last):
            to_self = lower[token] in {"told", "tells"} and "".join(lower[token + 1 : token + 2]).endswith("self")
            if not (lower[token] in verbs or to_self) or field.tokens.quoted[token]:
                continue
            read = field.subject_at(token - 1) or field.subject_at(token + 1) if token + 1 < sentence.last else None
            cue = parenthesis(field, sentence, token)
            if read is None or cue is None or not _is_cue(field, sentence, cue, token):
                continue
            head = range(sentence.first, cue[0])
            if not own_words(field, head) or words[sentence.first][:1] in DOUBLE_MARKS:
                continue
            thought = _around_cue(field, sentence, cue, read[0])
            yield thought
            yield from _going_on(field, sentence, thought)
            break


def _going_on(field: Field, sentence: Sentence, thought: Utterance) -> Iterator[Utterance]:
    """Sentences right behind a cued thought that are no narration: the same thought goes on."""
    stretch = field.telling.at(sentence.start)
    at = field.prose.sentence_at(sentence.start) + 1
    for following in field.prose.sentences[at : at + GOING_ON]:
        tokens = range(following.first, following.last)
        lower = [field.tokens.lower[t] for t in tokens if not field.tokens.quoted[t]]
        if following.paragraph != sentence.paragraph or not _goes_on(lower, stretch):
            return
        span = following.start, following.end
        yield msgspec.structs.replace(
            thought, start=span[0], end=span[1], parts=(span,), mode="free-direct", cue=None, evidence="implicit"
        )


def _goes_on(lower: Sequence[str], stretch: Stretch | None) -> bool:
    """Whether a sentence says "I" where no narrator does, "you" where one does, or "is" where the past is told."""
    told = stretch is not None and stretch.narrator is not None
    own = any(word in (SECOND if told else FIRST) for word in lower)
    return own or (stretch is not None and stretch.tense == "past" and opens_now(lower))


def _is_cue(field: Field, sentence: Sentence, clause: tuple[int, int], verb: int) -> bool:
    """Whether the clause around a verb of thought is somebody and the verb, or the verb and somebody."""
    first = clause[0]
    if first == verb:
        return _ends_cue(field, verb)
    return first > sentence.first and field.subject_at(first) is not None


def _ends_cue(field: Field, verb: int) -> bool:
    """Whether "thought Ann" is a cue by what stands behind it: "thought she was foolish" and the like are not."""
    read = field.subject_at(verb + 1)
    if read is None or read[0].kind == "pronoun":
        return False
    behind = field.tokens.lower[read[1]] if read[1] < len(field.tokens) else "."
    return not behind[0].isalnum() or behind.endswith("ly") or behind in _BEHIND_CUE


def _around_cue(field: Field, sentence: Sentence, cue: tuple[int, int], subject: Subject) -> Utterance:
    starts, ends = field.tokens.starts, field.tokens.ends
    parts = [(starts[sentence.first], ends[cue[0] - 1])]
    if cue[1] + 2 < sentence.last and field.tokens.words[cue[1]] == ",":
        parts.append((starts[cue[1] + 1], sentence.end))
    return msgspec.structs.replace(
        thought_of(parts, CUED, 0.85),
        mode="direct",
        speaker=subject.character,
        cue=Cue(starts[cue[0]], ends[cue[1] - 1]),
        evidence=evidence_of(subject),
        reason=None if subject.character else "the thinker is not named",
    )


# --- single quotes and italics ----------------------------------------------------------------------------------------


def _singles(field: Field, quoted: Sequence[Quotation], cued: Sequence[Utterance]) -> Iterator[Utterance]:
    """Single-quoted clauses where the story's speech is in double quotes."""
    single = [q for q in quoted if q.mark == "single"]
    if not single or 2 * len(single) >= len(quoted) or len(quoted) - len(single) < 2:
        return
    known = {part for thought in cued for part in thought.parts}
    speech = finite_forms("speech_verbs") - finite_forms("thought_verbs")
    clauses = [q for q in single if (q.start, q.end) not in known and _is_clause(field, q)]
    spoken = [q for q in clauses if said_right_after(field, q, speech)]
    if clauses and len(spoken) >= SINGLE_SPEECH_SHARE * len(single) and len(spoken) > 1:
        return
    for quotation in clauses:
        if quotation not in spoken:
            yield thought_of(((quotation.start, quotation.end),), SINGLE, 0.8)


def _is_clause(field: Field, quotation: Quotation) -> bool:
    """A clause set apart: it begins a sentence or follows a comma or colon, and ends with a mark of its own."""
    inside = field.text[quotation.start + 1 : quotation.end - 1].strip(" _*")
    if not quotation.closed or not inside or not (inside[0].isupper() or not inside[0].isalnum()):
        return False
    before = field.text[max(0, quotation.start - 3) : quotation.start].rstrip(" _*")
    apart = not before or before[-1] in '.!?…,:;—-"”\n'
    return apart and (inside[-1] in ".,!?…-—" or len(inside.split()) >= 4)


def _italics(field: Field, taken: Sequence[tuple[int, int]]) -> Iterator[Utterance]:
    """Whole sentences in italics, outside quotation marks, in the first or second person or as a direct outcry."""
    before = -1  # where the cue of the thought before ends
    for start, end in stretches(field.prose):
        first, last = field.token_at(start), field.last_token_before(end) + 1
        if last <= first or last - first > ITALIC_WORDS or covers(taken, start):
            continue
        if any(field.tokens.quoted[first:last]):
            continue
        cued = _slanted_cue(field, start, end)
        behind, before = before, cued.cue.end if cued is not None and cued.cue is not None else -1
        if cued is not None:
            yield cued
        if cued is not None or is_sung(field.prose, start) or not whole_sentences(field.text, start, end):
            continue
        lower = field.tokens.lower[first:last]
        outcry = field.text[end - 1] in "!?"
        own = any(word in FIRST or word in SECOND or word in FIRST_PLURAL for word in lower)
        own = own or (len(lower) <= INTENT_WORDS and any(word in PRESENT for word in lower))
        if outcry or (own and len(lower) > 2) or _is_right_behind(field, behind, start):
            yield thought_of(((start, end),), ITALIC, 0.8)


def _is_right_behind(field: Field, cue: int, start: int) -> bool:
    """Whether nothing but a mark parts italics from the cue of a thought: "*Oh,* she thought. *Oh.*"."""
    return 0 <= cue < start and not any(map(str.isalnum, field.text[cue:start])) and "\n" not in field.text[cue:start]


def _slanted_cue(field: Field, start: int, end: int) -> Utterance | None:
    """Italics with a cue right behind them, whatever their words are: "*Not this again,* she thought."."""
    verbs = thought_verbs()
    at = field.token_at(end)
    at += at < len(field.tokens) and field.tokens.words[at] == ","
    if at + 1 >= len(field.tokens) or "\n" in field.text[end : field.tokens.starts[at]]:
        return None
    if not begins(field.text, start):
        return None
    turned = field.tokens.lower[at] in verbs
    read = field.subject_at(at + turned)
    if read is None:
        return None
    subject, behind = read
    if not turned and (behind >= len(field.tokens) or field.tokens.lower[behind] not in verbs):
        return None
    last = behind if turned else behind + 1
    return msgspec.structs.replace(
        thought_of(((start, end),), CUED, 0.84),
        mode="direct",
        speaker=subject.character,
        cue=Cue(field.tokens.starts[at], field.tokens.ends[last - 1]),
        evidence=evidence_of(subject),
        reason=None if subject.character else "the thinker is not named",
    )
