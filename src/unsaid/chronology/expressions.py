"""Time expressions as TIMEX3 has them (Pustejovsky et al. 2003): what is found, its type, and its value.

Durations carry the fewest and the most days that they may mean, and the word that ties them to another time ("ago").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from unsaid.chronology import calendar
from unsaid.chronology.layer import Relation, Timex
from unsaid.chronology.numbers import HEDGES, Quantity, counted, is_number_word, number, vague
from unsaid.prose import concordance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.prose import Tokens

_ADJECTIVES = frozenset("long whole full good short solid weary more other odd past last entire happy bitter".split())
_RELATIONS: dict[str, Relation] = {
    "ago": "ago",
    "before": "ago",
    "earlier": "ago",
    "previously": "ago",
    "later": "later",
    "after": "later",
    "afterwards": "later",
    "afterward": "later",
    "since": "since",
    "old": "old",
    "hence": "hence",
    "away": "hence",
    "off": "hence",
}
_GO_BY = frozenset({"passed", "went", "had", "of", "and"})
_EVERY = frozenset({"every", "each"})
_LAST = frozenset({"last", "past", "previous"})
_MONTH_CUES = frozenset("in of last next since until till by early late mid this through during on".split())
_YEAR_CUES = frozenset("in of since by year before after from until till".split())
_SEASON_CUES = frozenset("in last next that this the early late one every of a during since all".split())
_MIND = 9  # tokens that one expression takes at most


def expressions(tokens: Tokens) -> tuple[Timex, ...]:
    """Every time expression, in order; one that lies inside another is part of it."""
    found: list[Timex] = []
    taken = -1
    for made in sorted(_candidates(tokens), key=lambda t: (t.first, -t.last)):
        if made.first >= taken:
            found.append(made)
            taken = made.last
    return tuple(found)


def _candidates(tokens: Tokens) -> Iterator[Timex]:
    words = concordance(tokens)
    for i in words.of({*_TRIGGERS, *filter(str.isdecimal, words.lower)}):
        made = _candidate(tokens, i, tokens.lower[i])
        if made is not None:
            yield made


def _candidate(tokens: Tokens, i: int, word: str) -> Timex | None:
    """The expression that a word is the chief one of."""
    if word in calendar.UNITS or word in calendar.YEARLY:
        made = _duration(tokens, i)
    elif word in calendar.MONTHS and tokens.words[i][0].isupper():
        made = _date(tokens, i)
    elif word.rstrip("s") in calendar.WEEKDAYS and tokens.words[i][0].isupper():
        made = _weekday(tokens, i)
    elif word in calendar.SEASONS and i and tokens.lower[i - 1] in _SEASON_CUES:
        made = _season(tokens, i)
    elif word in calendar.DEICTIC:
        made = _plain(tokens, i, i + 1, "DATE", calendar.DEICTIC[word])
    elif word in {"o'clock", "past", "to"} and i:
        made = _clock(tokens, i)
    elif word in calendar.PARTS:
        made = _part(tokens, i)
    elif len(word) == 4 and word.isdecimal() and i and tokens.lower[i - 1] in _YEAR_CUES and 1000 < int(word) < 2100:
        made = _plain(tokens, i, i + 1, "DATE", word)
    elif word == "moon":
        made = _moon(tokens, i)
    else:
        made = _feast(tokens, i)
    return made


_TRIGGERS: frozenset[str] = frozenset().union(
    calendar.UNITS,
    calendar.YEARLY,
    calendar.MONTHS,
    calendar.WEEKDAYS,
    (f"{day}s" for day in calendar.WEEKDAYS),
    calendar.SEASONS,
    calendar.DEICTIC,
    calendar.PARTS,
    (words[0].removesuffix("'s") for words in calendar.FEASTS),
    ("o'clock", "past", "to", "moon"),
)
"""Words that an expression can be found by; most words are none, and are passed by at one look."""
Type = Literal["DATE", "TIME", "DURATION", "SET"]


def _plain(tokens: Tokens, first: int, last: int, kind: Type, value: str) -> Timex:
    return Timex(start=tokens.starts[first], end=tokens.ends[last - 1], first=first, last=last, type=kind, value=value)


def _moon(tokens: Tokens, i: int) -> Timex | None:
    """ "a full moon", "the moon was new", "the moon hung full over the yard"."""
    lower = tokens.lower
    if i and lower[i - 1] in _PHASES:
        return _plain(tokens, i - 1, i + 1, "DATE", f"{lower[i - 1]} moon")
    at = i + 3 if lower[i + 1 : i + 3] == ("had", "been") else i + 2
    if at == i + 2 and (i + 1 >= len(lower) or lower[i + 1] not in _STANDS):
        return None
    at += 2 if lower[at : at + 2] in _AT_ITS else 0
    if at < len(lower) and lower[at] in _PHASES and lower[at + 1 : at + 2] != ("of",):
        return _plain(tokens, i, at + 1, "DATE", f"{lower[at]} moon")
    return None


_PHASES = frozenset({"full", "new"})
_STANDS = frozenset("was is stood stands hung hangs rose shone lay".split())
_AT_ITS = frozenset({("at", "the"), ("at", "its"), ("in", "its")})


def _duration(tokens: Tokens, i: int) -> Timex | None:
    """ "nearly five years", "a few weeks ago", "every night", "the next day", "last year"."""
    lower = tokens.lower
    code = calendar.UNITS.get(lower[i], ("Y", calendar.YEAR))[0]
    j = i - 1
    if j >= 0 and lower[j] in _EVERY:
        return _plain(tokens, j, i + 1, "SET", _value(code, 1))
    skipped = j
    while skipped > 0 and lower[skipped] in _ADJECTIVES and i - skipped < 3:
        skipped -= 1
    quantity, first = _quantity(tokens, skipped, plural=lower[i].endswith("s"))
    if quantity is None:
        return _single(tokens, i, code)
    if _is_no_span(lower, i, first):
        return None
    return _repeated(tokens, i, first, quantity, code) or _span(tokens, i, first, quantity)


def _is_no_span(lower: Sequence[str], i: int, first: int) -> bool:
    """Whether a unit is none: "a second helping", "the hours of the lamp"."""
    after = lower[i + 1] if i + 1 < len(lower) else "."
    if lower[i] == "second":
        return after[0].isalpha() and after not in _RELATIONS
    return first == i and lower[i - 1 : i] != ("for",) and after not in _RELATIONS and after not in _GO_BY


def _repeated(tokens: Tokens, i: int, first: int, quantity: Quantity, code: str) -> Timex | None:
    """ "every two weeks", "twice a week"; and "one night", which counts nothing."""
    lower, j = tokens.lower, i - 1
    if first and lower[first - 1] in _EVERY:
        return _plain(tokens, first - 1, i + 1, "SET", _value(code, quantity.number))
    if lower[j] == "one" and lower[i] in {"day", "night"} and lower[i + 1 : i + 2] != ("ago",):
        return _plain(tokens, first, i + 1, "DATE", "XXXX-XX-XX")
    if lower[j] in {"a", "an"} and j and lower[j - 1] in _TIMES_A_DAY:
        return _plain(tokens, j - 1 - (lower[j - 1] == "times" and j > 1), i + 1, "SET", _value(code, 1))
    return None


def _span(tokens: Tokens, i: int, first: int, quantity: Quantity) -> Timex:
    """A span with its hedge, its half, and the word that ties it to another time."""
    lower = tokens.lower
    code, days = calendar.UNITS.get(lower[i], ("Y", calendar.YEAR))
    quantity, first = _ranged(tokens, first, quantity)
    hedge = lower[first - 1] if first else ""
    if hedge in {"than", "least"} and first > 1:
        hedge = {"more": "over", "less": "under", "at": "over"}.get(lower[first - 2], "")
        first -= 2 if hedge else 0
    elif hedge in HEDGES:
        first -= 1
    quantity = quantity.hedged(hedge)
    last = i + 1
    if lower[last : last + 3] == ("and", "a", "half") and quantity.number is not None:
        quantity, last = counted(quantity.number + 0.5), last + 3
    relation = _RELATIONS.get(lower[last]) if last < len(lower) else None
    if relation is not None and lower[last] != "since":
        last += 1
    elif lower[first - 1 : first] in {("for",), ("past",)}:
        relation = "for"
    return Timex(
        start=tokens.starts[first],
        end=tokens.ends[last - 1],
        first=first,
        last=last,
        type="DATE" if relation in {"ago", "later", "hence"} else "DURATION",
        value=_value(code, quantity.number),
        low=quantity.low * days,
        high=quantity.high * days,
        relation=relation,
    )


def _ranged(tokens: Tokens, first: int, quantity: Quantity) -> tuple[Quantity, int]:
    """ "two or three years": from the least of the first to the most of the second."""
    lower = tokens.lower
    if (
        first > 1
        and lower[first - 1] in {"or", "to"}
        and quantity.number is not None
        and is_number_word(lower[first - 2])
    ):
        least = number([lower[first - 2]])
        if least is not None and least < quantity.number:
            return Quantity(counted(least).low, quantity.high, None), first - 2
    return quantity, first


def _value(code: str, count: float | None) -> str:
    """ISO 8601: "P3Y", "PT2H"; an X where the number is vague."""
    shown = "X" if count is None else f"{count:g}"
    if code == "2W":
        return f"P{count * 2:g}W" if count is not None else "PXW"
    if code in {"DE", "CE"}:
        return f"P{shown}{code}"
    return f"P{'T' if code[0] == 'T' else ''}{shown}{code[-1]}"


def _quantity(tokens: Tokens, j: int, *, plural: bool) -> tuple[Quantity | None, int]:
    """The quantity that ends at token ``j``, and its first token."""
    lower = tokens.lower
    if j < 0:
        return None, 0
    first = j + 1
    while first > 0 and j - first < _MIND and (is_number_word(lower[first - 1]) or _joins(lower, first - 1, j)):
        first -= 1
    if first <= j:
        if first > 0 and lower[first - 1] in {"a", "an"} and lower[first] in {"hundred", "dozen", "thousand", "score"}:
            first -= 1
        value = number(lower[first : j + 1])
        return (counted(value), first) if value is not None else (None, j)
    if lower[j] in {"few", "several", "many", "some"}:
        wide = vague(lower[j])
        return wide, j - 1 if j and lower[j - 1] in {"a", "very", "great"} else j
    if lower[j] == "of" and j > 1 and lower[j - 1] == "couple":
        return vague("couple"), j - 2 if lower[j - 2] == "a" else j - 1
    if lower[j] == "couple":
        return vague("couple"), j - 1 if j and lower[j - 1] == "a" else j
    if lower[j] in {"a", "an"} and not plural:
        if j and lower[j - 1] == "half":
            return Quantity(0.4, 0.6, 0.5), j - 1
        return counted(1), j
    if plural and tokens.words[j + 1][0].isalpha() and lower[j] not in {"the", "these", "those", "his", "her", "my"}:
        return vague(""), j + 1
    return None, j


def _joins(lower: tuple[str, ...], at: int, last: int) -> bool:
    """Whether "and" stands between two parts of a number."""
    return lower[at] == "and" and at < last and at > 0 and lower[at - 1] in {"hundred", "thousand"}


def _single(tokens: Tokens, i: int, code: str) -> Timex | None:
    """ "the next day", "last year", "that night", "one night"."""
    before = tokens.lower[i - 1] if i else ""
    if before in {"next", "following"}:
        first = i - 2 if i > 1 and tokens.lower[i - 2] == "the" else i - 1
        quantity = Quantity(0.3, 1.7, 1)
        days = calendar.UNITS.get(tokens.lower[i], ("Y", calendar.YEAR))[1]
        made = _plain(tokens, first, i + 1, "DATE", _value(code, 1))
        return Timex(
            **{name: getattr(made, name) for name in ("start", "end", "first", "last", "type", "value")},
            low=quantity.low * days,
            high=quantity.high * days,
            relation="later",
        )
    if before in _LAST:
        return _plain(tokens, i - 1, i + 1, "DATE", _value(code, 1))
    if before in {"that", "this"} and tokens.lower[i] in {"week", "month", "year"}:
        return _plain(tokens, i - 1, i + 1, "DATE", _value(code, 1))
    if before in {"one", "that", "this", "same"} and tokens.lower[i] in {"night", "day"}:
        return _plain(tokens, i - 1, i + 1, "DATE", "XXXX-XX-XX")
    return None


_TIMES_A_DAY = frozenset({"once", "twice", "times"})


def _clock(tokens: Tokens, i: int) -> Timex | None:
    """ "seven o'clock", "half past three", "twenty minutes to ten at night", "a quarter past"."""
    lower = tokens.lower
    if lower[i] == "o'clock":
        hour = _hour(lower[i - 1])
        return _at(tokens, i - 1, i + 1, hour, 0) if hour is not None else None
    first = i - 1 - (lower[i - 1] == "minutes")
    minutes = {"quarter": 15, "half": 30}.get(lower[first], number([lower[first]]) if first >= 0 else None)
    hour = _hour(lower[i + 1]) if i + 1 < len(lower) else None
    if minutes is None or minutes >= 60 or hour is None:
        return None
    if lower[i] == "to":
        if lower[first] != "quarter" and lower[i - 1] != "minutes":
            return None  # "from ten to two"
        hour, minutes = (hour - 2) % 12 + 1, 60 - minutes
    first -= first > 0 and lower[first - 1] == "a"
    return _at(tokens, first, i + 2, hour, int(minutes))


def _hour(word: str) -> int | None:
    hour = number([word]) if is_number_word(word) else None
    return int(hour) if hour is not None and 1 <= hour <= 12 else None


def _at(tokens: Tokens, first: int, last: int, hour: int, minutes: int) -> Timex:
    """A clock time with the part of the day behind it; "at night" and "in the evening" make it a later one."""
    following = tokens.lower[last : last + 3]
    size = 2 if following[:2] == ("at", "night") else 3 if following in _IN_THE else 0
    late = size == 2 or (size == 3 and following[-1] != "morning")
    return _plain(tokens, first, last + size, "TIME", f"T{hour + 12 * (late and hour < 12):02}:{minutes:02}")


_IN_THE = frozenset(("in", "the", part) for part in ("morning", "afternoon", "evening"))


def _date(tokens: Tokens, i: int) -> Timex | None:
    """ "the 14th of March, 1876", "March 14th", "14 March", "in May"."""
    lower, month = tokens.lower, calendar.MONTHS[tokens.lower[i]]
    first, last, day = i, i + 1, None
    if i > 1 and lower[i - 1] == "of" and (day := _day(lower[i - 2])) is not None:
        first = i - 2 - (i > 2 and lower[i - 3] == "the")
    elif i and (day := _day(lower[i - 1])) is not None:
        first = i - 1 - (i > 1 and lower[i - 2] == "the")
    else:
        after = i + 1 + (lower[i + 1 : i + 2] == (".",))
        after += lower[after : after + 1] == ("the",)
        if after < len(lower) and (day := _day(lower[after])) is not None:
            last = after + 1
    year = None
    at = last + (last < len(lower) and lower[last] in {",", "of"})
    if at < len(lower) and len(lower[at]) == 4 and lower[at].isdecimal() and 1000 < int(lower[at]) < 2100:
        year, last = int(lower[at]), at + 1
    if day is None and year is None and (not i or lower[i - 1] not in _MONTH_CUES):
        return None
    value = f"{year or 'XXXX'}-{month:02}" + (f"-{day:02}" if day is not None else "")
    return _plain(tokens, first, last, "DATE", value)


_ORDINALS = {
    word: value
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third "
        "twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth "
        "thirty-first".split(),
        start=1,
    )
}


def _day(word: str) -> int | None:
    """A day of the month as it is written: 14, 14th, fourteenth."""
    digits = word[:-2] if word.endswith(("st", "nd", "rd", "th")) else word
    if digits.isdecimal() and digits.isascii() and len(digits) < 3 and 1 <= int(digits) <= 31:
        return int(digits)
    return _ORDINALS.get(word)


def _season(tokens: Tokens, i: int) -> Timex:
    """ "in winter", "every summer"."""
    often = tokens.lower[i - 1] in _EVERY
    value = f"XXXX-{calendar.SEASONS[tokens.lower[i]]}"
    return _plain(tokens, i - often, i + 1, "SET" if often else "DATE", value)


def _weekday(tokens: Tokens, i: int) -> Timex:
    """ "Sunday", "on Sundays", "every Sunday"."""
    word = tokens.lower[i]
    value = f"XXXX-WXX-{calendar.WEEKDAYS[word.rstrip('s')]}"
    if i and tokens.lower[i - 1] in _EVERY:
        return _plain(tokens, i - 1, i + 1, "SET", value)
    return _plain(tokens, i, i + 1, "SET" if word.endswith("s") else "DATE", value)


def _part(tokens: Tokens, i: int) -> Timex | None:
    """ "that morning", "every evening", "the next morning", "at noon"."""
    value = calendar.PARTS[tokens.lower[i]]
    before = tokens.lower[i - 1] if i else ""
    if i > 2 and tokens.lower[i - 2 : i + 1] in _IN_THE and (hour := _hour(tokens.lower[i - 3])) is not None:
        return _at(tokens, i - 3, i - 2, hour, 0)
    if before in _EVERY:
        return _plain(tokens, i - 1, i + 1, "SET", value)
    if before in {"next", "following"}:
        first = i - 2 if i > 1 and tokens.lower[i - 2] == "the" else i - 1
        made = _plain(tokens, first, i + 1, "TIME", value)
        fields = {name: getattr(made, name) for name in ("start", "end", "first", "last", "type", "value")}
        return Timex(**fields, low=0.3, high=1.7, relation="later")
    if before in {"that", "this", "one", "the", "at", "in", "by", "till", "until", "a", "of"}:
        return _plain(tokens, i - (before in {"that", "this", "one"}), i + 1, "TIME", value)
    return None


def _feast(tokens: Tokens, i: int) -> Timex | None:
    if tokens.lower[i] not in _FEAST_HEADS or not tokens.words[i][0].isupper():
        return None
    for size in (3, 2, 1):
        value = calendar.FEASTS.get(_words(tokens, i, size))
        if value is not None:
            return _plain(tokens, i, min(len(tokens), i + size + _possessives(tokens, i, size)), "DATE", value)
    return None


_FEAST_HEADS = frozenset(words[0].removesuffix("'s") for words in calendar.FEASTS)


def _words(tokens: Tokens, i: int, size: int) -> tuple[str, ...]:
    """So many words from a token on, a possessive mark joined to its word."""
    words: list[str] = []
    for word in tokens.lower[i : i + 2 * size]:
        if word == "'s" and words:
            words[-1] += word
        else:
            words.append(word)
    return tuple(words[:size])


def _possessives(tokens: Tokens, i: int, size: int) -> int:
    return sum(word == "'s" for word in tokens.lower[i + 1 : i + size + 1])
