"""Thoughts that stand in the text in the thinker's own words: cued, in single quotes, in italics, or on bare lines.

The kinds are Semino and Short's direct and free direct thought (*Corpus Stylistics*, 2004). Which form a story uses is
read from the story: single quotes mean thought only where speech has double ones, a bare line in the first person
only where the narration is in the third. Who thinks them is settled by :mod:`unsaid.voices.thinkers`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

import msgspec

from unsaid.lexica import finite_forms
from unsaid.narration import profiles
from unsaid.narration.lexicon import FIRST, FIRST_PLURAL, SECOND, THIRD, word_list
from unsaid.story import Cue, Utterance
from unsaid.voices.cues import Reader
from unsaid.voices.echoes import is_order
from unsaid.voices.field import Field
from unsaid.voices.thinkers import assign_thoughts
from unsaid.voices.turns import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from unsaid.narration import Profile, Telling
    from unsaid.people import Cast
    from unsaid.prose import Prose, Quotation, Sentence
    from unsaid.story import Evidence, Mode
    from unsaid.voices.cues import Found
    from unsaid.voices.field import Subject

__all__ = ["assign_thoughts", "find_thoughts"]

CUED, SINGLE, ITALIC, BARE = "thought: cue", "thought: single quotes", "thought: italics", "thought: bare line"

BARE_WORDS = 40
"""A bare line of thought is no longer than this many words."""
DIRECT_WORDS = 22
"""In a first-person story, where the narration itself says "I", a bare line must be shorter to be told apart."""
GOING_ON = 5
"""A cued thought goes on for no more than this many sentences."""
HABIT = 3
"""From so many plain bare lines on a story has the habit, and its shorter outcries are thoughts too."""
OUTCRY_WORDS = 10
INTENT_WORDS = 14
"""... and shorter still where only "I'll" tells that it is said to oneself, now."""
ITALIC_WORDS = 80
"""Italics longer than this are a flashback or a dream, and not one thought."""
AUTHORIAL = 2
"""From so many paragraphs on where a third-person narration says "I", its short "I" lines are the author's."""
SINGLE_SPEECH_SHARE = 0.2
"""Where this share of the single-quoted stretches has a cue of speech, single quotes are no mark of thought."""

_NOT_THOUGHT = frozenset(
    "decided decides decide reminded reminds remind considered considers reasoned realized realised".split()
)
_DOUBLE_MARKS = frozenset('"“”„«»')
_AUXILIARY_PAST = frozenset("was were had did wasn't weren't hadn't didn't".split())
_OBJECTS = frozenset("it them him this these those the a an my your his her its our their".split())
_STOPS = frozenset({".", ";"})
_CRIES = frozenset("oh ah no yes please why what god damn never liar idiot fool always don't stop stay go help".split())
_PRESENT = frozenset(
    "there'd there's is are isn't aren't can can't must don't it's that's he's she's will do let's".split()
)
_OPENS_WITH_YOU = re.compile(r"\W*(?:(?:and|but|so|oh|then|why|how|if)\W+)*(?:you|your|me)\b", re.IGNORECASE)
_INTENT = re.compile(r"\b(?:i['’]ll|i won['’]t|let me|please)\b", re.IGNORECASE)
_RETROSPECT = re.compile(r"\b(?:never|ever|always|remember|forget|suppose|guess|tell you)\b", re.IGNORECASE)
_TERMINAL = tuple(".!?…—")


def find_thoughts(
    prose: Prose, cast: Cast, telling: Telling, taken: Sequence[tuple[int, int]]
) -> tuple[Utterance, ...]:
    """Every direct and free direct thought, in order; the thinker is filled in only where a cue says who it is.

    :param taken: spans that are read already (letters), sorted; nothing is found inside them.
    """
    field = Field(prose, cast, telling)
    shape = profiles(prose)
    quoted = [q for q in prose.quotations if not _inside(taken, q.start)]
    found = [*_cued(field, quoted), *_italics(field, taken), *_unmarked(field, shape, taken)]
    found += _singles(field, quoted, found)
    found += _bare_lines(field, shape, taken)
    return _without_overlaps(found)


def _inside(spans: Sequence[tuple[int, int]], offset: int) -> bool:
    index = bisect_right(spans, offset, key=lambda span: span[0]) - 1
    return index >= 0 and offset < spans[index][1]


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


def _thought(
    parts: Sequence[tuple[int, int]],
    rule: str,
    confidence: float,
    found: Found | None = None,
) -> Utterance:
    mode: Mode = "direct" if found or rule == SINGLE else "free-direct"
    subject = found.subject if found else None
    return Utterance(
        id="",
        start=parts[0][0],
        end=parts[-1][1],
        parts=tuple(parts),
        kind="thought",
        mode=mode,
        speaker=subject.character if subject else None,
        addressees=(),
        cue=Cue(found.start, found.end) if found else None,
        evidence=evidence_of(subject) if subject else None,
        heard=False,
        confidence=confidence,
        rule=rule,
        reason=None if subject and subject.character else "the thinker is not named",
    )


def evidence_of(subject: Subject) -> Evidence:
    """How a subject tells who it is: by name, or by a pronoun or noun phrase."""
    return "explicit" if subject.kind == "name" else "anaphoric"


# --- cued -------------------------------------------------------------------------------------------------------------


def _cued(field: Field, quoted: Sequence[Quotation]) -> Iterator[Utterance]:
    """Quotations with "she thought": those with a verb of thought close by are looked at, the others are skipped."""
    verbs = (finite_forms("thought_verbs") | {"thinking"}) - _NOT_THOUGHT
    reader = Reader(field)
    skip = 0
    for index, quotation in enumerate(quoted):
        if index < skip or not _verb_near(field, quotation, verbs):
            continue
        last = index
        while last + 1 < len(quoted) and _cue_between(field, quoted[last], quoted[last + 1], verbs):
            last += 1
        skip = last + 1
        parts = tuple((q.start, q.end) for q in quoted[index : last + 1])
        turn = Turn(parts, quotation.paragraph, quoted[last].paragraph, False, True)
        low, high = _own_ground(field, quoted, index, last)
        found = reader.cue_of(turn, low, high)
        if found is not None and found.verb in verbs and _belongs(field, turn, found):
            yield _thought(parts, CUED, 0.9 if found.subject and found.subject.kind == "name" else 0.8, found)


def _belongs(field: Field, turn: Turn, found: Found) -> bool:
    """Whether a cue of thought reports this very line, and not an act of thinking beside a spoken one.

    '"No; wait a moment." He thought. "Take my car."' is all speech, and so is a line behind "he was thinking it over".
    """
    if found.start < turn.start:
        last = field.token_at(turn.start)
        lead = range(field.token_at(found.start), last)
        verb = next((t for t in reversed(lead) if field.tokens.lower[t] == found.verb), None)
        return verb is not None and field.tokens.words[last - 1] not in _STOPS and not _has_object(field, verb, last)
    line = field.text[turn.start : found.start].rstrip(" \n\"”’'»_*")
    begins_anew = field.text[found.start].isupper() and field.tokens.lower[field.token_at(found.start)] in THIRD
    return line.endswith(",") or not begins_anew


def _has_object(field: Field, verb: int, last: int) -> bool:
    """Whether a verb of thought has an object of its own before the line: "thought it over", "thinking the word"."""
    following = field.tokens.lower[verb + 1 : min(verb + 2, last)]
    return bool(following) and following[0] in _OBJECTS


def _verb_near(field: Field, quotation: Quotation, verbs: frozenset[str]) -> bool:
    lower = field.tokens.lower
    after, before = field.token_at(quotation.end), field.token_at(quotation.start)
    return any(word in verbs for word in lower[after : after + 9]) or any(
        word in verbs for word in lower[max(0, before - 12) : before]
    )


def _cue_between(field: Field, one: Quotation, other: Quotation, verbs: frozenset[str]) -> bool:
    """Whether nothing but a short cue of thought parts two quotations of one paragraph."""
    if one.paragraph != other.paragraph or other.start - one.end > 80 or one.mark != other.mark:
        return False
    words = field.tokens.lower[field.token_at(one.end) : field.token_at(other.start)]
    if not 0 < len(words) <= 10 or "and" in words or not any(word in verbs for word in words):
        return False
    # '"Fun at last!" thought Ann. "Guess again," she said aloud.': the second line has a cue of its own.
    speech = finite_forms("speech_verbs") - verbs
    return words[-1] == "," or not _said_right_after(field, other, speech)


def _own_ground(field: Field, quoted: Sequence[Quotation], first: int, last: int) -> tuple[int, int]:
    """The stretch of a quotation's paragraph that no other quotation stands in."""
    begin = field.prose.paragraphs[quoted[first].paragraph]
    end = field.prose.paragraphs[quoted[last].paragraph]
    low = max(begin.start, quoted[first - 1].end) if first else begin.start
    high = min(end.end, quoted[last + 1].start) if last + 1 < len(quoted) else end.end
    return min(low, quoted[first].start), max(high, quoted[last].end)


def _unmarked(field: Field, shape: Sequence[Profile], taken: Sequence[tuple[int, int]]) -> Iterator[Utterance]:
    """ "I should go, she thought.": a thought without any mark, told by its first person or present tense."""
    verbs = frozenset({"thought", "thinks", "wondered", "wonders", "mused", "think"})
    lower, words = field.tokens.lower, field.tokens.words
    for sentence in field.prose.sentences:
        if shape[sentence.paragraph].words < 4 or _inside(taken, sentence.start):
            continue
        for token in range(sentence.first + 2, sentence.last):
            to_self = lower[token] in {"told", "tells"} and lower[token + 1 : token + 2][0].endswith("self")
            if not (lower[token] in verbs or to_self) or field.tokens.quoted[token]:
                continue
            read = field.subject_at(token - 1) or field.subject_at(token + 1) if token + 1 < sentence.last else None
            cue = _parenthetic(field, sentence, token)
            if read is None or cue is None:
                continue
            head = range(sentence.first, cue[0])
            if not _own_words(field, head) or words[sentence.first][:1] in _DOUBLE_MARKS:
                continue
            thought = _around_cue(field, sentence, cue, read[0])
            yield thought
            yield from _going_on(field, sentence, thought)
            break


def _going_on(field: Field, sentence: Sentence, thought: Utterance) -> Iterator[Utterance]:
    """Sentences right behind a cued thought that say "I" in a third-person story: the same thought goes on."""
    if field.telling.narrator_at(sentence.start) is not None:
        return
    at = field.prose.sentence_at(sentence.start) + 1
    for following in field.prose.sentences[at : at + GOING_ON]:
        tokens = range(following.first, following.last)
        own = any(field.tokens.lower[t] in FIRST and not field.tokens.quoted[t] for t in tokens)
        if following.paragraph != sentence.paragraph or not own:
            return
        span = following.start, following.end
        yield msgspec.structs.replace(
            thought, start=span[0], end=span[1], parts=(span,), mode="free-direct", cue=None, evidence="implicit"
        )


def _parenthetic(field: Field, sentence: Sentence, verb: int) -> tuple[int, int] | None:
    """The tokens of ", she thought," around a verb: from the comma before to the mark behind, both marks outside."""
    words = field.tokens.words
    first = verb
    while first > sentence.first and words[first - 1] not in {",", "?", "!", "…", "..."}:
        first -= 1
        if verb - first > 4:
            return None
    last = verb + 1
    while last < sentence.last and words[last] not in {",", ".", ";", "!", "?", "…", "..."}:
        last += 1
        if last - verb > 6:
            return None
    named = first > sentence.first and field.subject_at(first) is not None
    return (first, last) if named or words[first] == "thought" else None


def _own_words(field: Field, tokens: range) -> bool:
    """Whether the words before the cue are the thinker's own: first person or "you" and no past tense of a third."""
    lower = field.tokens.lower[tokens.start : tokens.stop]
    if any(field.tokens.quoted[t] for t in tokens) or len(lower) < 2:
        return False
    narrator = field.telling.narrator_at(field.tokens.starts[tokens.start])
    first = any(word in FIRST for word in lower)
    present = any(word in _PRESENT for word in lower) and not any(word in _AUXILIARY_PAST for word in lower)
    if (first and narrator is None) or present:
        return True
    # "Thirty years and one boat, he thought.": no verb of the narration's own.
    return not _told(lower) and not any(word in THIRD or word in FIRST for word in lower)


def _told(lower: Sequence[str]) -> bool:
    """Whether words hold a past tense, as the narration's own would."""
    past = word_list("past")
    return any(word in past or (word.endswith("ed") and len(word) > 4) for word in lower)


def _around_cue(field: Field, sentence: Sentence, cue: tuple[int, int], subject: Subject) -> Utterance:
    starts, ends = field.tokens.starts, field.tokens.ends
    parts = [(sentence.start, ends[cue[0] - 1])]
    if cue[1] + 2 < sentence.last and field.tokens.words[cue[1]] == ",":
        parts.append((starts[cue[1] + 1], sentence.end))
    return msgspec.structs.replace(
        _thought(parts, CUED, 0.85),
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
    spoken = [q for q in clauses if _said_right_after(field, q, speech)]
    if clauses and len(spoken) >= SINGLE_SPEECH_SHARE * len(single) and len(spoken) > 1:
        return
    for quotation in clauses:
        if quotation not in spoken:
            yield _thought(((quotation.start, quotation.end),), SINGLE, 0.8)


def _said_right_after(field: Field, quotation: Quotation, verbs: frozenset[str]) -> bool:
    """Whether a verb of speech stands in the few words right behind a quotation: "he said", "said Ann"."""
    first = field.token_at(quotation.end)
    for token in range(first, min(first + 4, len(field.tokens))):
        if field.tokens.quoted[token] or not field.tokens.words[token][0].isalnum():
            return False
        if field.tokens.lower[token] in verbs:
            return True
    return False


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
    for start, end in _slanted(field):
        first, last = field.token_at(start), field.last_token_before(end) + 1
        if last <= first or last - first > ITALIC_WORDS or _inside(taken, start):
            continue
        if any(field.tokens.quoted[first:last]):
            continue
        cued = _slanted_cue(field, start, end)
        if cued is not None:
            yield cued
        if cued is not None or not _whole_sentences(field, start, end):
            continue
        lower = field.tokens.lower[first:last]
        outcry = field.text[end - 1] in "!?"
        own = any(word in FIRST or word in SECOND or word in FIRST_PLURAL for word in lower)
        own = own or (len(lower) <= INTENT_WORDS and any(word in _PRESENT for word in lower))
        if outcry or (own and len(lower) > 2):
            yield _thought(((start, end),), ITALIC, 0.8)


def _slanted_cue(field: Field, start: int, end: int) -> Utterance | None:
    """Italics with a cue right behind them, whatever their words are: "*Not this again,* she thought."."""
    verbs = (finite_forms("thought_verbs") | {"thinking"}) - _NOT_THOUGHT
    at = field.token_at(end)
    at += at < len(field.tokens) and field.tokens.words[at] == ","
    if at + 1 >= len(field.tokens) or not _begins(field, start) or "\n" in field.text[end : field.tokens.starts[at]]:
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
        _thought(((start, end),), CUED, 0.84),
        mode="direct",
        speaker=subject.character,
        cue=Cue(field.tokens.starts[at], field.tokens.ends[last - 1]),
        evidence=evidence_of(subject),
        reason=None if subject.character else "the thinker is not named",
    )


def _begins(field: Field, start: int) -> bool:
    """Whether a sentence, or speech or thought behind a colon, begins at ``start``."""
    before = field.text[max(0, start - 6) : start].rstrip(" _*\t")
    return not before or before[-1] in '.!?…\n"”—:'


def _slanted(field: Field) -> Iterator[tuple[int, int]]:
    """Italic spans, trimmed, cut at paragraphs; neighbours with nothing but blanks between them are one."""
    text, joined = field.text, list[tuple[int, int]]()
    for emphasis in field.prose.emphasis:
        if emphasis.kind != "italic":
            continue
        if joined and not text[joined[-1][1] : emphasis.start].strip(" _*"):
            joined[-1] = joined[-1][0], max(emphasis.end, joined[-1][1])
        else:
            joined.append((emphasis.start, emphasis.end))
    for start, end in joined:
        index = max(0, field.prose.paragraph_at(start))
        for paragraph in field.prose.paragraphs[index : field.prose.paragraph_at(max(start, end - 1)) + 1]:
            low, high = max(start, paragraph.start), min(end, paragraph.end)
            while low < high and text[low] in " _*\n\t":
                low += 1
            while high > low and text[high - 1] in " _*\n\t":
                high -= 1
            if low < high:
                yield low, high


def _whole_sentences(field: Field, start: int, end: int) -> bool:
    """Whether a span begins where a sentence does and ends where one does: no stressed word, title or ship."""
    behind = field.text[end : end + 6].lstrip(" _*\t")
    ends = field.text[end - 1] in ".!?…—-" or not behind or behind[0] == "\n"
    return _begins(field, start) and ends and field.text[start].isupper() | (not field.text[start].isalpha())


# --- bare lines -------------------------------------------------------------------------------------------------------


def _bare_lines(field: Field, shape: Sequence[Profile], taken: Sequence[tuple[int, int]]) -> Iterator[Utterance]:
    """Paragraphs of a line or two that nothing marks but their person and tense."""
    authorial = _authorial(field, shape)
    sure = []
    for index, paragraph in enumerate(field.prose.paragraphs):
        profile = shape[index]
        if profile.quoted or not 2 <= profile.words <= BARE_WORDS or _inside(taken, paragraph.start):
            continue
        line = field.text[paragraph.start : paragraph.end]
        if line.endswith((":", ",")) or _DOUBLE_MARKS & set(line) or line.isupper():
            continue
        stretch = field.telling.at(paragraph.start)
        if stretch is None:
            continue
        if stretch.person == "third":
            if _is_inner(profile, shape, index, line, authorial):
                sure.append(index)
                yield _thought(((paragraph.start, paragraph.end),), BARE, 0.6 if authorial else 0.8)
        elif stretch.person == "first" and stretch.tense == "past" and _is_direct(field, profile, line, index, shape):
            yield _thought(((paragraph.start, paragraph.end),), BARE, 0.65)
    if len(sure) >= HABIT and not authorial:
        yield from _outcries(field, shape, frozenset(sure), taken)


def _outcries(
    field: Field, shape: Sequence[Profile], sure: frozenset[int], taken: Sequence[tuple[int, int]]
) -> Iterator[Utterance]:
    """Where a story has the habit of bare thoughts: lines under a spoken one that say no "I" either ("Oh.")."""
    for index in range(1, len(shape)):
        paragraph, profile = field.prose.paragraphs[index], shape[index]
        if index in sure or profile.quoted or not 0 < profile.words <= OUTCRY_WORDS or not shape[index - 1].quoted:
            continue
        lower = field.tokens.lower[paragraph.first : paragraph.last]
        stretch = field.telling.at(paragraph.start)
        cries = lower[0] in _CRIES or field.text[paragraph.end - 1] in "!?" or any(word in _PRESENT for word in lower)
        free = not profile.third and not _told(lower) and not _inside(taken, paragraph.start)
        if stretch is not None and stretch.person == "third" and cries and free:
            yield _thought(((paragraph.start, paragraph.end),), BARE, 0.65)


def _authorial(field: Field, shape: Sequence[Profile]) -> bool:
    """Whether a third-person narration says "I" in its long paragraphs, as Thackeray's does."""
    said = sum(
        profile.first > 0 and profile.words > BARE_WORDS and not profile.quoted
        for profile, paragraph in zip(shape, field.prose.paragraphs, strict=True)
        if (stretch := field.telling.at(paragraph.start)) is not None and stretch.person == "third"
    )
    return said >= AUTHORIAL


def _is_inner(profile: Profile, shape: Sequence[Profile], index: int, line: str, authorial: bool) -> bool:
    """A line in somebody's own first person, or to a "you", amid narration in the third."""
    plain = not profile.first and not profile.second
    if plain and not _is_me_and_you(line) and not (is_order(line) and not profile.past and not profile.third):
        return False
    if profile.third > profile.first + profile.second:
        return False
    if not profile.first and profile.past and not _OPENS_WITH_YOU.match(line):
        return False
    around = (*shape[max(0, index - 3) : index], *shape[index + 1 : index + 4])
    beside_speech = any(p.quoted for p in shape[max(0, index - 1) : index + 2])
    if authorial:
        return beside_speech and profile.first > 0 and profile.present > profile.past
    return any(p.third or p.quoted for p in around)


def _is_me_and_you(line: str) -> bool:
    return re.match(r"(?:me and you|you and me|us)\b", line, re.IGNORECASE) is not None


def _is_direct(field: Field, profile: Profile, line: str, index: int, shape: Sequence[Profile]) -> bool:
    """In a first-person story told in the past: a short line of its own, to somebody or about what "I" will do now."""
    if profile.words > DIRECT_WORDS or len(_sentence_ends(line)) > 2:
        return False
    if index == 0 or shape[index - 1].past <= shape[index - 1].present:
        return False
    if profile.second and not profile.past and _RETROSPECT.search(line) is None:
        return True
    resolved = _INTENT.search(line) is not None and profile.words <= INTENT_WORDS
    return resolved and _RETROSPECT.search(line) is None and profile.third == 0


def _sentence_ends(line: str) -> list[str]:
    return re.findall(r"[.!?…]+(?=\s|$)", line)
