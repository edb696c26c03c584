"""Quotation marks to quotations.

Each paragraph is read on its own: its marks are classed as opening, closing or either by what touches them, and
paired from left to right. What a paragraph leaves open is settled afterwards, with its neighbours: by old custom
every paragraph of a long speech opens a quotation and only the last closes it; in careless text a mark is lost.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from unsaid.lexica import finite_forms
from unsaid.prose import unmarked
from unsaid.prose.layer import Quotation, QuoteMark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OPEN, _CLOSE, _EITHER = "open", "close", "either"
_DOUBLE = '"“”„«»'
_MARKS = re.compile('["“”„«»‹›]')
_DASH = re.compile(r"(?:[—–―]|--)\s*(?=[^\W_]|[¡¿…])|-\s+(?=[^\W_])|-(?=[A-Z])")
_LABEL = re.compile(r"([A-Z][\w'’.-]{0,20}(?: [A-Z][\w'’.-]{0,20}){0,2}):[ \t]+(?=[^\s\"“«„‘'])")
_CAPITALISED = re.compile(r"\b[A-Z][\w'’.-]*\w")
_NO_LABELS = frozenset("Chapter Part Note Notes Warning From To Subject Date Re Cc PS Title Summary".split())
_ELISIONS = frozenset(
    "tis twas twere twill twould em til till cause cos cuz bout round n nuff neath gainst less fore kay ere im er is "
    "ud ll ve d s t m re an ad ave ome ope ouse ow orse ead ear eard ell elp er erself imself is ighness".split()
)
# With a capital these are words, too ("'Is that yours?'"): a closing mark behind them tells.
_WORDS_TOO = frozenset("Is An Till Cause Round Less".split())
# A line left open by custom is a long one: speeches of several paragraphs. A short one has lost its closing mark.
_PARAGRAPH_OF_SPEECH = 100  # characters, of most that go on in the next one
_LONG_SPEECH = 120
_MOST_INNER_PARAGRAPHS = 12
_MOST_NESTED = 12
"""Quotations that one speech is looked through for; it bounds the look-ahead."""
_ENDS = tuple('.!?…"“”»')


class Piece(msgspec.Struct, frozen=True):
    """A quotation within one paragraph; ``opened`` is False where only a closing mark was found."""

    start: int
    end: int
    mark: QuoteMark
    opened: bool
    closed: bool
    nested: tuple[tuple[int, int], ...] = ()


def find(text: str, paragraphs: Sequence[tuple[int, int]]) -> tuple[Quotation, ...]:
    """Every quotation in the paragraphs (spans of ``text``), sorted."""
    style = _style(text, paragraphs)
    per_paragraph = [list(_pieces(text, start, end, style)) for start, end in paragraphs]
    return tuple(_settle(text, paragraphs, per_paragraph))


class Style(msgspec.Struct, frozen=True):
    """How a text marks speech: which marks are the outer ones, whether a dash opens a line, and whose names do."""

    single_outside: bool
    dash: bool
    angles_reversed: bool
    labels: frozenset[str] = frozenset()


def _style(text: str, paragraphs: Sequence[tuple[int, int]]) -> Style:
    opens_with: Counter[str] = Counter()
    double = single = pointing_out = pointing_in = 0
    for start, end in paragraphs:
        dash = _DASH.match(text, start, end)
        opens_with["dash" if dash else text[start]] += 1
        double += sum(text.count(mark, start, end) for mark in '"“„«')
        single += sum(1 for m in _SINGLE.finditer(text, start, end) if _strong_single(text, m.start(), start, end))
        pointing_in += text.count("«", start, end) and len(re.findall(r"»\w", text[start:end]))
        pointing_out += text.count("«", start, end) and len(re.findall(r"«\s?\w", text[start:end]))
    # A straight mark opens and closes, a curly one only opens: counting both as openings errs towards double.
    dashes = opens_with["dash"]
    return Style(
        single_outside=single > double,
        dash=dashes >= 2 and dashes > 2 * sum(opens_with[m] for m in "\"“„«‘'"),
        angles_reversed=pointing_in > pointing_out,
        labels=_labels(text, paragraphs),
    )


def _labels(text: str, paragraphs: Sequence[tuple[int, int]]) -> frozenset[str]:
    """The names that open lines as in a script ("Ann: Come in."): two or more, each of somebody the text tells of."""
    found = [m.group(1) for start, end in paragraphs if (m := _LABEL.match(text, start, end))]
    told = Counter(word for word in _CAPITALISED.findall(text)) if len(set(found)) > 1 else Counter[str]()
    labelled = Counter(found)
    known = frozenset(n for n in labelled if n not in _NO_LABELS and told[n.split()[0]] > labelled[n])
    return known if len(known) > 1 else frozenset()


_SINGLE = re.compile(r"[‘'’]")
_TERMINAL = ".,!?…;:—–-"


def _strong_single(text: str, at: int, low: int, high: int) -> bool:
    """Is the mark at ``at`` a closing single quote beyond doubt: after a mark of punctuation, before white space?"""
    before = text[at - 1] if at > low else " "
    after = text[at + 1] if at + 1 < high else " "
    return text[at] != "‘" and before in _TERMINAL and not after.isalnum()


def _pieces(text: str, start: int, end: int, style: Style) -> Iterator[Piece]:
    opening = _dash_at(text, start, end) if style.dash else None
    if opening is not None:
        yield from _dashed(text, opening, end)
        return
    label = _LABEL.match(text, start, end) if style.labels else None
    if label and label.group(1) in style.labels:
        yield Piece(label.end(), end, "label", opened=True, closed=True)
        return
    if style.single_outside:
        outer = list(_single_pieces(text, start, end, inside=False))
        inner = list(_double_pieces(text, start, end, style))
    else:
        outer = list(_double_pieces(text, start, end, style))
        inner = list(_single_pieces(text, start, end, inside=True))
    yield from _nest(outer, inner)


def _nest(outer: list[Piece], inner: list[Piece]) -> Iterator[Piece]:
    """Put inner quotations into the outer ones that hold them; those that stand alone stay, those that cross go."""
    held: dict[int, list[tuple[int, int]]] = {}
    alone = []
    at = 0
    for piece in inner:
        while at < len(outer) and outer[at].end <= piece.start:
            at += 1
        if at < len(outer) and outer[at].start < piece.end:
            if outer[at].start < piece.start and piece.end <= outer[at].end and piece.closed and piece.opened:
                held.setdefault(at, []).append((piece.start, piece.end))
        elif piece.closed and piece.opened:
            alone.append(piece)
    kept = [
        msgspec.structs.replace(p, nested=tuple(sorted([*p.nested, *held[i]]))) if i in held else p
        for i, p in enumerate(outer)
    ]
    yield from sorted([*kept, *alone], key=lambda p: p.start)


# --- double, low and angle marks -------------------------------------------------------------------------------------


def _double_pieces(text: str, start: int, end: int, style: Style) -> Iterator[Piece]:
    """Pair the double marks of one paragraph from left to right."""
    marks = [(m.start(), _hint(text, m.start(), start, end, style)) for m in _MARKS.finditer(text, start, end)]
    opened: int | None = None
    nested: list[tuple[int, int]] = []
    inner: int | None = None
    last_end = start
    for i, (at, hint) in enumerate(marks):
        if opened is None:
            if hint != _CLOSE:
                opened, nested, inner = at, [], None
            elif i == 0 or text[at] in "”»":
                yield Piece(last_end, at + 1, _mark(text[at]), opened=False, closed=True)
                last_end = at + 1
        elif hint == _OPEN:
            if _opens_nested(text, marks, i):
                inner = at
            else:
                cut = _guess_end(text, opened, at)
                yield Piece(opened, cut, _mark(text[opened]), opened=True, closed=False, nested=tuple(nested))
                opened, nested, inner = at, [], None
        elif inner is not None:
            nested.append((inner, at + 1))
            inner = None
        else:
            yield Piece(opened, at + 1, _mark(text[opened]), opened=True, closed=True, nested=tuple(nested))
            last_end, opened = at + 1, None
    if opened is not None:
        yield Piece(opened, end, _mark(text[opened]), opened=True, closed=False, nested=tuple(nested))


def _mark(char: str) -> QuoteMark:
    if char in "«»‹›":
        return "angle"
    return "low" if char == "„" else "double"


def _hint(text: str, at: int, low: int, high: int, style: Style) -> str:
    """What the mark at ``at`` does, by its shape or, if it is straight, by what touches it."""
    char = text[at]
    if char == "„":
        return _OPEN
    if char in "«‹":
        return _CLOSE if style.angles_reversed else _OPEN
    if char in "»›":
        return _OPEN if style.angles_reversed else _CLOSE
    before, after = _touching(text, at, low, high)
    opens = (before.isspace() or before in "([{—–-'‘\"“") and not after.isspace()
    closes = (after.isspace() or after in ")]}.,;:!?—–-'’\"”") and not before.isspace()
    if char == "“" and "„" not in text[max(low, at - 2000) : at]:
        return _OPEN if not (closes and not opens) else _CLOSE
    if char == "”":
        return _CLOSE if not (opens and not closes) else _OPEN
    if opens and closes:
        # "well--" she, he said--"Well": a dash tells by the other side; so does a mark that touches another.
        if before in "—–-" and after.isalnum():
            return _EITHER
        return _OPEN if before.isspace() else _EITHER
    if opens:
        return _EITHER if before in "—–-" else _OPEN
    return _CLOSE if closes else _EITHER


def _touching(text: str, at: int, low: int, high: int) -> tuple[str, str]:
    """The characters on either side, emphasis marks looked through; the paragraph's edges count as white space."""
    left, right = at - 1, at + 1
    while left >= low and text[left] in "_*":
        left -= 1
    while right < high and text[right] in "_*":
        right += 1
    return (text[left] if left >= low else " "), (text[right] if right < high else " ")


def _opens_nested(text: str, marks: Sequence[tuple[int, str]], i: int) -> bool:
    """Is an opening mark inside an open quotation a quotation in it? Then the outer one's closing mark must follow.

    One speech may hold several ("I said, “Who?” and he said, “Nobody.” So I left.”): each after the first must go on
    with a sentence, since a line that lost its mark is followed by lines just as well.
    """
    inside = True
    for at, hint in marks[i + 1 : i + 2 * _MOST_NESTED]:
        if hint == _OPEN:
            if inside or text[at - 2 : at].rstrip()[-1:] in _ENDS:
                return False
            inside = True
        elif inside:
            inside = False
        else:
            return hint == _CLOSE
    return False


def _cue_pattern() -> re.Pattern[str]:
    verbs = "|".join(sorted((re.escape(v) for v in finite_forms("speech_verbs")), key=len, reverse=True))
    subject = r"(?:he|she|they|I|we|[A-Z][\w'’.-]+(?: [A-Z][\w'’.-]+)?|the (?:\w+ ){0,2}\w+)"
    ordered = rf"{subject} (?:\w+ly )?(?:{verbs})\b"
    # Behind a full stop "I said hiya to her" is somebody's tale, "I said." and "he said, smiling," are cues.
    return re.compile(
        rf"(?<=,)\s*{ordered}|(?<=[.!?…])\s*{ordered}(?=\s*(?:[,.;:!?…—–-]|$)|\s+{_BEHIND_CUE}\b)"
        rf"|(?<=[,.!?…])\s*(?:{verbs}) {subject}\b"
    )


_BEHIND_CUE = (
    r"(?:to|as|and|when|while|with|without|in|from|at|again|then|over|through|into|by|for|because|before|after|out|up|"
    r"once|back|on|under|\w+ly)"
)
_cues: list[re.Pattern[str]] = []


def _guess_end(text: str, start: int, limit: int) -> int:
    """Where a quotation that lost its closing mark ends: before a cue, if one stands in it, else at ``limit``."""
    if not _cues:
        _cues.append(_cue_pattern())
    cue = _cues[0].search(text, start, min(limit, start + 4000))
    cut = cue.start() if cue else limit
    while cut > start + 1 and text[cut - 1].isspace():
        cut -= 1
    return cut


# --- single marks ----------------------------------------------------------------------------------------------------


def _single_pieces(text: str, start: int, end: int, *, inside: bool) -> Iterator[Piece]:
    """Pair the single marks of one paragraph; an apostrophe is no mark.

    :param inside: single marks are the inner (or rare) ones, so a quotation must be closed within the paragraph.
    """
    marks = [m.start() for m in _SINGLE.finditer(text, start, end)]
    opened: int | None = None
    weak: int | None = None
    for at in marks:
        if opened is None:
            if _opens_single(text, at, start, end):
                opened, weak = at, None
        elif _strong_single(text, at, start, end):
            yield Piece(opened, at + 1, "single", opened=True, closed=True)
            opened = None
        elif weak is not None and _opens_single(text, at, start, end):
            yield Piece(opened, weak + 1, "single", opened=True, closed=True)
            opened, weak = at, None
        elif weak is None and _closes_weakly(text, at, start, end):
            weak = at
    if opened is None:
        return
    if weak is not None:
        yield Piece(opened, weak + 1, "single", opened=True, closed=True)
    elif not inside:
        yield Piece(opened, end, "single", opened=True, closed=False)


def _opens_single(text: str, at: int, low: int, high: int) -> bool:
    if text[at] == "’":
        return False
    before, after = _touching(text, at, low, high)
    if not (before.isspace() or before in '([—–-"“') or not (after.isalnum() or after in "…\"“¿¡-—.*_'’"):
        return False
    word = re.match(r"[^\W_]+", text[at + 1 : min(high, at + 12)])
    if text[at] == "‘" or word is None or word.group().lower() not in _ELISIONS:
        return True
    return word.group() in _WORDS_TOO and any(
        _strong_single(text, m.start(), low, high) for m in _SINGLE.finditer(text, at + 1, high)
    )


def _closes_weakly(text: str, at: int, low: int, high: int) -> bool:
    """A mark after a letter and before a space may close a quotation; it may also be goin' or the boys' room."""
    before, after = _touching(text, at, low, high)
    if text[at] == "‘" or not before.isalnum() or after.isalnum():
        return False
    return not (text[max(low, at - 2) : at].lower() in ("in", "an") and after.isspace()) and before.lower() != "s"


# --- dashes ----------------------------------------------------------------------------------------------------------


def _dashed(text: str, start: int, end: int) -> Iterator[Piece]:
    """Dialogue opened by a dash: up to a second dash that begins a cue, or to a cue after a comma, or to the end."""
    if not _cues:
        _cues.append(_cue_pattern())
    at = start
    while at < end:
        opening = _DASH.match(text, at, end)
        body = opening.end() if opening else at
        cue = _cues[0].search(text, body, end)
        inner = _INNER_DASH.search(text, body, end)
        stop = min((m.start() for m in (cue, inner) if m), default=end)
        yield Piece(at, stop, "dash", opened=True, closed=True)
        at = _opened_next(text, stop, end, cued=at > start)
        if at >= end and stop < end and cue is not None and stop == cue.start():
            for low, high in unmarked.behind_cue(text, start, end, stop):
                yield Piece(low, high, "dash", opened=True, closed=True)


def _opened_next(text: str, stop: int, end: int, *, cued: bool) -> int:
    """Where the next piece opens behind one that ends at ``stop``: behind its cue, or at a dash that opens another.

    :param cued: a cue stands before the piece, so that it may end in narration. What stands between two dashes behind
        speech is told: "— Yes. — He looked up. — And you?"
    """
    again = _REOPENS.search(text, stop - 1, end)
    if again is not None and again.start() <= stop and cued:
        return again.end()
    at = _resumed(text, stop, end)
    return again.end() if at >= end and again is not None and again.start() > stop else at


def _dash_at(text: str, start: int, end: int) -> int | None:
    """Where a paragraph's first line opens with a dash: at its start, or behind a sentence of narration."""
    if _DASH.match(text, start, end):
        return start
    again = _REOPENS.search(text, start, end)
    return again.end() if again else None


# "He put it down. — And now?"
_REOPENS = re.compile(r"(?<=[.!?…])[\"”’)]?\s+(?=(?:[—–―]|--)\s+[\"“¡¿…]?[A-ZÀ-Þ])")
_INNER_DASH = re.compile(r"\s[—–―]\s*")
_CUE_END = re.compile(r"[.,;:!?]\s*[—–―]\s*|[.!?]|,\s+")


def _resumed(text: str, cue: int, end: int) -> int:
    """Where a line goes on behind the cue that begins at ``cue``: after a dash, or a comma ("…, said Ann, …")."""
    mark = _CUE_END.search(text, cue + 1, end)
    if mark is None:
        return end
    if len(mark.group().strip()) > 1:
        return mark.end() - len(mark.group().lstrip(".,;:!?").lstrip())
    return mark.end() if mark.group()[0] == "," else end


# --- across paragraphs -----------------------------------------------------------------------------------------------


def _settle(text: str, paragraphs: Sequence[tuple[int, int]], pieces: list[list[Piece]]) -> Iterator[Quotation]:
    """Join what runs over paragraphs, and end what was never closed."""
    custom = _follows_custom(pieces)
    flowing = False
    until = -1
    for i, (start, end) in enumerate(paragraphs):
        if i <= until and not pieces[i]:
            yield Quotation(start, end, i, "double", closed=False, continues=True)
            continue
        for n, piece in enumerate(pieces[i]):
            last = n == len(pieces[i]) - 1
            if not piece.opened:
                if flowing and n == 0:
                    yield Quotation(start, piece.end, i, piece.mark, continues=True, nested=piece.nested)
                else:
                    yield from _unopened(text, piece, i)
                flowing = False
                continue
            continues = flowing and n == 0
            flowing = False
            if piece.closed or not last:
                yield Quotation(piece.start, piece.end, i, piece.mark, piece.closed, continues, piece.nested)
                continue
            flowing, until = _runs_on(piece, paragraphs, pieces, i, custom)
            stop = piece.end if flowing else _guess_end(text, piece.start, piece.end)
            yield Quotation(piece.start, stop, i, piece.mark, False, continues, piece.nested)


def _follows_custom(pieces: list[list[Piece]]) -> bool:
    """Does the text keep the custom of opening each paragraph of a speech? Then open ends meet openings.

    Who forgets to close what is said has open ends, too, but of short lines, one here and one there.
    """
    met = again = 0
    sizes: list[int] = []
    for here, there in pairwise(pieces):
        if _is_open(here):
            sizes.append(here[-1].end - here[-1].start)
            met += bool(there) and there[0].opened
            again += _is_open(there)
    flows = len(sizes) >= 3 and met >= 0.8 * len(sizes)
    return flows and (2 * again >= len(sizes) or sorted(sizes)[len(sizes) // 2] >= _PARAGRAPH_OF_SPEECH)


def _is_open(pieces: Sequence[Piece]) -> bool:
    return bool(pieces) and pieces[-1].opened and not pieces[-1].closed


def _runs_on(
    piece: Piece, paragraphs: Sequence[tuple[int, int]], pieces: list[list[Piece]], i: int, custom: bool
) -> tuple[bool, int]:
    """Does an open quotation run on into later paragraphs, and to which paragraph without marks of its own?"""
    for j in range(i + 1, min(len(pieces), i + 1 + _MOST_INNER_PARAGRAPHS)):
        if not pieces[j]:
            continue
        first = pieces[j][0]
        if not first.opened:
            return True, j
        at_start = first.start == paragraphs[j][0]
        long = custom or piece.end - piece.start >= _LONG_SPEECH
        return j == i + 1 and at_start and first.mark == piece.mark and long, i
    return False, i


def _unopened(text: str, piece: Piece, paragraph: int) -> Iterator[Quotation]:
    """A closing mark without an opening one: the line before it, back to a sentence's start, if it is a short way."""
    low = piece.start
    for match in re.finditer(r"(?<=[.!?…])\s+", text[low : piece.end - 2]):
        low = piece.start + match.end()
    while low < piece.end and text[low].isspace():
        low += 1
    if text[max(low, piece.end - 2) : piece.end - 1] in (",", ".", "!", "?", "…") and piece.end - low > 2:
        yield Quotation(low, piece.end, paragraph, piece.mark, closed=False)
