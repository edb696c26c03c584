"""The query language: text, ``field:value``, ``by`` and ``to``, and, or, not, brackets; parsed into a small tree.

A hand-written descent of a hundred lines, since what matters is what it says of a query that makes no sense: where, and
what would make sense there. Grammar::

    query = both { "or" both }          both = none { ["and"] none }          none = { "not" | "-" } one
    one   = "(" query ")" | term { "by" NAME | "to" NAME }        term = WORD | "PHRASE" | FIELD ":" VALUE
"""

from __future__ import annotations

import re
from typing import get_args

import msgspec

from unsaid.errors import QueryError
from unsaid.story import EntryKind, EntryStatus, PartingKind, Voice

ANY = "any"
LINES = ("speech", "thought", "writing")
"""Fields that take words, and look for them in one kind of utterance."""
ENTRIES = get_args(EntryKind)
ENTRY_VALUES = (ANY, *get_args(EntryStatus), *get_args(Voice), "heard", "unheard")
PARTINGS = get_args(PartingKind)
PAPERS = ("letter", "note", "message", "diary")
PAPER_VALUES = (ANY, "answered", "unanswered", "sent", "received", "unsent")
METADATA = ("title", "author", "fandom", "pairing", "rating", "tag", "genre", "language", "status", "series", "summary",
            "category", "warning")  # fmt: skip
CHOICES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(ENTRIES, ENTRY_VALUES),
    **dict.fromkeys(PARTINGS, (ANY, "farewell", "no-farewell")),
    **dict.fromkeys(PAPERS, PAPER_VALUES),
    "returns": ("yes", "no"),
    "narrator": ("first", "second", "third"),
    "tense": ("past", "present"),
    "mask": (ANY, "opposed"),
}
"""Fields of which every value is known."""
COUNTS = ("narrators", "words", "characters")
"""Fields that take a number: ``5``, ``>5``, ``<=5``, ``2..5``, ``5k``."""
OPEN = ("unsaid", "speaker", "character", "finding", "text", *LINES, *METADATA)
"""Fields that take any word or phrase."""
FIELDS = (*CHOICES, *COUNTS, *OPEN)
TWOSOME = frozenset((*ENTRIES, *PARTINGS, *PAPERS, *LINES, "unsaid"))
"""Fields that have a person of whom it is (``by``) and one for whom (``to``)."""


class Term(msgspec.Struct, frozen=True, tag=True):
    """A field and its value: ``departure:no-farewell by Ann``; the field of a bare word or phrase is "text"."""

    field: str
    value: str
    by: str | None = None
    to: str | None = None


class Count(msgspec.Struct, frozen=True, tag=True):
    """A field whose number lies between two bounds, both included."""

    field: str
    least: int
    most: int | None


class Not(msgspec.Struct, frozen=True, tag=True):
    """Every story but those of ``inner``."""

    inner: Query


class Both(msgspec.Struct, frozen=True, tag=True):
    """Stories of all of ``parts``."""

    parts: tuple[Query, ...]


class Either(msgspec.Struct, frozen=True, tag=True):
    """Stories of any of ``parts``."""

    parts: tuple[Query, ...]


Query = Term | Count | Not | Both | Either

_TOKEN = re.compile(
    r"\s*(?:(?P<bracket>[()])|(?P<not>-(?=[^\s-]))|(?P<empty>[A-Za-z][A-Za-z-]*:)(?=[\s()]|$)"
    r"|(?:(?P<field>[A-Za-z][A-Za-z-]*):)?"
    r'(?:["“”](?P<phrase>[^"“”]*)["“”]|(?P<word>[^\s()"“”]+)))'
)
_NUMBER = r"(\d+(?:\.\d+)?k?)"
_RANGE = re.compile(rf"{_NUMBER}\.\.{_NUMBER}|(>=|<=|>|<|=)?{_NUMBER}")


class _Token(msgspec.Struct, frozen=True):
    at: int
    kind: str  # word, phrase, field, not, bracket
    text: str
    field: str | None = None


def parse(query: str) -> Query:
    """A query as a tree.

    :raises QueryError: if it makes no sense; says where, and what would.
    """
    reader = _Reader(query, _tokens(query))
    if not reader.tokens:
        raise QueryError(query, 0, "nothing is asked for; ask for words, or for what happens: departure:no-farewell")
    tree = reader.either()
    if reader.at < len(reader.tokens):
        raise reader.wrong("a bracket is closed that none opens")
    return tree


def _tokens(query: str) -> list[_Token]:
    tokens, at = [], 0
    while query[at:].strip():
        found = _TOKEN.match(query, at)
        if found is None:
            raise QueryError(query, at, "a quotation mark is opened and not closed")
        start = at + len(found.group()) - len(found.group().lstrip())
        if found["empty"]:
            raise QueryError(query, start, f"nothing stands behind {found['empty']}")
        kind = (
            "bracket"
            if found["bracket"]
            else "not"
            if found["not"]
            else "phrase"
            if found["phrase"] is not None
            else "word"
        )
        text = next(t for t in (found["bracket"], found["not"], found["phrase"], found["word"]) if t is not None)
        field = found["field"].lower() if found["field"] else None
        tokens.append(_Token(start, kind, text, field))
        at = found.end()
    return tokens


class _Reader:
    """The tokens, and how far they are read."""

    def __init__(self, query: str, tokens: list[_Token]) -> None:
        self.query, self.tokens, self.at = query, tokens, 0

    def next(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def takes(self, *words: str) -> bool:
        """Whether a bare word (or mark) comes next; it is then taken."""
        token = self.next()
        if token is None or token.field or token.kind == "phrase" or token.text.lower() not in words:
            return False
        self.at += 1
        return True

    def either(self) -> Query:
        parts = [self.both()]
        while self.takes("or", "|", "||"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def both(self) -> Query:
        parts = [self.none()]
        while (token := self.next()) is not None and not self._ends(token):
            self.takes("and", "&", "&&")
            parts.append(self.none())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _ends(self, token: _Token) -> bool:
        bare = token.field is None and token.kind != "phrase"
        return bare and token.text.lower() in (")", "or", "|", "||")

    def none(self) -> Query:
        if self.takes("not", "-", "!"):
            return Not(self.none())
        return self.one()

    def one(self) -> Query:
        if self.takes("("):
            inner = self.either()
            if not self.takes(")"):
                raise self.wrong("a bracket is opened and not closed")
            return inner
        token = self.next()
        if token is None:
            raise self.wrong("something is missing at the end")
        if token.kind in ("bracket", "not") or self._joins(token):
            raise self.wrong(f"{token.text!r} has nothing to join; put it into quotation marks to look for the word")
        self.at += 1
        return self.whose(self.term(token))

    def _joins(self, token: _Token) -> bool:
        return token.field is None and token.kind == "word" and token.text.lower() in ("and", "or", "not")

    def term(self, token: _Token) -> Term | Count:
        field = token.field or "text"
        if field not in FIELDS:
            raise QueryError(self.query, token.at, f"there is no field {field!r}", near(f"{field}", FIELDS, ":"))
        value = token.text
        if field in COUNTS:
            return self.count(field, token)
        if field in CHOICES and value.lower() not in CHOICES[field]:
            close = near(value.lower(), CHOICES[field], "", f"{field}:")
            why = f"{field} is never {value!r}; it may be {', '.join(CHOICES[field])}"
            raise QueryError(self.query, token.at, why, close)
        return Term(field, value.lower() if field in CHOICES else value)

    def whose(self, term: Term | Count) -> Term | Count:
        while isinstance(term, Term) and term.field in TWOSOME and (token := self.next()) is not None:
            if token.field or token.kind != "word" or token.text.lower() not in ("by", "to"):
                break
            self.at += 1
            name = self.next()
            if name is None or name.field or name.kind not in ("word", "phrase"):
                raise self.wrong(f"a name is missing behind {token.text!r}")
            self.at += 1
            term = msgspec.structs.replace(term, **{token.text.lower(): name.text})
        return term

    def count(self, field: str, token: _Token) -> Count:
        found = _RANGE.fullmatch(token.text.lower())
        if found is None:
            raise QueryError(self.query, token.at, f"{field} takes a number, like {field}:2, {field}:>2, {field}:2..5")
        low, high, sign, value = found.groups()
        if low:
            return Count(field, _number(low), _number(high))
        number = _number(value)
        bounds = {">": (number + 1, None), ">=": (number, None), "<": (0, number - 1), "<=": (0, number)}
        return Count(field, *bounds.get(sign, (number, number)))

    def wrong(self, why: str) -> QueryError:
        token = self.next()
        return QueryError(self.query, token.at if token else len(self.query), why)


def _number(text: str) -> int:
    return int(float(text[:-1]) * 1000) if text.endswith("k") else int(float(text))


def near(word: str, words: tuple[str, ...] | list[str], after: str = "", before: str = "") -> list[str]:
    """The words that come nearest to a misspelt one, the nearest first, at most three."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only a query that went wrong needs it

    found = process.extract(word, words, scorer=fuzz.ratio, limit=3, score_cutoff=65)
    return [f"{before}{choice}{after}" for choice, _, _ in found]


def slips(word: str, words: list[str]) -> list[str]:
    """The words for which one may be a slip of the keyboard, the nearest first, at most three.

    One letter in four at most is another, lacking, too many or changed with its neighbour (optimal string alignment).
    """
    from rapidfuzz import process  # noqa: PLC0415 - as above
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    found = process.extract(word, words, scorer=OSA.normalized_similarity, limit=3, score_cutoff=0.75)
    return [choice for choice, _, _ in found]
