"""Notes and messages that the narration announces ("The note said:"), and quotations that it calls written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from unsaid.story import Cue, Utterance, Writing
from unsaid.voices.correspondence import IT_SAYS, KIND_OF, Told, told_before

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.narration import Profile
    from unsaid.story import Evidence, WritingStatus
    from unsaid.voices.field import Field

NOTE_WORDS = 40
"""A note that only the narration announces is one paragraph of at most so many words."""
REACH = 1_500
"""A quotation's writer is looked for no further back than this many characters."""

_ANNOUNCES = frozenset(
    "read reads said says ran written wrote words word scrawled scribbled typed contained saying stated".split()
)
_BETWEEN = frozenset(", : -- — which that only simply merely just it in part thus as follows had was".split())
_AMBIGUOUS = frozenset("text texts paper mail wire reply label sign card page".split())
_WROTE = frozenset("wrote written writing scrawled scribbled typed texted".split())
_SAID = frozenset("said says saying words word".split())
_TYPED = frozenset("texted typed wrote emailed messaged scribbled scrawled texts types writes".split())


class Found(msgspec.Struct, frozen=True):
    """A writing with its utterance; None for a sign, which says nothing to anybody."""

    writing: Writing
    utterances: tuple[Utterance, ...]


def utterance(
    span: tuple[int, int], sender: str | None, recipient: str | None, rule: str, evidence: Evidence | None
) -> Utterance:
    """What stands in a writing, as an utterance by its sender to its recipient."""
    return Utterance(
        id="",
        start=span[0],
        end=span[1],
        parts=(span,),
        kind="writing",
        mode="direct",
        speaker=sender,
        addressees=(recipient,) if recipient is not None else (),
        cue=None,
        evidence=evidence if sender is not None else None,
        heard=None,
        confidence=0.9 if evidence == "explicit" and sender else 0.7 if sender else 0.5,
        rule=rule,
        reason=None if sender is not None else "neither the writing nor the narration names its writer",
    )


# --- notes and messages that the narration announces ------------------------------------------------------------------


def announced(field: Field, shape: Sequence[Profile]) -> Iterator[Found]:
    """A short paragraph behind "… there were only two words." or "The note said:"."""
    paragraphs = field.prose.paragraphs
    for index in range(len(paragraphs) - 1):
        kind = _announces(field, index)
        if kind is None:
            continue
        following = paragraphs[index + 1]
        line, profile = field.text[following.start : following.end], shape[index + 1]
        colon = field.text[paragraphs[index].end - 1] == ":"
        if (
            profile.words + profile.quoted > NOTE_WORDS
            or not _is_note(field, index + 1, profile, colon, _wrote(field, index))
            or not line
        ):
            continue
        told = told_before(field, paragraphs[max(0, index - 1)].start, paragraphs[index].end)
        yield note(field, kind, (following.start, following.end), told, "note: the narration before")


def _announces(field: Field, index: int) -> str | None:
    """The kind of writing that the end of a paragraph announces, or None."""
    paragraph = field.prose.paragraphs[index]
    if field.text[paragraph.end - 1] not in ".:…,-—":
        return None
    sentence = field.prose.sentences[max(0, field.prose.sentence_at(paragraph.end - 1))]
    kind = None
    announces = False
    for token in range(paragraph.first, sentence.last):
        word = field.tokens.lower[token]
        if field.tokens.quoted[token] or (token < sentence.first and word in _AMBIGUOUS):
            continue
        kind = KIND_OF.get(word, kind)
        announces = announces or (token >= sentence.first and word in _ANNOUNCES)
    if not announces or field.tokens.quoted[sentence.last - 1]:
        return None
    colon = field.text[paragraph.end - 1] == ":"
    if colon and _lower(field, sentence.last - 3, sentence.last - 1) in IT_SAYS:
        # What cannot speak and says something can be read: "a strip of paper, rolled up small, and it said:".
        return kind or "note"
    few = any(
        w in {"two", "three", "four", "only", "single", "one", "just"}
        for w in _lower(field, sentence.first, sentence.last)
    )
    said = _lower(field, sentence.first, sentence.last)
    if few and any(word in {"word", "words"} for word in said) and (kind or any(word in _WROTE for word in said)):
        return kind or "note"
    return kind if colon else None


def _wrote(field: Field, index: int) -> bool:
    """Whether the end of a paragraph speaks of writing, and not of words said."""
    sentence = field.prose.sentences[max(0, field.prose.sentence_at(field.prose.paragraphs[index].end - 1))]
    words = _lower(field, sentence.first, sentence.last)
    return any(word in KIND_OF for word in words) and any(word in _ANNOUNCES - _SAID for word in words)


def _lower(field: Field, first: int, last: int) -> tuple[str, ...]:
    return field.tokens.lower[first:last]


def _is_note(field: Field, index: int, profile: Profile, colon: bool, announced: bool) -> bool:
    """Whether a paragraph can be the note: wholly quoted or wholly not, and no narration of its own."""
    if profile.quoted:
        return not profile.words and announced
    return profile.third == 0 and (colon or profile.words <= 8) and not field.prose.paragraphs[index].after_break


def note(field: Field, kind: str, span: tuple[int, int], told: Told, rule: str) -> Found:
    """A writing of some kind, as the narration tells of it; to whoever tells the story, if to nobody else."""
    narrator = field.telling.narrator_at(span[0])
    sender, recipient = told.sender, told.recipient
    if recipient is None and narrator is not None and sender not in {None, narrator}:
        recipient = narrator
    writing = Writing("", span[0], span[1], kind, sender, recipient, told.status)
    if kind == "sign":
        return Found(msgspec.structs.replace(writing, sender=None, recipient=None), ())
    return Found(writing, (utterance(span, sender, recipient, rule, "anaphoric"),))


# --- quotations that are written --------------------------------------------------------------------------------------


def quoted(field: Field) -> Iterator[Found]:
    """Quotations that the words beside them call written: '"On my way," he texted', 'The note said, "Come."'."""
    lower = field.tokens.lower
    for quotation in field.prose.quotations:
        before, after = field.token_at(quotation.start), field.token_at(quotation.end)
        span = quotation.start, quotation.end
        stop = min(after + 3, field.prose.paragraphs[quotation.paragraph].last)
        verb = next((t for t in range(after, stop) if lower[t] in _TYPED), None)
        # '"Pack up." He wrote two letters.': a new sentence is a deed, and no cue; so is '"Go," and she wrote it down.'
        deed = verb is not None and field.text[quotation.end - 2] == "." and field.tokens.words[after][0].isupper()
        deed = deed or lower[after : after + 1] == ("and",)
        if verb is not None and not deed and not field.tokens.quoted[verb]:
            read = field.subject_at(verb - 1) if verb > after else field.subject_at(verb + 1)
            if read is not None and read[0].character is not None:
                yield _texted(field, span, read[0].character, (after, max(verb + 1, read[1])), read[0].kind == "name")
                continue
        if lower[after : after + 2] in IT_SAYS and not field.tokens.quoted[after]:
            written = next((t for t in range(before - 1, max(0, before - 20), -1) if lower[t] in KIND_OF), None)
            if written is not None and not field.tokens.quoted[written]:
                told = told_before(field, field.tokens.starts[max(0, written - 12)], quotation.start)
                yield note(field, KIND_OF[lower[written]], span, told, "note: cue")
                continue
        noun = next((t for t in range(max(0, before - 5), before) if lower[t] in KIND_OF), None)
        if noun is None or field.tokens.quoted[noun] or not _says(field, noun, before):
            continue
        paragraph = field.prose.paragraphs[quotation.paragraph]
        start = field.prose.paragraphs[max(0, quotation.paragraph - 1)].start
        start = max(min(start, paragraph.start), quotation.start - REACH)
        told = told_before(field, start, quotation.start)
        yield note(field, KIND_OF[lower[noun]], span, told, "note: cue")


def _says(field: Field, noun: int, before: int) -> bool:
    """ "note said," or "letter, which simply read:" right before a quotation, and nobody between who could say it."""
    between = field.tokens.lower[noun + 1 : before]
    if between[:1] == (",",) and between[1:2] not in {("which",), ("that",)}:
        # "taking out the letter, said" says who speaks, and not what the letter says.
        return False
    return any(word in _ANNOUNCES for word in between) and all(
        word in _BETWEEN or word in _ANNOUNCES for word in between
    )


def _texted(field: Field, span: tuple[int, int], sender: str, cue: tuple[int, int], named: bool) -> Found:
    kind = "message" if field.tokens.lower[cue[1] - 1].startswith(("text", "typ", "mess", "email")) else "note"
    narrator = field.telling.narrator_at(span[0])
    recipient = narrator if narrator is not None and narrator != sender else None
    status: WritingStatus = "sent" if kind == "message" else "unknown"
    return by_cue(field, span, kind, Told(sender, recipient, status), cue, named)


def by_cue(field: Field, span: tuple[int, int], kind: str, told: Told, cue: tuple[int, int], named: bool) -> Found:
    """What a cue says that somebody writes.

    :param cue: its tokens, half-open; ``named``: it has their name.
    """
    words = utterance(span, told.sender, told.recipient, "writing: cue", "explicit" if named else "anaphoric")
    at = Cue(field.tokens.starts[cue[0]], field.tokens.ends[cue[1] - 1])
    writing = Writing("", *span, kind, told.sender, told.recipient, told.status)
    return Found(writing, (msgspec.structs.replace(words, cue=at),))
