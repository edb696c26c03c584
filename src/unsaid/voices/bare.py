"""Thoughts on lines of their own that nothing marks: their italics are lost, or were never there.

Some lines can be told by their person alone: "I" or "you" amid narration in the third. A story that has such lines
again and again has the habit; then what only looks like a thought is one, too: a line in the present tense amid a story
told in the past, an order, an outcry, a fragment under a spoken line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from unsaid.lexica import finite_forms
from unsaid.narration.lexicon import FIRST_PLURAL, THIRD, word_list
from unsaid.prose import covers
from unsaid.voices.cued import DOUBLE_MARKS, thought_of
from unsaid.voices.echoes import is_order
from unsaid.voices.slanted import is_sung

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.narration import Profile
    from unsaid.story import Utterance
    from unsaid.voices.field import Field

BARE = "thought: bare line"
BARE_WORDS = 40
"""A bare line of thought is no longer than this many words."""
DIRECT_WORDS = 22
"""In a first-person story, where the narration itself says "I", a bare line must be shorter to be told apart."""
HABIT = 3
"""From so many lines on that their person alone tells, a story has the habit ..."""
OFTEN = 2
"""... or from so many on that speak in the present or of "us", those counted ..."""
SHARE, SHARE_OWN = 0.1, 0.15
"""... if they are these shares of the short lines beside spoken ones: a novel has a few of the kind in hundreds."""
INTENT_WORDS = 14
"""In a first-person story, shorter still where only "I'll" tells that it is said to oneself, now."""
AUTHORIAL = 2
"""From so many paragraphs on where a third-person narration says "I", its short "I" lines are the author's."""

_CRIES = frozenset(
    "oh ah no yes please why what god damn never liar idiot fool always don't stop stay go help well okay right good "
    "great stupid finally maybe".split()
)
_NOW = frozenset(
    "is are am isn't aren't ain't can can't cannot must mustn't don't doesn't it's that's there's what's who's where's "
    "how's he's she's let's won't hasn't haven't i'm you're we're they're i'll you'll we'll he'll she'll they'll "
    "it'll".split()
)
# "You could hear the clock" is told of anybody.
_ANYBODY = re.compile(
    r"\byou (?:could|can|can't|couldn't)(?: \w+ly| almost| just)? "
    r"(?:hear|see|smell|feel|taste|tell|have (?:\w+ed|heard|cut))\b",
    re.IGNORECASE,
)
_OWN = re.compile(r"\b(?:i|me|my|you|your)\b", re.IGNORECASE)
_ASIDES = 2  # paragraphs at either end
_OPENS_WITH_YOU = re.compile(r"\W*(?:(?:and|but|so|oh|then|why|how|if)\W+)*(?:you|your|me)\b", re.IGNORECASE)
_FORBIDS = re.compile(r"\W*(?:(?:oh|no|god|please)\W+)*don['’]t\b", re.IGNORECASE)
_INTENT = re.compile(r"\b(?:i['’]ll|i won['’]t|let me|please)\b", re.IGNORECASE)
_RETROSPECT = re.compile(r"\b(?:never|ever|always|remember|forget|suppose|guess|tell you)\b", re.IGNORECASE)


def bare_lines(field: Field, shape: Sequence[Profile], taken: Sequence[tuple[int, int]]) -> Iterator[Utterance]:
    """Paragraphs of a line or two that nothing marks but their person and tense.

    :param shape: the profiles of the story's paragraphs.
    :param taken: spans that are read already (letters), sorted; nothing is found inside them.
    """
    authorial = _authorial(field, shape)
    open_to = [i for i in range(len(shape)) if _may_be(field, shape[i], i, taken)]
    sure = [i for i in open_to if _is_sure(field, shape, i, authorial=authorial)]
    for index in sure:
        yield _thought(field, index, 0.6 if authorial else 0.8 if field.person(index) == "third" else 0.65)
    held = frozenset(sure)
    like = [i for i in open_to if i not in held and _looks_inner(field, shape, i)]
    own = len(sure) + sum(_speaks_up(field, shape, i) for i in like)
    short = sum(_is_beside_speech(shape, i) for i in open_to)
    if not authorial and ((len(sure) >= HABIT and len(sure) >= SHARE * short) or own >= max(OFTEN, SHARE_OWN * short)):
        for index in like:
            yield _thought(field, index, 0.65)


def _thought(field: Field, index: int, confidence: float) -> Utterance:
    paragraph = field.prose.paragraphs[index]
    return thought_of(((paragraph.start, paragraph.end),), BARE, confidence)


def _may_be(field: Field, profile: Profile, index: int, taken: Sequence[tuple[int, int]]) -> bool:
    """Whether a paragraph is short, without quotation marks, and leads to nothing."""
    paragraph = field.prose.paragraphs[index]
    if profile.quoted or not 0 < profile.words <= BARE_WORDS:
        return False
    line = field.text[paragraph.start : paragraph.end]
    if line.endswith((":", ",")) or DOUBLE_MARKS & set(line) or line.isupper():
        return False
    if (_ANYBODY.search(line) and not _OWN.search(_ANYBODY.sub("", line))) or _is_aside(line, index, field):
        return False
    return not covers(taken, paragraph.start) and not is_sung(field.prose, paragraph.start)


def _is_aside(line: str, index: int, field: Field) -> bool:
    """Whether a line in brackets opens or closes the text: its author speaks to readers."""
    around = min(index, len(field.prose.paragraphs) - 1 - index)
    return line[0] == "(" and line[-1] == ")" and around < _ASIDES


def _authorial(field: Field, shape: Sequence[Profile]) -> bool:
    """Whether a third-person narration says "I" in its long paragraphs, as Thackeray's does."""
    said = sum(
        profile.first > 0 and profile.words > BARE_WORDS and not profile.quoted
        for index, profile in enumerate(shape)
        if field.person(index) == "third"
    )
    return said >= AUTHORIAL


# --- told by the person -----------------------------------------------------------------------------------------------


def _is_sure(field: Field, shape: Sequence[Profile], index: int, *, authorial: bool) -> bool:
    """Whether a line tells by its person alone that it is somebody's own words."""
    paragraph, profile = field.prose.paragraphs[index], shape[index]
    stretch = field.telling.at(paragraph.start)
    if stretch is None or profile.words < 2:
        return False
    line = field.text[paragraph.start : paragraph.end]
    if stretch.person == "third":
        return _is_inner(profile, shape, index, line, authorial=authorial)
    if stretch.is_own and stretch.tense != "past":
        return _is_own_order(profile, line, index, shape)
    return stretch.is_own and _is_direct(profile, line, index, shape)


def _is_inner(profile: Profile, shape: Sequence[Profile], index: int, line: str, *, authorial: bool) -> bool:
    """A line in somebody's own first person, or to a "you", amid narration in the third."""
    plain = not profile.first and not profile.second
    if plain and not _is_me_and_you(line) and not (is_order(line) and not profile.past and not profile.third):
        return False
    if profile.third > profile.first + profile.second:
        return False
    if not profile.first and profile.past and not _OPENS_WITH_YOU.match(line):
        return False
    around = (*shape[max(0, index - 3) : index], *shape[index + 1 : index + 4])
    if authorial:
        return _is_beside_speech(shape, index) and profile.first > 0 and profile.present > profile.past
    return any(p.third or p.quoted for p in around)


def _is_me_and_you(line: str) -> bool:
    return re.match(r"(?:me and you|you and me|us)\b", line, re.IGNORECASE) is not None


def _is_own_order(profile: Profile, line: str, index: int, shape: Sequence[Profile]) -> bool:
    """In a first-person story told in the present: what "I" tell myself to do, beside a line that is spoken."""
    if profile.words > DIRECT_WORDS or profile.first or profile.plural or not _is_beside_speech(shape, index):
        return False
    return is_order(line) or _FORBIDS.match(line) is not None


def _is_direct(profile: Profile, line: str, index: int, shape: Sequence[Profile]) -> bool:
    """In a first-person story told in the past: a short line of its own, to somebody or about what "I" will do now."""
    if profile.words > DIRECT_WORDS or len(re.findall(r"[.!?…]+(?=\s|$)", line)) > 2:
        return False
    if index == 0 or shape[index - 1].past <= shape[index - 1].present:
        return False
    if profile.second and not profile.past and _RETROSPECT.search(line) is None:
        return True
    resolved = _INTENT.search(line) is not None and profile.words <= INTENT_WORDS
    return resolved and _RETROSPECT.search(line) is None and profile.third == 0


# --- told by the habit ------------------------------------------------------------------------------------------------


def _looks_inner(field: Field, shape: Sequence[Profile], index: int) -> bool:
    """Whether a line beside a spoken one, in a story with the habit, is rather a thought than told.

    Told is what stands in the past with "he", "she" or a name to do it, and nothing of the present.
    """
    paragraph, profile = field.prose.paragraphs[index], shape[index]
    stretch = field.telling.at(paragraph.start)
    if stretch is None or stretch.tense != "past" or not _is_beside_speech(shape, index):
        return False
    lower = field.tokens.lower[paragraph.first : paragraph.last]
    if _speaks_up(field, shape, index):
        return stretch.person == "third" or (profile.first == 0 and not is_told(lower))
    line = field.text[paragraph.start : paragraph.end]
    ordered = is_order(line) and not profile.third
    cries = lower[0] in _CRIES or line[-1] in "!?"
    return (ordered or cries or not profile.third) and not is_told(lower)


def _is_beside_speech(shape: Sequence[Profile], index: int) -> bool:
    return any(p.quoted for p in (*shape[max(0, index - 1) : index], *shape[index + 1 : index + 2]))


def _speaks_up(field: Field, shape: Sequence[Profile], index: int) -> bool:
    """Whether a line says "you", speaks in the present tense or, where no narrator does, of "me" and "us"."""
    paragraph, profile = field.prose.paragraphs[index], shape[index]
    lower = field.tokens.lower[paragraph.first : paragraph.last]
    own = field.person(index) == "third" and (profile.first > 0 or any(word in FIRST_PLURAL for word in lower))
    return own or profile.second > 0 or speaks_now(lower)


def speaks_now(lower: Sequence[str]) -> bool:
    """Whether words hold a verb that is surely in the present, as speech and thought have it."""
    return any(word.replace("’", "'") in _NOW for word in lower)


def opens_now(lower: Sequence[str]) -> bool:
    """Whether the first verb that tells is in the present: "That's who it was, all that time"."""
    now = next((i for i, word in enumerate(lower) if speaks_now([word])), None)
    return now is not None and not is_told(lower[:now] or ["."])


def is_told(lower: Sequence[str]) -> bool:
    """Whether words hold a past tense, as the narration's own would."""
    past = word_list("past") | finite_forms("speech_verbs")
    told = any(word in past or (word.endswith("ed") and len(word) > 4) for word in lower)
    return told and not (lower[0] in _CRIES and not any(word in THIRD for word in lower))
