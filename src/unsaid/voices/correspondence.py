"""What the narration around a letter or note tells of it: who wrote it, to whom, and what became of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from unsaid.story import WritingStatus
from unsaid.voices.field import OBLIQUE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unsaid.voices.field import Field

KIND_OF = {
    **dict.fromkeys("letter letters epistle reply envelope".split(), "letter"),
    **dict.fromkeys("note notes paper slip scrap".split(), "note"),
    **dict.fromkeys("message messages text texts sms email e-mail mail dm telegram wire".split(), "message"),
    **dict.fromkeys("card postcard valentine invitation label tag".split(), "card"),
    **dict.fromkeys("diary journal notebook".split(), "diary"),
    **dict.fromkeys("sign plaque placard headline inscription poster gravestone tombstone headstone".split(), "sign"),
}
"""Nouns of writing, by the kind of :class:`~unsaid.story.Writing` that they name."""

IT_SAYS = frozenset((("it", "said"), ("it", "read"), ("it", "says"), ("it", "reads")))
"""What cannot speak and says something can be read."""

_STRONG = frozenset(KIND_OF) - {"paper", "mail", "wire", "text", "reply", "scrap", "slip"}
_WRITING = frozenset(
    "wrote write writes writing written scribbled scrawled penned typed texted emailed messaged addressed".split()
)
_RECEIVING = frozenset(
    "received receive receives opened opens unfolded unfolds got gotten read reads reading found tore handed gave "
    "given delivered arrived brought".split()
)
_TO_RECEIVER = frozenset("handed gave given brought sent delivered passed left".split())
_READ = frozenset("it the this that through every them his her".split())
_SENT = frozenset("sent send sends sending posted mailed dispatched delivered texted emailed messaged".split())
_UNSENT = frozenset("burned burnt tore crumpled unsent unposted discarded deleted".split())
_TITLES = frozenset("mr mrs ms dr st messrs rev capt col".split())
_HAND = frozenset("hand handwriting writing scrawl script pen print letters".split())


class Told(msgspec.Struct, frozen=True):
    """What the narration tells; None and "unknown" where it does not."""

    sender: str | None = None
    recipient: str | None = None
    status: WritingStatus = "unknown"


def told_before(field: Field, start: int, end: int) -> Told:
    """Read the narration ``text[start:end]`` that leads up to a writing; what stands nearer to it counts more."""
    sender = recipient = None
    status: WritingStatus = "unknown"
    first, last = field.token_at(start), field.last_token_before(end) + 1
    for token in range(last - 1, first - 1, -1):
        if field.tokens.quoted[token]:
            continue
        word = field.tokens.lower[token]
        if word in _STRONG or word in _HAND:
            sender = (
                sender
                or owner_of(field, token)
                or (governed_by(field, token, last, "from") if word in _STRONG else None)
            )
            recipient = recipient or (governed_by(field, token, last, "to") if word in _STRONG else None)
        elif word in _WRITING:
            sender = sender or subject_before(field, token, first)
            recipient = recipient or governed_by(field, token, last, "to") or object_of(field, token, last)
        elif word in _RECEIVING:
            recipient = recipient or _receiver(field, token, first, last)
            status = "received" if status == "unknown" else status
    if recipient == sender:
        recipient = None
    return Told(sender, recipient, status)


def reader_of(field: Field, start: int, end: int) -> str | None:
    """Who is told to read something in ``text[start:end]``: "Ottilie read it twice"."""
    lower, quoted = field.tokens.lower, field.tokens.quoted
    for token in range(field.token_at(start), field.last_token_before(end)):
        if lower[token] in {"read", "reads", "reread"} and lower[token + 1] in _READ and not quoted[token]:
            return subject_before(field, token, field.token_at(start))
    return None


def fate_after(field: Field, start: int, end: int) -> WritingStatus:
    """Whether the narration behind a writing says that it was sent, or never was."""
    words = field.tokens.lower[field.token_at(start) : field.last_token_before(end) + 1]
    if any(word in _UNSENT for word in words) or _pair(words, "never", _SENT) or _pair(words, "not", _SENT):
        return "unsent"
    if _PUT_AWAY.search(" ".join(words)):
        return "unsent"
    return "sent" if any(word in _SENT for word in words) else "unknown"


def answer_told(field: Field, start: int, end: int) -> bool | None:
    """Whether the narration behind a writing says that it was answered, or never was; None where it says neither.

    "He never wrote back", "no answer came", "she did not reply"; "he wrote back the same day".
    """
    tokens = field.tokens
    first, last = field.token_at(start), field.last_token_before(end) + 1
    words = [w for w, quoted in zip(tokens.lower[first:last], tokens.quoted[first:last], strict=True) if not quoted]
    told = " ".join(words)
    if _NO_ANSWER.search(told):
        return False
    return True if _ANSWERED.search(told) else None


_REPLIES = r"(?:wr(?:ote|ite|itten) back|writ(?:e|ten) again|answer(?:ed)?|repl(?:y|ied)|respond(?:ed)?)"
_DID_NOT = r"(?:did not|didn't|does not|doesn't|has not|hasn't|had not|hadn't)"
_NO_ANSWER = re.compile(
    rf"\b(?:never (?:once )?{_REPLIES}|{_DID_NOT} (?:ever )?{_REPLIES}|"
    r"(?:no|without an?) (?:answer|reply|response|letter|word)(?: (?:ever|had|has|back))* (?:came|come|arrived)|"
    r"(?:never|not) (?:had|got|received|heard|get|hear) (?:an? |any )?(?:answer|reply|response|back|word|from))\b"
)
_ANSWERED = re.compile(r"\b(?:wrote back|answered (?:it|by|the letter|her letter|his letter|my letter)|replied by)\b")


_PUT_AWAY = re.compile(
    r"\b(?:put|threw|thrown|dropped|laid|thrust|pushed|shoved|hid|fed|tossed|flung|cast|slipped|locked|stuffed|folded)"
    r"(?: [\w']+){1,5}? (?:in|into|on|onto|under|behind|to)(?: [\w']+){0,3}? "
    r"(?:fire|flames?|stove|grate|hearth|drawer|bin|wastebasket|dustbin|pillow|mattress|cupboard|leg)\b"
)


def _pair(words: Iterable[str], one: str, others: frozenset[str]) -> bool:
    before = ""
    for word in words:
        if before == one and word in others:
            return True
        before = word
    return False


def named_in(field: Field, start: int, end: int) -> str | None:
    """The first character named in ``text[start:end]``."""
    for index in field.mentions_between(start, end):
        mention = field.cast.mentions[index]
        if mention.kind == "name" and mention.character is not None:
            return mention.character
    return None


def who_at(field: Field, token: int) -> tuple[str | None, int] | None:
    """The character at a token and the token behind the mention; groups and the unresolved are nobody."""
    read = field.subject_at(token)
    if read is None:
        return None
    subject, behind = read
    return (subject.character if subject.character not in field.groups else None), behind


def owner_of(field: Field, noun: int) -> str | None:
    """Whose letter or hand: "his letter", "Anna's note", "in her round hand"."""
    lower = field.tokens.lower
    for token in range(noun - 1, max(-1, noun - 4), -1):
        if lower[token] in {"his", "her", "my"}:
            found = who_at(field, token)
            return found[0] if found else None
        if lower[token] == "'s":
            return _ending_at(field, token)
        if lower[token] in {"the", "a", "an", ",", ".", "of", "and", "to"}:
            return None
    return None


def _ending_at(field: Field, token: int) -> str | None:
    """The character whose mention ends right before a token."""
    for back in range(1, 5):
        if token - back < 0:
            return None
        found = who_at(field, token - back)
        if found is not None and found[1] == token:
            return found[0]
    return None


def governed_by(field: Field, token: int, last: int, preposition: str) -> str | None:
    """The character behind "from" or "to" close behind a noun or verb."""
    for place in range(token + 1, min(last, token + 5)):
        if field.tokens.lower[place] == preposition and place + 1 < last:
            found = who_at(field, place + 1)
            return found[0] if found else None
        if field.tokens.lower[place] in {".", ",", ";"}:
            return None
    return None


def object_of(field: Field, verb: int, last: int) -> str | None:
    """Whom a verb of writing has right behind it: "wrote him a letter"."""
    if verb + 1 >= last:
        return None
    word = field.tokens.lower[verb + 1]
    found = who_at(field, verb + 1) if word in OBLIQUE or field.tokens.words[verb + 1][:1].isupper() else None
    return found[0] if found else None


def subject_before(field: Field, verb: int, first: int) -> str | None:
    """The nearest nominative or name before a verb, within its sentence."""
    lower = field.tokens.lower
    for token in range(verb - 1, max(first - 1, verb - 13), -1):
        ends = lower[token] in {"!", "?", ";", '"', "”"} or (lower[token] == "." and lower[token - 1] not in _TITLES)
        if ends:
            return None
        if lower[token] in OBLIQUE or lower[token] in {"his", "my", "their"}:
            continue
        found = who_at(field, token)
        governed = token > first and lower[token - 1] in {"to", "from", "of", "with", "for", "by"}
        if found is not None and found[0] is not None and not governed:
            return found[0]
    return None


def _receiver(field: Field, verb: int, first: int, last: int) -> str | None:
    if field.tokens.lower[verb] in _TO_RECEIVER:
        return object_of(field, verb, last) or governed_by(field, verb, last, "to")
    return subject_before(field, verb, first)
