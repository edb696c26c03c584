"""Who a line calls by name, and who it only speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from unsaid.narration import is_taken_up
from unsaid.prose import covers

if TYPE_CHECKING:
    from unsaid.voices.field import Field
    from unsaid.voices.turns import Turn

_STOPS = frozenset(",.!?;:…—–-\"“”'‘’()") | {"--", "...", "....", "!!", "??", "!!!"}
_ENDS = frozenset((".", "!", "?", "…", "...", "!!", "??"))
_CALLS = frozenset(
    "oh ah o dear my well yes no now hey hello hi please why but and so then come look listen here thanks goodbye "
    "wow good morning night evening darling sorry okay ok yeah nay poor old welcome".split()
)
_GOES_ON = frozenset(
    "i you we i'm i'll i've i'd you're you'll you've it's what why how where when don't do please come let's let "
    "are is can could will would if this that there just stop look listen tell its im dont ill ive youre theyre "
    "thats whats cant wont didnt isnt it they he she who go get give take make run wait be put "
    "didn't can't won't".split()
)
_OF_THEM = frozenset("is are can could will would put let run be".split())
_ASKED = frozenset("you i we that this it he she they there me us quiet careful still".split())
# Careless writers drop the comma before a name that ends a sentence: "I love you Ann." After these words it is a call.
_CALLED_AFTER = frozenset("you me please sorry".split())
_INTERJECTIONS = frozenset("oh ah no yes yeah nay hey hi hello well wow okay ok look listen please sorry".split())
_WHO = frozenset("who who's who're".split())
_RINGS = frozenset(
    "phone telephone mobile cell rang rings ringing ring receiver call calls called caller calling line dialled dialed "
    "voicemail intercom radio knock knocked knocks".split()
)
_JUST_BEFORE, _ASKED_BEFORE = 40, 12  # tokens
_MALE_ADDRESS = frozenset("sir lord sire mister gentleman man boy father papa dad daddy grandfather grandpa".split())
_FEMALE_ADDRESS = frozenset(
    "madam ma'am madame mum mother mamma mama mom mommy mummy lady miss missis missus girl grandmother grandma".split()
)


class Address(msgspec.Struct, frozen=True):
    """What a turn says of its addressee.

    :ivar called: characters it calls by name. ``spoken_of``: characters it names otherwise.
    :ivar introduced: the character it says its speaker is ("I am Mr. Hill").
    :ivar pronouns: "he" or "she" where a form of address tells ("sir").
    """

    called: tuple[str, ...]
    spoken_of: tuple[str, ...]
    introduced: str | None
    pronouns: str | None


def address_of(field: Field, turn: Turn) -> Address:
    """Read a turn's forms of address."""
    introduced = None
    called: dict[str, None] = {}
    spoken: dict[str, None] = {}
    for start, end in turn.parts:
        for i in field.mentions_between(start, end):
            mention = field.cast.mentions[i]
            if mention.kind == "pronoun" or mention.character is None or _quotes(turn, mention.start):
                continue
            first, last = field.mention_first[i], field.mention_last[i]
            if (
                _introduces(field, first)
                or _reports(field, first, last, start)
                or _answers_who(field, first, last, start)
            ):
                introduced = mention.character
            elif _is_call(field, first, last, start, end):
                called[mention.character] = None
            elif mention.kind == "name":
                spoken[mention.character] = None
    rest = tuple(c for c in spoken if c not in called)
    return Address(tuple(called), rest, introduced, _pronouns(field, turn))


def _quotes(turn: Turn, offset: int) -> bool:
    """Whether the words at an offset are another's, quoted within the turn."""
    return covers(turn.nested, offset)


def _introduces(field: Field, first: int) -> bool:
    """ "I am Anna", "I'm Anna", "my name is Anna", "call me Anna"."""
    before = field.tokens.lower[max(0, first - 3) : first]
    return (
        before[-2:] in (("i", "am"), ("name", "is"), ("name's", "is"), ("call", "me"))
        or before[-1:] in (("i'm",), ("im",), ("name's",))
    ) and before[:1] not in (("if",), ("his",), ("her",), ("their",))


def _answers_who(field: Field, first: int, last: int, start: int) -> bool:
    """ "It's Ann." and "This is Ann.", where somebody has asked who it is, or a telephone has just rung."""
    lower = field.tokens.lower
    said = lower[first - 2 : first] in (("this", "is"), ("it", "is")) or lower[first - 1 : first] == ("it's",)
    if not said or (last < len(lower) and lower[last] not in _STOPS):
        return False
    line = field.token_at(start)
    near = lower[max(0, line - _JUST_BEFORE) : line]
    return not _WHO.isdisjoint(near[-_ASKED_BEFORE:]) or not _RINGS.isdisjoint(near)


def _reports(field: Field, first: int, last: int, start: int) -> bool:
    """Whether somebody says over a telephone or a radio who speaks: "Ferreira here." """
    tokens = field.tokens
    opens = tokens.starts[first - 1] <= start if first else True
    after = tokens.lower[last : last + 2]
    if after[:1] != ("here",) or not (opens or tokens.lower[first - 1] in _STOPS):
        return False
    return len(after) < 2 or after[1] in _STOPS


def _is_call(field: Field, first: int, last: int, start: int, end: int) -> bool:
    """Is the mention set off as a call: a stop or an interjection before it, a stop (or "you") behind it?"""
    tokens = field.tokens
    opens = tokens.starts[first - 1] <= start if first else True
    closes = last >= len(tokens) or tokens.starts[last] >= end - 1
    before = "" if opens else tokens.lower[first - 1]
    after = "" if closes else tokens.lower[last]
    if opens and not closes and after in _GOES_ON:
        behind = tokens.lower[last + 1] if last + 1 < len(tokens) else ""
        return after not in _OF_THEM or behind in _ASKED  # "Ann are you there", but "Ann is here."
    if before in _CALLED_AFTER and (closes or after in _ENDS):
        return True
    if not opens and before in _INTERJECTIONS and after in _GOES_ON:
        return True
    if not (opens or before in _STOPS or before in _CALLS):
        return False
    if not (closes or after in _STOPS) or after in ("'", ";", "("):
        return False
    if opens and is_taken_up(tokens.lower, last):
        return False
    # "Anna and Ben," and "Anna, Ben, and Cora": a list speaks of people unless it opens the line.
    if not opens and before == "and" and field.at_token.get(first - 2) is not None:
        return False
    return not _explains(field, first, before)


def _explains(field: Field, first: int, before: str) -> bool:
    """Is it an apposition ("my brother, John, …")? Then a nominal ends right before the comma."""
    if before != "," or first < 2:
        return False
    return any(
        field.mention_last[i] == first - 1 and field.cast.mentions[i].kind == "nominal"
        for i in field.mentions_between(max(0, field.tokens.starts[first] - 60), field.tokens.starts[first])
    )


def _pronouns(field: Field, turn: Turn) -> str | None:
    """The gender that a bare form of address gives away: ", sir," or "Mother,"."""
    tokens = field.tokens
    for start, end in turn.parts:
        within = tokens.within(start, end)
        for at in within:
            word = tokens.lower[at]
            shown = "he" if word in _MALE_ADDRESS else "she" if word in _FEMALE_ADDRESS else None
            if shown is None or _quotes(turn, tokens.starts[at]):
                continue
            before = tokens.lower[at - 1] if at > within.start else ","
            after = tokens.lower[at + 1] if at + 1 < within.stop else "."
            if (before in _STOPS or before in _CALLS) and after in _STOPS:
                return shown
    return None
