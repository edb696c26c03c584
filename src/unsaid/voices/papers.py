"""What is written on paper, stone or slate and set bare on the page: told by what the narration does with it.

No mark and no announcing verb shows such a writing. Somebody unfolds it, and reads it twice; it is in a round hand, in
ink, in capitals; it greets somebody, and is signed. No one of these signs is enough by itself.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from unsaid.narration import is_emphatic
from unsaid.prose import covers
from unsaid.voices.correspondence import (
    IT_SAYS,
    KIND_OF,
    Told,
    named_in,
    owner_of,
    reader_of,
    subject_before,
    told_before,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from unsaid.narration import Profile
    from unsaid.voices.field import Field

LONGEST = 150
"""A bare paragraph that is written is no longer than this many words."""
ENOUGH = 3.0
"""What has to speak for a paragraph together."""
REACH = 14
"""Tokens to either side of capitals within which something to write on is named."""

_LAST, _BEFORE, _BEHIND, _GREETS, _SIGNS, _CAPITALS, _OWN, _TIMELESS = 2.0, 1.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0
"""What each sign weighs: paper or ink in the last sentence before, or in the one before that; reading behind; a
greeting; a signature; capitals; somebody's own person; that nothing is told as past."""
_READ = 1.5
"""What reading right before weighs: a comment on what was read may follow as well."""
_TOLD = frozenset("he she they".split())
_INWARD = frozenset("thought wondered".split())
_SIGNED_WITHIN = 8  # paragraphs behind a greeting
_PAPERS = frozenset(KIND_OF) | frozenset(
    "handwriting scrawl capitals ink pencil biro chalk crayon jotter copybook pamphlet page pages sheet writing wrote "
    "written scribbled scrawled typed printed script blackboard slate board lid locker entry entries postscript stamp "
    "chalked inked signed".split()
)
_MADE = frozenset("wrote written scribbled scrawled typed printed scratched carved painted stitched chalked".split())
_HANDS = re.compile(
    r"\ball one hand\b|\b(?:in (?:a|an)|(?:one|the|own|whose|his|her|my|their|['’]s)(?= \w+,? (?:\w+ )?hand))"
    r"(?: [\w-]+,?){0,4} hand\b(?! (?:on|in|over|to|up|out|down|across|around|against)\b)"
)
_READING = re.compile(
    r"\b(?:re-?reads?|stud(?:ied|ies)) (?:it|this|that|them)\b"
    r"|\bread(?:s|ing)? (?:it|this|that|them|every word|aloud|and re|again|twice|, and)\b"
    r"|\b(?:turn(?:ed|s)|fold(?:ed|s)|hand(?:ed|s)) (?:it|the (?:paper|page|note|letter|card|sheet)) (?:over|up|away|"
    r"back|round)\b|\bread(?:s|ing)? the (?:letter|note|words?|lines?|page|card)\b"
    r"|\b(?:signature|postmark|handwriting)\b"
)
_GREETING = re.compile(r"[*_\s]*(?:(?:my )?(?:dear|dearest|darling)\b|(?:madam|sir|sirs),)", re.IGNORECASE)
_NAMED = re.compile(r"[*_\s]*(?P<name>[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?)(?: (?:lad|dear|love|my dear|old \w+))?[,.:]\s")
_SIGNED = re.compile(
    r"(?:[.!?…)]|[Ll]ove,?|[Yy]ours,?|friend,?|—|–|--)\s*(?P<name>[A-Z][\w’'-]*(?: [A-Z][\w’'-]+)?)\.?(?: x+)?[*_\s]*$"
)
_RUN = re.compile(r"(?<!\w)[A-Z][A-Z’'0-9]+(?:[ ,.’'!?:&%()0-9-]+(?:[A-Z][A-Z’'0-9]*|[0-9]+)(?!\w))*[.!?)%]*(?!\w)")
_ITS_ME = re.compile(r"\b(?:it['’]?s|this is) (?P<name>[A-Za-z][\w’'-]+)\b(?=[.,!\n])")
_LETTERS, _WORD = 6, 4  # capitals that no abbreviation has; those of a word that "it said" stands beside


class Paper(msgspec.Struct, frozen=True):
    """A writing by its span, with what is told of it, and whether its own words say by whom it is."""

    start: int
    end: int
    kind: str
    told: Told
    signed: bool = False


def papers(
    field: Field, shape: Sequence[Profile], taken: Sequence[tuple[int, int]], find: Callable[[str], str | None]
) -> Iterator[Paper]:
    """Every bare paragraph that is written, and every line of capitals that narration quotes.

    :param taken: spans that are read already (letters), sorted.
    :param find: who a written name is.
    """
    own = [_may_be(field, shape, i, taken) for i in range(len(shape))]
    ends = _run_ends(field, own)
    index, last = 0, -2
    while index < len(shape):
        end = _written_to(
            field, shape, index, taken, goes_on=last == index - 1, own_to=ends[index] if own[index] else None
        )
        if end is None:
            yield from _capitals(field, index, taken)
            index += 1
            continue
        yield _paper(field, index, end, find)
        last, index = end, end + 1


def _run_ends(field: Field, own: Sequence[bool]) -> list[int]:
    """For each paragraph the last of those that may be one writing with it: none greets anew or stands behind a break,
    and none but the last is signed.

    From the last one back, so that time is linear in one endless run.
    """
    ends = list(range(len(own)))
    for i in range(len(own) - 2, -1, -1):
        apart = not own[i + 1] or field.prose.paragraphs[i + 1].after_break or _greets(field, i + 1)
        if not apart and not _signed_by(field, i):
            ends[i] = ends[i + 1]
    return ends


def _written_to(
    field: Field,
    shape: Sequence[Profile],
    index: int,
    taken: Sequence[tuple[int, int]],
    *,
    goes_on: bool,
    own_to: int | None,
) -> int | None:
    """The last paragraph of what is written from paragraph ``index`` on; None where nothing is.

    :param own_to: the last of those that may be one writing with it; None where it is narration.
    """
    if not _is_bare(field, shape, index, taken):
        return None
    if _is_typed(field, index):
        return index
    signed = _signed_end(field, shape, index, taken) if _greets(field, index) and _lead(field, index) else None
    if signed is not None or own_to is None:
        return signed
    if goes_on and _greets(field, index):
        return own_to
    return own_to if _weigh(field, shape, index, own_to) >= ENOUGH else None


def _is_bare(field: Field, shape: Sequence[Profile], index: int, taken: Sequence[tuple[int, int]]) -> bool:
    paragraph, profile = field.prose.paragraphs[index], shape[index]
    short = 0 < profile.words <= LONGEST and not profile.quoted
    return short and index > 0 and not covers(taken, paragraph.start)


def _is_typed(field: Field, index: int) -> bool:
    """Whether the paragraph before ends in "she typed:"."""
    before = field.prose.paragraphs[index - 1]
    if field.text[before.end - 1] != ":":
        return False
    return any(word in _MADE for word in field.tokens.lower[max(before.first, before.last - 4) : before.last])


def _signed_end(field: Field, shape: Sequence[Profile], index: int, taken: Sequence[tuple[int, int]]) -> int | None:
    """The paragraph that signs a letter whose greeting stands at ``index``."""
    for end in range(index, min(len(shape), index + _SIGNED_WITHIN)):
        if not _is_bare(field, shape, end, taken) or (end > index and field.prose.paragraphs[end].after_break):
            return None
        by = _signed_by(field, end)
        if by is not None and (_initialled(field, by) if len(by) == 1 else _is_called(field, by)):
            return end
    return None


def _is_called(field: Field, name: str) -> bool:
    return any(name in character.names for character in field.cast.characters)


def _may_be(field: Field, shape: Sequence[Profile], index: int, taken: Sequence[tuple[int, int]]) -> bool:
    """Whether a paragraph is bare of quotation marks and nobody's narration."""
    paragraph, profile = field.prose.paragraphs[index], shape[index]
    lower = field.tokens.lower[paragraph.first : paragraph.last]
    if not _is_bare(field, shape, index, taken) or lower[0] in _TOLD or not _INWARD.isdisjoint(lower):
        return False
    line = field.text[paragraph.start : paragraph.end]
    if line.isupper() or _GREETING.match(line):
        return True
    if _named_at(field, paragraph.start) is not None and not _greets(field, index):
        return False  # "Greta read it twice."
    stretch = field.telling.at(paragraph.start)
    if stretch is None or profile.third > profile.first + profile.second + profile.plural:
        return False
    if stretch.is_own:
        return _is_timeless(profile) or (profile.second > 0 and profile.past <= profile.present)
    return profile.first + profile.second + profile.plural > 0 or not profile.past


def _is_timeless(profile: Profile) -> bool:
    """Whether a line tells of nobody and nothing past: "Stroller 289. SORRY." """
    return profile.words > 1 and not profile.past and not profile.third and not profile.first


def _is_own(field: Field, shape: Sequence[Profile], index: int) -> bool:
    """Whether a paragraph is somebody's own words, which lead up to no writing: "You never wrote to me." """
    profile = shape[index]
    own = profile.first + profile.second if field.person(index) == "third" else profile.second
    return own > 0 and not profile.third and not profile.quoted


def _weigh(field: Field, shape: Sequence[Profile], first: int, last: int) -> float:
    paragraphs = field.prose.paragraphs
    weight = 0.0 if _is_own(field, shape, first - 1) else _lead(field, first)
    weight += _BEHIND if _is_read(field, last) and (weight or not is_emphatic(field.prose, first)) else 0.0
    if not weight:
        return 0.0
    weight += _GREETS * _greets(field, first) + _SIGNS * (_signed_by(field, last) is not None)
    weight += _CAPITALS * field.text[paragraphs[first].start : paragraphs[first].end].isupper()
    own = shape[first].second + (shape[first].first if field.person(first) == "third" else 0)
    return weight + _OWN * (own > 0) + _TIMELESS * (not own and _is_timeless(shape[first]))


def _lead(field: Field, index: int) -> float:
    """What the narration right before says of paper and ink."""
    before = field.prose.paragraphs[index - 1]
    if field.prose.paragraphs[index].after_break or field.tokens.quoted[before.last - 1]:
        return 0.0
    at = max(0, field.prose.sentence_at(before.end - 1))
    for sentence, worth in ((at, _LAST), (at - 1, _BEFORE)):
        if sentence < 0 or field.prose.sentences[sentence].first < before.first:
            return 0.0
        held = field.prose.sentences[sentence]
        told = range(held.first, min(held.last, before.last))
        words = [field.tokens.lower[t] for t in told if not field.tokens.quoted[t]]
        said = " ".join(words)
        if not _PAPERS.isdisjoint(words) or _HANDS.search(said):
            return worth
        if worth == _LAST and _READING.search(said):
            return _READ
    return 0.0


def _is_read(field: Field, last: int) -> bool:
    """Whether the first sentence behind tells of reading."""
    if last + 1 >= len(field.prose.paragraphs):
        return False
    behind = field.prose.paragraphs[last + 1]
    if behind.after_break or field.tokens.quoted[behind.first]:
        return False
    sentence = field.prose.sentences[max(0, field.prose.sentence_at(behind.start))]
    return _READING.search(" ".join(field.tokens.lower[sentence.first : sentence.last])) is not None


def _greets(field: Field, index: int) -> bool:
    """Whether a paragraph greets somebody: "Madam, I understand", or somebody of the story: "Jory lad. When"."""
    paragraph = field.prose.paragraphs[index]
    head = field.text[paragraph.start : min(paragraph.end, paragraph.start + 80)]
    if _GREETING.match(head):
        return True
    named = _NAMED.match(head)
    return named is not None and _named_at(field, paragraph.start + named.start("name")) is not None


def _named_at(field: Field, offset: int) -> str | None:
    return named_in(field, offset, offset + 1)


def _signed_by(field: Field, index: int) -> str | None:
    """The name or initial that a paragraph ends with."""
    paragraph = field.prose.paragraphs[index]
    found = _SIGNED.search(field.text[max(paragraph.start, paragraph.end - 60) : paragraph.end])
    return found["name"] if found else None


def _paper(field: Field, first: int, last: int, find: Callable[[str], str | None]) -> Paper:
    paragraphs = field.prose.paragraphs
    start, end = paragraphs[first].start, paragraphs[last].end
    begun = max(paragraphs[first - 1].start, start - 400)
    told = told_before(field, begun, start)
    by = _signed_by(field, last)
    signed = (_initialled(field, by) if len(by) == 1 else find(by)) if by else None
    me = _ITS_ME.search(field.text, start, min(end, start + 40))
    signed = signed or (find(me["name"]) if me else None)
    named = _NAMED.match(field.text[start : start + 80])
    to = _named_at(field, start + named.start("name")) if named else None
    reader = reader_of(field, end, paragraphs[last + 1].end) if last + 1 < len(paragraphs) else None
    sender = signed or _hand(field, begun, start) or told.sender
    recipient = to or told.recipient or reader
    sender = None if sender in {to, reader} and not signed else sender
    kind = _kind(field, begun, start)
    return Paper(start, end, kind, Told(sender, recipient if recipient != sender else None, told.status), bool(signed))


def _kind(field: Field, start: int, end: int) -> str:
    words = field.tokens.lower[field.token_at(start) : field.token_at(end)]
    return next((KIND_OF[word] for word in reversed(words) if word in KIND_OF), "note")


def _initialled(field: Field, letter: str) -> str | None:
    """The one whose name begins with a letter; None where several do."""
    fitting = {c.id for c in field.cast.characters if any(n.startswith(letter) and " " not in n for n in c.names)}
    return fitting.pop() if len(fitting) == 1 else None


def _hand(field: Field, start: int, end: int) -> str | None:
    """Whose hand it is: "in her square capitals", "Ann scratched on the lid"."""
    first, last = field.token_at(start), field.last_token_before(end) + 1
    for token in range(last - 1, first - 1, -1):
        word = field.tokens.lower[token]
        if field.tokens.quoted[token]:
            continue
        found = owner_of(field, token) if word in {"capitals", "hand", "handwriting", "scrawl", "printing"} else None
        found = found or (subject_before(field, token, first) if word in _MADE else None)
        if found is not None:
            return found
    return None


# --- capitals in the narration ----------------------------------------------------------------------------------------


def _capitals(field: Field, index: int, taken: Sequence[tuple[int, int]]) -> Iterator[Paper]:
    """Words in capitals beside something that is written on: 'a label. TAKE WITH FOOD.', 'NO ENTRY, it said'."""
    paragraph = field.prose.paragraphs[index]
    text = field.text[paragraph.start : paragraph.end]
    if text.isupper():
        return
    for run in _RUN.finditer(text):
        start, end = paragraph.start + run.start(), paragraph.start + run.end()
        first, last = field.token_at(start), field.token_at(end)
        letters = sum(c.isalpha() for c in run.group())
        if covers(taken, start) or any(field.tokens.quoted[first:last]):
            continue
        near = range(max(paragraph.first, first - REACH), min(paragraph.last, last + REACH))
        words = {field.tokens.lower[t] for t in near if not first <= t < last and not field.tokens.quoted[t]}
        says = _says(field.tokens.lower[last : last + 3]) or _says(field.tokens.lower[first - 3 : first])
        if letters < (_WORD if says else _LETTERS):
            continue
        if says or not _PAPERS.isdisjoint(words):
            begun = max(paragraph.start, start - 300)
            told = told_before(field, begun, start)
            yield Paper(start, end, _kind(field, begun, start), Told(_hand(field, begun, start) or told.sender, None))


def _says(lower: Sequence[str]) -> bool:
    """Whether something that cannot speak says it: "it said", "it reads"."""
    return any(pair in IT_SAYS for pair in pairwise(lower))
