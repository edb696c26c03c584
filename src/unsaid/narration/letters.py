"""The shape of a letter in the text: from its date line or salutation to its signature and postscript.

Only the shape is read here, so that a letter's "I" is not taken for the narrator's; who wrote it to whom is the
business of :mod:`unsaid.voices.writings`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from unsaid.prose import Prose

MAX_PARAGRAPHS = 60
"""A letter is searched for its signature no further than this many paragraphs."""

_SIGNATURE_WORDS = 10
_OPEN = r"[\"“”'‘_*\s\[(]*"
_CLOSE = r"[\"“”'’_*\s\])]*"
_CLOSE_LINE = r"[\"”'’_* \t\])]*"
_FONDNESS = r"(?:dear|dearest|darling|beloved|honou?red|esteemed)"
_SALUTATION = re.compile(
    rf"{_OPEN}(?:to )?(?:my |our )?(?:own |very |most )?(?:{_FONDNESS}, )?{_FONDNESS}"
    rf"(?: (?P<name>[^,:;!?\n\"”—–]{{1,45}}?))?"
    rf"(?P<mark>[,:;.]?)(?P<dash>\s?(?:--|—|–))?{_CLOSE_LINE}(?P<end>$|\n|(?<=[-—–]))",
    re.IGNORECASE,
)
_GREETED = frozenset(
    "sir sirs madam ma'am friend friends brother sister niece nephew cousin aunt auntie uncle mother father mom mum "
    "mama mamma papa dad daddy grandmother grandfather son daughter boy girl child children husband wife love one all "
    "diary journal miss mr mrs ms dr lord lady captain colonel heart old little sweet fellow reader editor mister and "
    "of the de von van".split()
)
_PLAIN_SALUTATION = re.compile(
    rf"{_OPEN}(?:(?:hi|hey|hello|to)[ ,]+)?(?P<name>[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){{0,2}})"
    rf"{_CLOSE}[,:]{_CLOSE}(?:--|—|–|-)?$"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_LONG_MONTH = r"(?:january|february|march|april|june|july|august|september|october|november|december)"
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_DATE_LINE = re.compile(
    rf"{_OPEN}[^.!?]{{0,60}}?\b(?:{_LONG_MONTH}\b|{_MONTH} ?\d|\d{{1,2}}(?:st|nd|rd|th)?,?(?: of)? {_MONTH}|"
    rf"{_DAY}\b|1[5-9]\d\d|20\d\d)",
    re.IGNORECASE,
)
_DASHED = re.compile(
    rf"{_OPEN}(?:--?|—|–|~)\s*(?P<name>(?:your |love,? )?[A-Za-z][\w.'’-]*(?: [\w.'’-]+){{0,4}}){_CLOSE}$"
)
_CLOSING = re.compile(
    rf"{_OPEN}(?:i (?:am|remain)|yours?|yrs?|with|much|all|lots of|love|lovingly|sincerely|best|kind|warm(?:est)?|"
    rf"regards|faithfully|respectfully|affectionately|truly|always|forever|ever|kisses|xo+|take care|until|signed)\b",
    re.IGNORECASE,
)
_FORMULA = re.compile(
    r"\b(?:your(?:s|'s)?,? (?:[a-z]+,? (?:and )?){0,4}(?:truly|sincerely|faithfully|ever|always|affectionately|etc|&c|"
    r"friend|servant|son|daughter|sister|brother|mother|father|niece|nephew|cousin|aunt|uncle|husband|wife)|"
    r"(?:all|much|with)(?: all)?(?: my)? love|love,|yours,|sincerely,|i (?:am|remain),? (?:my )?dear)",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(rf"{_OPEN}p\.? ?s\b", re.IGNORECASE)
_NAME_WORD = re.compile(r"[A-Z][\w'’-]*\.?")


class Block(msgspec.Struct, frozen=True):
    """A letter by its shape; all fields but the strings are paragraph indices, ``last`` inclusive.

    :ivar first: its date line, or its salutation.
    :ivar salutation: the paragraph that begins with the salutation.
    :ivar signature: the paragraph that holds the signature, or None where there is none.
    :ivar to: who the salutation greets, as written; "" where it names no one.
    :ivar by: the name in the signature, as written; "" where there is none.
    """

    first: int
    salutation: int
    last: int
    signature: int | None
    to: str
    by: str


def letter_blocks(prose: Prose, names: frozenset[str]) -> tuple[Block, ...]:
    """Every letter that begins with a salutation, in order, none inside another.

    :param names: words of people's names in lower case: a lone capitalised word signs a letter only if it is one.
    """
    blocks: list[Block] = []
    index, count = 0, len(prose.paragraphs)
    while index < count:
        block = _block_at(prose, index, names)
        if block is None:
            index += 1
        else:
            blocks.append(block)
            index = block.last + 1
    return tuple(blocks)


def _block_at(prose: Prose, index: int, names: frozenset[str]) -> Block | None:
    greeting = _greeting(prose, index, names)
    if greeting is None:
        return None
    found = _signature(prose, index, names)
    if found is not None:
        signature, by = found
        return Block(_with_date(prose, index), index, _with_postscript(prose, signature), signature, greeting.name, by)
    last = _unsigned_end(prose, index, greeting.alone) if greeting.firm else None
    return Block(_with_date(prose, index), index, last, None, greeting.name, "") if last is not None else None


class _Greeting(msgspec.Struct, frozen=True):
    """A salutation: the name in it, whether it stands alone, and whether it is one even without a signature."""

    name: str
    alone: bool
    firm: bool


def _greeting(prose: Prose, index: int, names: frozenset[str]) -> _Greeting | None:
    paragraph = prose.paragraphs[index]
    head = prose.text[paragraph.start : min(paragraph.end, paragraph.start + 120)]
    if "\n" in head and _DATE_LINE.match(head) and len(head.split("\n", 1)[0]) < 60:
        head = head.split("\n", 1)[1]
    strong = _SALUTATION.match(head)
    if strong is not None:
        name = (strong["name"] or "").strip(" _*")
        rest = head[strong.end() :].strip()
        # "My dear Ann--" alone is a speaker who breaks off; in a letter the text runs on behind the dash.
        ended = strong["mark"] in {",", ":", ";"} or (strong["dash"] is not None and rest[:1].isalpha())
        if not all(word[:1].isupper() or word.strip(".'’").lower() in _GREETED for word in name.split()):
            return None
        if not ended and (strong["mark"] or strong["dash"] or not name):
            return None
        return _Greeting(name, not rest, ended)
    plain = _PLAIN_SALUTATION.match(head)
    if plain is None or paragraph.end - paragraph.start > 60 or not _is_name(plain["name"], names):
        return None
    return _Greeting(plain["name"], True, False)


def _signature(prose: Prose, salutation: int, names: frozenset[str]) -> tuple[int, str] | None:
    """The first paragraph after the salutation that signs, and the name in it."""
    paragraph = prose.paragraphs[salutation]
    by = _run_in(prose.text[max(paragraph.start, paragraph.end - 160) : paragraph.end], names)
    if by:
        return salutation, by
    before = prose.text[paragraph.start : paragraph.end]
    in_marks = _in_marks(prose, salutation)
    for index in range(salutation + 1, min(salutation + MAX_PARAGRAPHS, len(prose.paragraphs))):
        paragraph = prose.paragraphs[index]
        if _leaves_letter(prose, index, salutation, in_marks):
            return None
        text = prose.text[paragraph.start : paragraph.end] if paragraph.end - paragraph.start < 200 else ""
        words = text.split()
        if text and len(words) <= _SIGNATURE_WORDS:
            by = _signed(text, before[-120:], names)
            if by is not None:
                return (index, by) if by else _name_after(prose, index, names)
        if not text or len(words) > 3:
            by = _run_in(prose.text[max(paragraph.start, paragraph.end - 160) : paragraph.end], names)
            if by:
                return index, by
        before = prose.text[paragraph.start : paragraph.end]
    return None


def _in_marks(prose: Prose, salutation: int) -> bool:
    """Whether the letter is set in quotation marks, paragraph by paragraph."""
    following = prose.paragraphs[min(salutation + 1, len(prose.paragraphs) - 1)]
    return prose.text[following.start] in "\"“'‘«"


def _leaves_letter(prose: Prose, index: int, salutation: int, in_marks: bool) -> bool:
    """Whether a paragraph cannot be the letter's: narration behind quoted paragraphs, or a spoken line with its cue."""
    if index > salutation + 1 and _begins_letter(prose, index):
        return True
    paragraph = prose.paragraphs[index]
    quoted = prose.tokens.quoted[paragraph.first : paragraph.last]
    unquoted = sum(not flag for flag in quoted)
    if in_marks:
        return unquoted > _SIGNATURE_WORDS
    return (
        0 < unquoted < len(quoted) and prose.text[paragraph.start] in '"“' and prose.text[paragraph.end - 1] not in '"”'
    )


def _begins_letter(prose: Prose, index: int) -> bool:
    return _greeting(prose, index, frozenset()) is not None


def _signed(text: str, before: str, names: frozenset[str]) -> str | None:
    """The name that a short paragraph signs with; "" for a closing formula without a name; None for neither."""
    bare = text.rstrip("\"”'’_ ")
    if bare.endswith(("?", "!")):
        return None
    dashed = _DASHED.match(text)
    if dashed is not None and (len(dashed["name"].split()) <= 3 or _is_name(dashed["name"], names)):
        return _clean(dashed["name"])
    if _CLOSING.match(text):
        lines = [line for line in re.split(r"--|[—,\n]", text) if line.strip()]
        if len(lines) > 1 and _is_name(lines[-1], names):
            return _clean(lines[-1])
        last = text.rsplit(maxsplit=1)[-1]
        if len(text.split()) <= 5 and _NAME_WORD.fullmatch(_clean(last)) and _is_name(last, names):
            return _clean(last)
        return "" if bare[-1:] in {",", "-", "—", "&", "."} and len(text.split()) <= 6 else None
    name = _clean(text)
    if not name or not all(_NAME_WORD.fullmatch(word) for word in name.split()):
        return None
    return name if _is_name(name, names) or (_FORMULA.search(before) and len(name.split()) <= 4) else None


def _name_after(prose: Prose, index: int, names: frozenset[str]) -> tuple[int, str]:
    """The signature that follows a closing formula; the formula itself where no name does."""
    if index + 1 < len(prose.paragraphs):
        paragraph = prose.paragraphs[index + 1]
        line = prose.text[paragraph.start : paragraph.end] if paragraph.end - paragraph.start < 60 else ""
        # "B. Lowe (Mrs.)", "H. Grey, Plot Eight": the name comes first.
        name = _clean(re.split(r"[,(\n]", line, maxsplit=1)[0])
        if name and len(name.split()) <= 4 and all(_NAME_WORD.fullmatch(word) for word in name.split()):
            return index + 1, name
    return index, ""


_RUN_IN = re.compile(
    r"(?:[.,!?;][\"”]?\s*(?:--|—|–)?|--|—|–|\n)\s*[\"“_]*"
    r"(?P<name>(?:[A-Z]\. ?){1,3}|(?:[A-Z][\w.'’-]* ?){1,4})[\"”_.]*$"
)


def _run_in(tail: str, names: frozenset[str]) -> str | None:
    """The name that signs at the end of a long paragraph ("…in haste. ELLEN."), if it is set in capitals or dashed."""
    found = _RUN_IN.search(tail)
    if found is None:
        return None
    name = _clean(found["name"])
    dashed = "--" in found.group(0) or "—" in found.group(0)
    formula = _FORMULA.search(tail[: found.start("name")][-60:]) is not None
    if (formula or (name.isupper() and len(name) > 3) or dashed) and _is_name(name, names):
        return name
    return None


def _unsigned_end(prose: Prose, salutation: int, alone: bool) -> int | None:
    """Where a letter without a signature ends: with its quoted paragraphs, or the first one after the greeting."""
    if not alone:
        return salutation
    quoted = prose.text[prose.paragraphs[salutation].start] in "\"“'‘"
    last = salutation
    for index in range(salutation + 1, min(salutation + MAX_PARAGRAPHS, len(prose.paragraphs))):
        paragraph = prose.paragraphs[index]
        if paragraph.after_break or (index > salutation + 1 and not quoted):
            break
        if quoted and not _wholly_quoted(prose, index):
            break
        last = index
        if quoted and _closes(prose, index):
            break
    return last if last > salutation else None


def _wholly_quoted(prose: Prose, index: int) -> bool:
    paragraph = prose.paragraphs[index]
    return all(prose.tokens.quoted[paragraph.first : paragraph.last])


def _closes(prose: Prose, index: int) -> bool:
    """The paragraph closes its quotation and the next one does not open one that could go on with the letter."""
    paragraph = prose.paragraphs[index]
    return prose.text[paragraph.end - 1] in "\"”'’" and not (
        index + 1 < len(prose.paragraphs) and _wholly_quoted(prose, index + 1)
    )


def _with_date(prose: Prose, salutation: int) -> int:
    """The first of at most two short date or place lines above the salutation."""
    first = salutation
    for index in range(salutation - 1, max(-1, salutation - 3), -1):
        paragraph = prose.paragraphs[index]
        text = prose.text[paragraph.start : min(paragraph.end, paragraph.start + 80)]
        if paragraph.end - paragraph.start >= 80 or not _DATE_LINE.match(text) or len(text.split()) > 10:
            break
        first = index
    return first


def _with_postscript(prose: Prose, signature: int) -> int:
    last = signature
    for index in range(signature + 1, min(signature + 3, len(prose.paragraphs))):
        paragraph = prose.paragraphs[index]
        if not _POSTSCRIPT.match(prose.text[paragraph.start : min(paragraph.end, paragraph.start + 12)]):
            break
        last = index
    return last


def _is_name(text: str, names: frozenset[str]) -> bool:
    words = [word.strip(".,'’\"“”_-").lower() for word in text.split()]
    return bool(words) and len(words) <= 5 and any(word in names for word in words)


def _clean(text: str) -> str:
    return text.strip(" \n\t\"“”'‘’_*.,;:-—–~()[]&")
