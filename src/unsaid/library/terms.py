"""What each field of a query asks of the tables: one table, one condition, and the parameters that it takes.

A name in ``by`` and ``to`` is any name of a character, or one word of it: "Fenwick" is "Captain Fenwick".
"""

from __future__ import annotations

import msgspec

from unsaid.errors import QueryError
from unsaid.library.indexes import NAME
from unsaid.library.language import ANY, ENTRIES, LINES, PAPERS, PARTINGS, Count, Term
from unsaid.library.words import unfolded, words_of
from unsaid.story import EntryStatus, Voice

_UNSAID = "(t.voice IN ('thought', 'never') OR t.heard IS FALSE)"
"""What :meth:`unsaid.ledger.view.Ledger.unsaid` selects."""
_PEOPLE = {"utterances": ("t.speaker", "addressees"), "ledger": ('t."from"', 't."to"'),
           "partings": ("t.who", 't."from"'), "writings": ("t.sender", "t.recipient")}  # fmt: skip
_LISTED = {"fandom": "fandoms", "pairing": "relationships", "tag": "tags", "genre": "genres", "category": "categories",
           "warning": "warnings"}  # fmt: skip
_STATUSES, _VOICES = EntryStatus.__args__, Voice.__args__  # type: ignore[attr-defined]


_PLACE = ("t.start", 't."end"')
OWN = "t.id"


class Owned(msgspec.Struct, frozen=True):
    """A column of a layer's rows that has to hold the id of somebody, or something, whose words these are.

    :ivar kind: of the owner, as :meth:`unsaid.library.postings.Index.owners` takes it.
    """

    column: str
    kind: str
    words: tuple[str, ...]


class Rows(msgspec.Struct, frozen=True):
    """Rows of a layer, and what they are called where they are shown.

    :ivar span: SQL for the start and the end of a row's passage; None where it has none to show.
    :ivar words: words that only stories which hold them all can have such rows; the condition itself asks for them too.
    :ivar owned: what the condition does not say: what owners its rows have to name. The nth of them stands in a table
        ``given<n>`` of ``work`` and ``id``, which is there when the SQL is run.
    """

    table: str
    condition: str
    parameters: tuple[object, ...]
    what: str
    span: tuple[str, str] | None = _PLACE
    words: tuple[str, ...] = ()
    owned: tuple[Owned, ...] = ()

    @property
    def owners_alone(self) -> bool:
        """Whether the works are those of the one owner that is asked for."""
        return self.condition == _ALL and self.own is not None and len(self.owned) == 1

    def works(self) -> tuple[str, tuple[object, ...]]:
        """SQL for the works that have such rows, and its parameters."""
        held = "".join("w.work IN (SELECT p.work FROM postings p WHERE p.term = ?) AND " for _ in self.words)
        joined = f'SELECT DISTINCT w.work FROM "{self.table}" t JOIN works w USING (story)'
        return f"{joined} WHERE {held}{self._wanted()}", (*self.words, *self.parameters)

    def passages(self, most: int) -> str | None:
        """SQL for the spans of these rows in several stories, the first ``most`` of each, with their ids where they are
        owners themselves; takes the list of the stories' digests, then :attr:`parameters`.
        """
        if self.span is None:
            return None
        start, end = self.span
        line = "NULL" if self.own is None else OWN
        return (
            "WITH shown AS MATERIALIZED (SELECT unnest(?) AS story) "
            f'SELECT t.story, {start} AS "from", {end} AS "to", {line} FROM "{self.table}" t '
            f"WHERE t.story IN (FROM shown) AND {self._wanted()} "
            f'QUALIFY row_number() OVER (PARTITION BY t.story ORDER BY "from", "to") <= {most} ORDER BY 1, 2, 3'
        )

    @property
    def own(self) -> int | None:
        """Which of ``owned`` the rows themselves are."""
        return next((n for n, one in enumerate(self.owned) if one.column == OWN), None)

    def _wanted(self) -> str:
        given = "(SELECT w.story, g.id FROM given{n} g JOIN works w USING (work))"
        tests = [self.condition]
        for n, one in enumerate(self.owned):
            there = given.format(n=n)
            if one.column == "addressees":
                tests.append(
                    f"EXISTS (SELECT 1 FROM {there} c WHERE c.story = t.story AND list_contains(t.addressees, c.id))"
                )
            else:
                tests.append(f"(t.story, {one.column}) IN {there}")
        return " AND ".join(tests)


_ALL = "TRUE"


def rows_of(term: Term | Count) -> Rows:
    """The rows that a term asks for.

    :raises QueryError: if there is no word in it where words are needed.
    """
    if isinstance(term, Count):
        return _counted(term)
    rows = _fielded(term)
    for whom, name in zip(_PEOPLE.get(rows.table, ()), (term.by, term.to), strict=False):
        if name is not None:
            rows = msgspec.structs.replace(
                rows,
                owned=(*rows.owned, Owned(whom, NAME, _needed(name))),
                what=f"{rows.what} {'by' if whom == _PEOPLE[rows.table][0] else 'to'} {name}",
            )
    return rows


def _fielded(term: Term) -> Rows:
    field, value = term.field, term.value
    what = f"{field}:{value}"
    if field in LINES:
        return _lines(field, value)
    if field in ENTRIES:
        return Rows("ledger", f"t.kind = '{field}'{_entry(value)}", (), what)
    if field in PARTINGS:
        farewell = {ANY: "", "farewell": " AND t.farewell", "no-farewell": " AND t.farewell IS FALSE"}[value]
        return Rows("partings", f"t.kind = '{field}'{farewell}", (), what)
    if field in PAPERS:
        return Rows("writings", f"t.kind = '{field}'{_paper(value)}", (), what)
    if field == "unsaid":
        return _unsaid(value)
    return _of_the_story(field, value, what)


def _of_the_story(field: str, value: str, what: str) -> Rows:
    if field == "returns":
        back = (
            "EXISTS (SELECT 1 FROM partings r WHERE r.story = t.story AND r.who = t.who AND r.start > t.start "
            "AND r.kind IN ('return', 'reunion', 'turning-back'))"
        )
        return Rows("partings", f"t.kind = 'departure' AND {'' if value == 'yes' else 'NOT '}{back}", (), what)
    if field in ("narrator", "tense"):
        return Rows("scenes", f"t.{'person' if field == 'narrator' else 'tense'} = '{value}'", (), what)
    if field == "mask":
        told = " AND m.opposed" if value == "opposed" else ""
        masked = f"EXISTS (SELECT 1 FROM masks m WHERE m.story = t.story AND m.said = t.id{told})"
        return Rows("utterances", masked, (), what)
    if field == "finding":
        return Rows("findings", "t.rule = ?", (value.upper(),), what, ("t.spans[1].start", 't.spans[1]."end"'))
    if field == "speaker":
        said = (Owned("t.speaker", NAME, _needed(value)),)
        return Rows("utterances", "t.kind = 'speech'", (), what, owned=said)
    if field == "character":
        return Rows("characters", _ALL, (), what, None, owned=(Owned(OWN, NAME, _needed(value)),))
    return _metadata(field, value, what)


def _metadata(field: str, value: str, what: str) -> Rows:
    if field in _LISTED:
        held = "lambda v: contains(strip_accents(lower(v)), ?)"
        listed = f"len(list_filter(t.metadata.{_LISTED[field]}, {held})) > 0"
        return Rows("headers", listed, (_folded(value),), what, None)
    return Rows("headers", f"contains(strip_accents(lower(t.metadata.{field})), ?)", (_folded(value),), what, None)


def _lines(kind: str, value: str) -> Rows:
    what = kind
    condition = f"t.kind = '{kind}'"
    if value in ("*", ANY):
        return Rows("utterances", condition, (), what)
    return Rows("utterances", _ALL, (), what, owned=(Owned(OWN, kind, _needed(value)),))


def _unsaid(value: str) -> Rows:
    if value in ("*", ANY):
        return Rows("ledger", _UNSAID, (), "unsaid")
    words = _needed(value)
    return Rows("ledger", f"{_UNSAID} AND regexp_matches(t.gist, ?)", (_pattern(words),), "unsaid", words=words)


def _pattern(words: tuple[str, ...]) -> str:
    """What finds words one after the other in a text that is not folded: stripping its accents first would cost seven
    times as much."""
    joined = r"[^\p{L}\p{N}]+".join("".join(map(unfolded, word)) for word in words)
    return rf"(?i)(^|[^\p{{L}}\p{{N}}]){joined}($|[^\p{{L}}\p{{N}}])"


def _entry(value: str) -> str:
    if value in _STATUSES:
        return f" AND t.status = '{value}'"
    if value in _VOICES:
        return f" AND t.voice = '{value}'"
    return {ANY: "", "heard": " AND t.heard", "unheard": " AND t.heard IS FALSE"}[value]


def _paper(value: str) -> str:
    told = {ANY: "", "answered": " AND t.answered", "unanswered": " AND t.answered IS FALSE"}
    return told.get(value, f" AND t.status = '{value}'")


def _counted(term: Count) -> Rows:
    number = {
        "narrators": "(SELECT count(DISTINCT c.narrator) FROM scenes c WHERE c.story = t.story)",
        "characters": "(SELECT count(*) FROM characters c WHERE c.story = t.story AND c.kind = 'person')",
        "words": "t.source.words",
    }[term.field]
    bound = f" AND {number} <= {term.most}" if term.most is not None else ""
    return Rows("headers", f"{number} >= {term.least}{bound}", (), term.field, None)


def _needed(value: str) -> tuple[str, ...]:
    words = words_of(value)
    if not words:
        raise QueryError(value, 0, "there is no word in this")
    return words


def _folded(value: str) -> str:
    return " ".join(words_of(value)) or value.lower()
