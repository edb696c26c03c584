"""Chapter headings and tables of contents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from unsaid.sources.lines import Line

_NUMBER_WORD = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    r"eighteen|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[\s-](?:one|two|three|four|five|"
    r"six|seven|eight|nine|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth))?|(?:the\s)?(?:first|second|"
    r"third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|"
    r"sixteenth|seventeenth|eighteenth|nineteenth|twentieth|last))"
)
_ROMAN = r"(?=[ivxlcIVXLC])(?:[lL]?[xX]{0,4}|[xX][lLcC])(?:[iI][xX]|[iI][vV]|[vV]?[iI]{0,4})|[cC][ivxlIVXL]{0,8}"
_UNIT = (
    r"chapter|part|book|volume|vol\.?|act|canto|letter|stave|episode|section|scene|adventure|phase|tale|chap\.?|ch\.?"
)
_UNIT_LINE = re.compile(
    rf"(?P<deco>[*_#=~\-–—|\[( ]{{0,8}})(?P<unit>{_UNIT})\s*(?:no\.\s*)?(?P<number>\d{{1,4}}|{_NUMBER_WORD}|{_ROMAN})"
    r"(?P<sep>\s*[.:;,)\]\-–—|*_~=]+\s*|\s+|$)(?P<title>.{0,300})$",
    re.IGNORECASE,
)
_LONE = re.compile(
    r"[*_#=~\-–—|\[( ]{0,8}(?P<unit>prologue|epilogue|preface|foreword|introduction|interlude|intermission|afterword|"
    r"postscript|conclusion|prelude|the\s+preface|the\s+prologue|the\s+epilogue|"
    r"author['’]s\s+preface)(?P<sep>\s*[.:\-–—*_~=\])|]+\s*|$)(?P<title>.{0,100})$",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"[*_~\-–—=\[( ]{{0,6}}(?P<number>\d{{1,3}}|{_ROMAN}|{_NUMBER_WORD})(?P<sep>[.:)\]]?\s*[*_~\-–—=)\] ]{{0,6}})$",
    re.IGNORECASE,
)
_BARE_TITLED = re.compile(
    rf"[*_~ ]{{0,4}}(?P<number>\d{{1,3}}|{_ROMAN})(?:\.|:|\)|\s[-–—]|(?=\s))\s+(?P<title>[A-Z\"'“‘*_].{{1,90}})$"
)

_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_VALUES = {w: i for words in (_WORDS, _ORDINALS) for i, w in enumerate(words, 1)}


class Heading(msgspec.Struct, frozen=True):
    """A heading in one line. ``bare`` headings (a number alone) count only in a sequence."""

    unit: str
    number: int | None
    title: str
    bare: bool = False


def number_value(number: str) -> int | None:
    """The value of "12", "XII" or "twelve"; None for what is none of them."""
    number = number.lower().removeprefix("the ").strip()
    if number.isdigit():
        return int(number)
    if number in _VALUES:
        return _VALUES[number]
    tens = re.match(r"(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[\s-](\w+))?$", number)
    if tens:
        ten = "twenty thirty forty fifty sixty seventy eighty ninety".split().index(tens.group(1)) * 10 + 20
        return ten + _VALUES.get(tens.group(2) or "", 0)
    if re.fullmatch("[ivxlc]+", number):
        digits = [{"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}[c] for c in number]
        return sum(-d if d < e else d for d, e in zip(digits, [*digits[1:], 0], strict=True))
    return None


_UNIT_NAMES = {"vol": "volume", "chap": "chapter", "ch": "chapter"}
_INITIALS = frozenset("0123456789ivxlcabfsetnopIVXLCABFSETNOP")


def read_heading(line: Line) -> Heading | None:
    """The heading that a line is by itself, or None; whether it stands alone is not looked at here."""
    head = line.head
    if line.size > 340:
        return None
    bare = head.lstrip("*_#=~-–—|[( ")
    if not bare or bare[0] not in _INITIALS:
        return None
    found = _UNIT_LINE.match(head) or _LONE.match(head)
    if found is not None:
        return _unit_heading(found, head)
    found = _BARE.match(head)
    if found is not None and _same_case(found.group("number")):
        return Heading("", number_value(found.group("number")), "", bare=True)
    found = _BARE_TITLED.match(head) if line.size <= 100 else None
    if found is not None and _same_case(found.group("number")) and title_like(found.group("title")):
        return Heading("", number_value(found.group("number")), found.group("title").strip(), bare=True)
    return None


def _unit_heading(found: re.Match[str], head: str) -> Heading | None:
    unit, title = found.group("unit"), found.group("title").strip(" *_~=|")
    if not (unit[0].isupper() or found.groupdict().get("deco") or not title):
        return None  # "chapter one was long" inside prose
    number = number_value(found.group("number")) if "number" in found.groupdict() else None
    separated = bool(re.search(r"[^\s]", found.group("sep"))) or not found.group("sep")
    if title and not separated and not (title[0].isupper() and title_like(title)):
        return None  # "Part one of the plan had failed."
    if title and separated and title[0].islower() and found.group("sep").strip() in (",", ";"):
        return None
    if (len(title) > 120 or (head.endswith((".", ",", ";")) and len(title) > 60)) and not title_like(title):
        return None  # a sentence that begins like a heading
    return Heading(_UNIT_NAMES.get(bare := re.sub(r"^the\s+|\.$", "", unit.lower()), bare), number, title)


def _same_case(number: str) -> bool:
    if len(number) > 4 and number[0].isupper():
        return True  # "Twenty-one"
    return number.isdigit() or number.isupper() or number.istitle() or (number.islower() and len(number) > 1)


_SMALL = frozenset(
    "a an the and or but nor of in on at to for from by with as is was it its de la le du von und et vs into upon over "
    "under after before be who which that not no than so up his her my".split()
)


def title_like(text: str) -> bool:
    """Whether a text is written as a title: in capitals, or every longer word with a capital."""
    words = re.findall(r"[^\W\d_][\w'’]*", text)
    if not words:
        return bool(re.search(r"\d", text))
    if text.upper() == text:
        return True
    content = [w for w in words if w.lower() not in _SMALL]
    return bool(content) and sum(w[0].isupper() for w in content) >= 0.8 * len(content)


def title_lines(lines: list[Line], at: int) -> int:
    """How many lines after the heading in line ``at`` belong to its title (none where prose follows).

    A title stands directly under its heading, or after a blank line; it is written as a title, in capitals or short,
    and a blank line follows it.
    """
    following = at + 1
    if following >= len(lines) or (lines[following].gap > 2 and not _between_headings(lines, following)):
        return 0
    block = following
    while block + 1 < len(lines) and lines[block + 1].gap == 0 and block - following < 6:
        block += 1
    count = block - following + 1
    after = lines[block + 1].gap if block + 1 < len(lines) else 0
    text = " ".join(line.head for line in lines[following : block + 1])
    if count > 6 or after < 1 or len(text) > 400 or read_heading(lines[following]) is not None:
        return 0
    capitals = not re.search(r"(?<![^\W_])[^\W\d_]*[a-zß-öø-ÿ]", re.sub(r"\b[a-z]{1,2}\b|['’]s\b", "", text))
    quoted = text.lstrip("*_").startswith(('"', "“", "‘", "«"))
    if quoted and not (capitals and lines[following].gap == 0 and text.rstrip("*_").endswith(('"', "”", "’", "»"))):
        return 0  # speech
    if text.startswith(("[", "(")) or not re.search(r"[^\W\d_]", text):
        return 0
    directly = lines[following].gap == 0
    if capitals:
        return count
    if count == 1 and len(text) <= 80 and title_like(text):
        return 1 if directly or not re.search(r"[.!?,;:]$", text) else 0
    if directly and len(text) <= 300 and count <= 4 and (title_like(text) or not re.search(r"[.!?,;:\"”]$", text)):
        return count
    return 0


def _between_headings(lines: list[Line], at: int) -> bool:
    """A part's title that stands far under its number, with its first chapter's heading right after it."""
    return at + 1 < len(lines) and lines[at].size <= 80 and read_heading(lines[at + 1]) is not None
