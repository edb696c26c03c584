"""What is written inside a paragraph, in italics or bold, or without any mark: "*On my way,* she typed."

Words so set are a thought, unless what stands beside them says that they are read: somebody typed them, "it said", a
phone has just buzzed and they ask something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from unsaid.narration import BUZZ, PHONE, TEXTING
from unsaid.narration.lexicon import FIRST, SECOND, THIRD
from unsaid.prose import covers
from unsaid.voices.bare import is_told
from unsaid.voices.correspondence import IT_SAYS, KIND_OF, Told, governed_by, object_of, owner_of, told_before
from unsaid.voices.cued import DOUBLE_MARKS, thought_verbs
from unsaid.voices.field import OBLIQUE
from unsaid.voices.parenthetic import PRESENT, own_words, parenthesis
from unsaid.voices.slanted import begins, stretches, whole_sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.prose import Sentence
    from unsaid.voices.field import Field, Subject

LONGEST = 80
"""Words so set that are more than this are no message."""

WRITES = frozenset(
    "texted texts typed types wrote writes messaged messages emailed emails scribbled scribbles scrawled scrawls "
    "jotted jots penned".split()
)
_WRITTEN = WRITES | {"written"}
_BY_HAND = frozenset({"wrote", "writes", "penned"})
_SENT = frozenset({"sent", "sends"})  # "he sent", and no "he sent the boy away"
_SAYS = frozenset("said says read reads saying reading ran".split())
_SCREENS = PHONE | {"text", "texts", "message", "messages", "display"}
_THINGS = frozenset(
    "it this that these a an the something nothing everything his her my their your our out down one two".split()
)
_CLAUSES = frozenset("he she i we they who which and but as while when because so if".split())
_BEFORE_VERBS = frozenset("had has just only then".split())
_WORD = frozenset({"word", "words", "name", "letters"})
_AT, _BEHIND = frozenset("on in across at under over along to with and from after again".split()), 6
_NEAR = 25  # tokens before "it said" within which something is named that can be read
_LEAD = 8  # tokens between a verb of writing and what is written
_GAP = 10  # tokens of a cue between two parts of one message


class Inline(msgspec.Struct, frozen=True):
    """A writing inside a paragraph.

    :ivar kind: as :class:`~unsaid.story.Writing` has it.
    :ivar cue: the tokens that tell of it, half-open, where they name somebody who writes; ``named``: by name.
    """

    start: int
    end: int
    kind: str
    told: Told
    cue: tuple[int, int] | None = None
    named: bool = False


def inline(field: Field, taken: Sequence[tuple[int, int]]) -> Iterator[Inline]:
    """Every writing inside a paragraph.

    :param taken: spans that are read already, sorted.
    """
    last: Inline | None = None
    for start, end in stretches(field.prose, ("italic", "bold")):
        first, behind = field.token_at(start), field.last_token_before(end) + 1
        if not 0 < behind - first <= LONGEST or any(field.tokens.quoted[first:behind]) or covers(taken, start):
            continue
        found = _slanted(field, start, end) or _goes_on(field, last, start, end)
        if found is not None:
            last = found
            yield found
    slanted = [(emphasis.start, emphasis.end) for emphasis in field.prose.emphasis]
    for sentence in field.prose.sentences:
        if not covers(taken, sentence.start) and not covers(slanted, sentence.start):
            yield from _plain(field, sentence)


# --- in italics or bold -----------------------------------------------------------------------------------------------


def _slanted(field: Field, start: int, end: int) -> Inline | None:
    """What is so set, if a cue right behind it or before it, or a phone, says that it is written."""
    return _cued_behind(field, start, end) or _cued_before(field, start, end) or _rung(field, start, end)


def _cued_behind(field: Field, start: int, end: int) -> Inline | None:
    """ "*Where are you?* Mark texted.", "*Come home,* it said." """
    tokens = field.tokens
    paragraph = field.prose.paragraphs[max(0, field.prose.paragraph_at(start))]
    at = field.token_at(end)
    at += at < paragraph.last and tokens.words[at] == ","
    if at + 1 >= paragraph.last or tokens.quoted[at] or not begins(field.text, start):
        return None
    if tokens.lower[at : at + 2] in IT_SAYS:
        return _read(field, start, end)
    found = _writer_at(field, at, paragraph.last)
    if found is None:
        return None
    subject, verb, last = found
    ended = field.text[end - 1] == "." or (subject.kind == "pronoun" and tokens.words[at][0].isupper())
    if ended and "".join(tokens.lower[verb + 1 : verb + 2]) in _THINGS:
        return None  # "*I hate him.* She typed a reply."
    return _by(field, (start, end), subject, verb, (at, last))


def _writer_at(field: Field, at: int, stop: int) -> tuple[Subject, int, int] | None:
    """Whoever is told to write at a token, the verb, and the token behind both: "Mark texted", "texted Mark"."""
    lower = field.tokens.lower
    turned = lower[at] in WRITES
    read = field.subject_at(at + turned)
    if read is None or (turned and field.tokens.lower[at + 1] in OBLIQUE):
        return None
    subject, behind = read
    if turned:
        return subject, at, behind
    verb = behind + (behind + 1 < stop and (lower[behind].endswith("ly") or lower[behind] in ("then", "just")))
    if verb >= stop or not (lower[verb] in WRITES or (lower[verb] in _SENT and not _has_object(field, verb, stop))):
        return None
    return subject, verb, verb + 1


def _has_object(field: Field, verb: int, stop: int) -> bool:
    """Whether something is sent other than the words before: "she sent the boy away"."""
    behind = field.tokens.lower[verb + 1] if verb + 1 < stop else "."
    return behind[0].isalnum() and behind not in ("back", "to", "and", "with")


def _cued_before(field: Field, start: int, end: int) -> Inline | None:
    """ "She typed back, *on my way*", "the sign read *No Standing*", "she had written the word *never*"."""
    tokens, first = field.tokens, field.token_at(start)
    sentence = field.prose.sentences[max(0, field.prose.sentence_at(start))]
    for t in range(first - 1, max(sentence.first, first - _LEAD) - 1, -1):
        word = tokens.lower[t]
        if tokens.quoted[t] or word in _CLAUSES:
            return None
        if word in _WRITTEN:
            subject = _subject_of(field, t, sentence.first)
            if subject is None or not _is_written(field, t, (start, end)):
                return None
            return _by(field, (start, end), subject, t, (t, t + 1))
        if word in _SAYS and first - t <= 2:
            return _read(field, start, end) if _is_readable(field, t, sentence.first) else None
    return None


def _subject_of(field: Field, verb: int, low: int) -> Subject | None:
    """Who writes, right before the verb but for "had", "just" and the like."""
    at, lower = verb, field.tokens.lower
    while at > low and (lower[at - 1] in _BEFORE_VERBS or lower[at - 1].endswith("ly")):
        at -= 1
    found = field.subject_before(at, low)
    return found[0] if found else None


def _is_written(field: Field, verb: int, span: tuple[int, int]) -> bool:
    """Whether it is what the verb writes, and no word that is stressed: "she wrote a *very* long letter"."""
    between = field.tokens.lower[verb + 1 : field.token_at(span[0])]
    if _WORD.intersection(between[-1:]):
        return True
    said = field.text[span[0] : span[1]]
    if len(said.split()) < 2 and not (said[0].isupper() or said[-1] in ".!?…"):
        return False
    return not between or between[-1] in (",", ":", "back") or said[0].isupper()


def _is_readable(field: Field, verb: int, low: int) -> bool:
    """Whether what "said" or "read" can be read: "the note said", "it read"."""
    lower = field.tokens.lower
    if lower[verb - 1] == "it" and verb > low:
        return _readable_before(field, verb - 1) is not None
    for t in range(verb - 1, low - 1, -1):
        if lower[t] in KIND_OF or lower[t] in PHONE:
            return True
        if lower[t] in _CLAUSES:
            return False
    return False


def _readable_before(field: Field, token: int) -> int | None:
    """The last token before another, and near it, that tells of something that can be read."""
    lower, quoted = field.tokens.lower, field.tokens.quoted
    near = range(token - 1, max(-1, token - 1 - _NEAR), -1)
    return next((t for t in near if not quoted[t] and (lower[t] in KIND_OF or lower[t] in _SCREENS | _WRITTEN)), None)


def _rung(field: Field, start: int, end: int) -> Inline | None:
    """ "Her phone buzzed. *Did you eat?*", "Mark texted her a minute later. *Bring milk.*" """
    tokens, first = field.tokens, field.token_at(start)
    if not first or not whole_sentences(field.text, start, end) or _is_thought(field, end):
        return None
    before = field.prose.sentences[max(0, field.prose.sentence_at(tokens.starts[first - 1]))]
    told = range(max(before.first, first - _NEAR), min(before.last, first))
    if field.prose.paragraphs[before.paragraph].last < first - 1 or any(tokens.quoted[t] for t in told):
        return None
    texting = next((t for t in told if tokens.lower[t] in TEXTING), None)
    if texting is not None:
        subject = _subject_of(field, texting, before.first)
        return _by(field, (start, end), subject, texting, None) if subject is not None else None
    words = {tokens.lower[t] for t in told}
    asks = field.text[end - 1] == "?" or any(w in SECOND for w in tokens.lower[first : field.token_at(end)])
    if asks and ((words & BUZZ and words & _SCREENS) or {"text", "message"} & words):
        return _read(field, start, end)
    return None


def _is_thought(field: Field, end: int) -> bool:
    """Whether a cue of thought stands right behind: "*Not now,* she thought."."""
    at = field.token_at(end)
    return any(word in thought_verbs() for word in field.tokens.lower[at : at + 4])


def _goes_on(field: Field, last: Inline | None, start: int, end: int) -> Inline | None:
    """The second half of a message behind its cue: "*On the bus,* she typed. *Ten minutes.*" """
    if last is None or last.cue is None or start < last.end:
        return None
    tokens = field.tokens
    apart = tokens.lower[field.token_at(last.end) : field.token_at(start)]
    same = field.prose.paragraph_at(start) == field.prose.paragraph_at(last.start)
    if not same or last.cue[0] < field.token_at(last.end) or not 0 < len(apart) <= _GAP:
        return None
    if _is_thought(field, end) or any(w in ("he", "she", "i", "they") for w in apart[2:]):
        return None
    return msgspec.structs.replace(last, start=start, end=end)


def _by(field: Field, span: tuple[int, int], subject: Subject, verb: int, cue: tuple[int, int] | None) -> Inline:
    """What a subject writes."""
    tokens = field.tokens
    sentence = field.prose.sentences[max(0, field.prose.sentence_at(tokens.starts[verb]))]
    to = object_of(field, verb, sentence.last) or governed_by(field, verb, sentence.last, "to")
    told = Told(subject.character, to if to != subject.character else None, "unknown")
    kind = _kind(field, verb)
    if kind == "message":
        told = msgspec.structs.replace(told, status="sent")
    return Inline(*span, kind, told, cue, subject.kind == "name")


def _kind(field: Field, verb: int) -> str:
    """What is written by a verb: a message by "texted"; a note, unless a phone or a letter is near, by "wrote"."""
    lower = field.tokens.lower
    if lower[verb] in TEXTING or lower[verb] in _SENT or lower[verb].startswith("email"):
        return "message"
    near = (lower[t] for t in range(verb, max(0, verb - _NEAR), -1))
    return next(("message" if w in PHONE else KIND_OF[w] for w in near if w in PHONE or w in KIND_OF), "note")


def _read(field: Field, start: int, end: int) -> Inline | None:
    """What somebody reads, where something that can be read has been told of; who has a phone has not written it."""
    first, tokens = field.token_at(start), field.tokens
    at = _readable_before(field, first)
    if at is None:
        return None
    told = told_before(field, field.prose.sentences[max(0, field.prose.sentence_at(tokens.starts[at]))].start, start)
    if tokens.lower[at] not in _SCREENS:
        return Inline(start, end, KIND_OF.get(tokens.lower[at], "note"), told)
    sender = governed_by(field, at, first, "from")
    owner = owner_of(field, at) or told.recipient
    return Inline(start, end, "message", Told(sender, owner if owner != sender else None, "received"))


# --- without any mark -------------------------------------------------------------------------------------------------


def _plain(field: Field, sentence: Sentence) -> Iterator[Inline]:
    """ "Not counted, it said.", "Tell him yourself, she texted." """
    lower, quoted = field.tokens.lower, field.tokens.quoted
    for t in range(sentence.first + 2, min(sentence.last - 1, sentence.first + LONGEST)):
        says = lower[t : t + 2] in IT_SAYS
        if quoted[t] or not (says or lower[t] in WRITES):
            continue
        clause = parenthesis(field, sentence, t + says)
        if clause is None or clause[0] <= sentence.first or clause[1] < sentence.last - 1:
            continue  # "To the abbess, however, she wrote, telling her of it" is narration
        if not own_words(field, range(sentence.first, clause[0])):
            continue
        span = sentence.start, field.tokens.ends[clause[0] - 1]
        if says and clause[0] != t:
            continue
        found = _read(field, *span) if says else _written_at(field, span, clause, t)
        if found is not None:
            yield found
            yield from _rest(field, sentence, found)
            return


def _written_at(field: Field, span: tuple[int, int], clause: tuple[int, int], verb: int) -> Inline | None:
    writer, lower = _writer_at(field, clause[0], clause[1]), field.tokens.lower
    if writer is None or writer[1] != verb or DOUBLE_MARKS & set(field.text[slice(*span)]):
        return None
    said = lower[field.token_at(span[0]) : clause[0]]
    if lower[verb] in _BY_HAND and not any(word in FIRST or word in SECOND or word in PRESENT for word in said):
        return None  # "In a big, dashing hand, Laurie wrote."
    behind = lower[writer[2]]
    if behind[0].isalnum() and behind not in _AT | OBLIQUE | {"back"} and not behind.endswith("ly"):
        return None  # "…, and she wrote her name on it."
    return _by(field, span, writer[0], verb, (clause[0], writer[2]))


def _rest(field: Field, sentence: Sentence, found: Inline) -> Iterator[Inline]:
    """The sentences behind "it said" that are no narration: the same writing goes on."""
    at = field.prose.sentence_at(sentence.start) + 1
    for following in field.prose.sentences[at : at + _BEHIND]:
        lower = field.tokens.lower[following.first : following.last]
        quoted = any(field.tokens.quoted[following.first : following.last])
        if following.paragraph != sentence.paragraph or quoted or is_told(lower) or any(w in THIRD for w in lower):
            return
        yield msgspec.structs.replace(found, start=following.start, end=following.end)
