"""Who sends each text message: whose phone rings, who types, and who is written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from unsaid.narration import BUZZ, PHONE, TEXTING, informal, messages
from unsaid.prose import labels, often_labelled
from unsaid.voices.correspondence import governed_by, object_of, owner_of, subject_before, who_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from unsaid.narration import Message
    from unsaid.voices.field import Field

_IT_IS = frozenset(("it was", "it is", "it's", "it’s", "its"))
_HOLDS = frozenset("got had took takes gets grabs grabbed pulled pulls picked picks has thumbed thumbs".split())
_WHO = frozenset("who who's".split())
_ASKED, _ANSWER = 2, 8  # paragraphs behind a message, and words of an answer
_AHEAD = 60  # messages that are looked through for a name


class Sent(msgspec.Struct, frozen=True):
    """A message, the paragraph that it is, and the two at either end of it; None for who is not known."""

    paragraph: int
    sender: str | None
    recipient: str | None


class _Ends(msgspec.Struct, frozen=True):
    """Whose phone it is, who is at the other end, and who writes next.

    :ivar out: the owner of the phone writes next. ``alone``: one writes all of it, as far as is told ("June texts").
    """

    owner: str | None = None
    other: str | None = None
    out: bool = False
    alone: bool = False


def sent(field: Field) -> Iterator[Sent]:
    """Every message of a story, with who sends it to whom."""
    ends = _Ends()
    found = messages(field.prose)
    names = _single_names(field) if found else {}
    for place, message in enumerate(found):
        if message.event is not None:
            ends = _told(field, message, message.event, ends)
        elif _goes_on(field, message):
            ends = msgspec.structs.replace(ends, out=not ends.out)  # "And a minute later:"
        if ends.other is None and (message.event is not None or not message.goes_on):
            other = _called(field, found[place : place + _AHEAD], ends.owner, names) or _asked(field, message, names)
            ends = msgspec.structs.replace(ends, other=other)
        called = _named_in(field, message, names)
        signed = _signed(field, message, names)
        if signed is not None:
            out = signed == ends.owner
            ends = msgspec.structs.replace(ends, out=out, other=ends.other if out else signed)
        elif message.event is None and called in {ends.owner, ends.other} - {None}:
            ends = msgspec.structs.replace(ends, out=called != ends.owner)  # nobody calls themselves
        sender, recipient = (ends.owner, ends.other) if ends.out else (ends.other, ends.owner)
        yield Sent(message.paragraph, sender, recipient if recipient != sender else None)
        ends = msgspec.structs.replace(ends, out=ends.out if ends.alone else not ends.out)


def _single_names(field: Field) -> dict[str, str]:
    """Characters by each word of their names, in lower case: who types drops the capital."""
    known: dict[str, str] = {}
    for character in field.cast.characters:
        for name in character.names:
            if name[:1].isupper() and " " not in name:
                known.setdefault(name.lower(), character.id)
    return known


def _called(field: Field, run: Sequence[Message], owner: str | None, names: dict[str, str]) -> str | None:
    """Whom messages call by name who is not the owner of the phone: those of one exchange, else those behind it."""
    called = (_named_in(field, message, names) for message in run)
    return next((who for who in called if who is not None and who != owner), None)


def _named_in(field: Field, message: Message, names: dict[str, str]) -> str | None:
    """The first one whom a message names."""
    paragraph = field.prose.paragraphs[message.paragraph]
    said = field.tokens.lower[paragraph.first : paragraph.last]
    return next((names[word] for word in said if word in names), None)


def _goes_on(field: Field, message: Message) -> bool:
    """Whether the narration right before a message leads in another one by the last sender: it ends with a colon."""
    if not message.goes_on or not message.paragraph:
        return False
    before = field.prose.paragraphs[message.paragraph - 1]
    return field.text[before.end - 1] == ":" and not field.tokens.quoted[before.last - 1]


def _signed(field: Field, message: Message, names: dict[str, str]) -> str | None:
    """Whose name ends a message of some length, kisses not counted: "sorry been sick since 4. bilal xx"."""
    paragraph = field.prose.paragraphs[message.paragraph]
    words = [w for w in field.tokens.lower[paragraph.first : paragraph.last] if w[0].isalnum()]
    signed = bool(words) and not words[-1].strip("x")
    while words and not words[-1].strip("x"):
        words.pop()
    return names.get(words[-1]) if signed and len(words) > 1 else None


def _asked(field: Field, message: Message, names: dict[str, str]) -> str | None:
    """Whom they name who are asked right behind a message whose it is: "Who's that?" "Just Bea." """
    tokens, paragraphs = field.tokens, field.prose.paragraphs
    for index in range(message.paragraph + 1, min(len(paragraphs) - 1, message.paragraph + 1 + _ASKED)):
        asking = tokens.lower[paragraphs[index].first : paragraphs[index].last]
        if "?" in asking and not _WHO.isdisjoint(asking):
            answer = tokens.lower[paragraphs[index + 1].first : paragraphs[index + 1].last][:_ANSWER]
            return next((names[word] for word in answer if word in names), None)
    return None


def _told(field: Field, message: Message, event: int, before: _Ends) -> _Ends:
    """What the narration right before a message tells of its two ends."""
    tokens, paragraphs = field.tokens, field.prose.paragraphs
    first, last = paragraphs[event].first, paragraphs[message.paragraph].first
    narrator = field.telling.narrator_at(paragraphs[message.paragraph].start)
    owner = other = typing = None
    out = addressed = buzzed = False
    for t in range(first, last):
        if tokens.quoted[t]:
            continue
        word = tokens.lower[t]
        if word in TEXTING or (word == "text" and t > first and tokens.lower[t - 1] in {"i", "we", "they", "you"}):
            typing = subject_before(field, t, first) or _behind(field, t, last)
            out = typing is not None
            to = governed_by(field, t, last, "to") or object_of(field, t, last)
            owner, other = typing or owner, to or other
            addressed = addressed or "to" in tokens.lower[t : min(last, t + 3)] or to is not None
        elif word in PHONE:
            owner = owner or owner_of(field, t)
            held = any(tokens.lower[s] in _HOLDS for s in range(max(first, t - 4), t))
            out = out or held
        elif word in BUZZ:
            out, buzzed = False, True
        elif t + 1 < last and (word == "from" or _is_it(tokens.lower, t)):
            found = who_at(field, t + 1)
            other = (found[0] if found else None) or other
    alone = typing is not None and not addressed and other is None
    return _settled(_Ends(owner, other, out, alone), before, narrator, typing, buzzed=buzzed)


def _settled(told: _Ends, before: _Ends, narrator: str | None, typing: str | None, *, buzzed: bool) -> _Ends:
    """The two ends, with what is left open taken from the messages before, or from who tells the story."""
    owner, other, out = told.owner, told.other, told.out
    if before.other is not None and (typing == before.other or (owner == before.other and not buzzed)):
        # "Kit texted back", "out there she's got her phone in her hand": the one at the other end writes.
        return _Ends(before.owner, before.other, out=False)
    owner = owner or (before.owner if before.owner != other else None) or narrator
    if other is None:
        other = before.other if owner == before.owner else before.owner
    if other is None and owner != narrator:
        other = narrator
    return _Ends(owner, None if other == owner else other, out, told.alone and other is None)


def _is_it(lower: tuple[str, ...], t: int) -> bool:
    return lower[t] in _IT_IS or (t > 0 and f"{lower[t - 1]} {lower[t]}" in _IT_IS)


def _behind(field: Field, verb: int, last: int) -> str | None:
    """Whoever stands behind a verb as its subject ("typed June")."""
    found = who_at(field, verb + 1) if verb + 1 < last else None
    return found[0] if found and field.tokens.words[verb + 1][:1].isupper() else None


# --- lines that begin with a name -------------------------------------------------------------------------------------

_WITHIN = 6  # paragraphs before such a line in which a phone shows that it is typed
_WRITTEN = frozenset("wrote written writing scrawled scribbled".split())


def labelled(field: Field, find: Callable[[str], str | None]) -> Iterator[Sent]:
    """Lines "Ann: on my way" and "me: ok", below talk of a phone, or as careless as what is typed.

    :param find: who a written name is.
    """
    typed = informal(field.prose)
    scripted = sum(q.mark == "label" for q in field.prose.quotations) * 2 > len(field.prose.quotations)
    begun = labels(field.prose)
    often = often_labelled(begun.values())
    chatting, last = set[str](), -1
    for index, label in begun.items():
        chats = not scripted and (label.marked or typed(label.said))
        who = _labelled(field, label.head, field.prose.paragraphs[index].start, find, careless=chats)
        known = who is not None and (who in chatting or chats or _phone_near(field, index))
        if who is not None and known:
            chatting.add(who)
        # A chat goes on with one whom nobody has named yet, if the page sets both names alike.
        alike = last == index - 1 and (label.head.isupper() or (chats and " " not in label.head))
        if known or (who is None and (alike or (chats and label.head in often))):
            last = index
            yield Sent(index, who, None)


def _labelled(field: Field, head: str, at: int, find: Callable[[str], str | None], *, careless: bool) -> str | None:
    """Whose line it is that begins with a name, or with "me"."""
    if head.lower() == "me":
        return field.telling.narrator_at(at)
    capitals = all(word[:1].isupper() for word in head.split())
    return find(head) if capitals or (careless and " " not in head) else None


def _phone_near(field: Field, index: int) -> bool:
    """Whether one of the few paragraphs before speaks of a phone, a chat or of writing to somebody."""
    paragraphs, lower = field.prose.paragraphs, field.tokens.lower
    told = lower[paragraphs[max(0, index - _WITHIN)].first : paragraphs[index].first]
    return any(word in PHONE or word in TEXTING or word in BUZZ or word in _WRITTEN or word in _ONLINE for word in told)


_ONLINE = frozenset("telephone online email text texts message messages".split())
