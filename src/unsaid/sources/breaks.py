"""Scene breaks: the marks that authors set between scenes, in a line of their own."""

from __future__ import annotations

import re

# A rule or ornament: marks alone ("* * *", "-----", "~*~", "•"), or the letters that are typed as ornaments between
# them ("-x-X-x-", "—0—"). Quotation marks, brackets and plain punctuation are not in it: "…?" is someone's silence.
_MARKS = re.compile(r"[\s*~#=_\-–—―•·§+^<>|/\\°¤◊○●◦♥♡★☆✦✧❦❧☙♦♣♠†‡¨…⁂⁎∗※~￣.:oOxX0]{1,120}")
_SYMBOL = re.compile(r"[*~#=_\-–—―•·§+^<>|/\\°¤◊○●◦♥♡★☆✦✧❦❧☙♦♣♠†‡¨⁂⁎∗※]")
_DOTS = re.compile(r"(?:[.…]\s*){3,}|…")
_LETTERS = re.compile(r"(?:[oO0]\s?){3,}|(?:[xX]\s?){3,}|(?:[xX][oO0]|[oO0][xX]){2,}[xXoO0]?|[oO][xX][oO]|[xX][oO][xX]")
_WORDS = re.compile(
    r"\W*\b(?:(?:page|line|scene|section)[\s_-]{0,2}break(?:er)?|line\s?break|time[\s_-]?skip|horizontal\s(?:line|rule))\W*",
    re.IGNORECASE,
)
_POV = re.compile(
    r"[\W_]{0,12}(?P<who>[A-Z][\w'’.-]{0,20}(?:\s[A-Z][\w'’.-]{0,20}){0,3}?)(?:['’]s?)?\s+"
    r"(?:P\.?O\.?V\.?|p\.?o\.?v\.?|Pov|Point\sof\s[Vv]iew)[\W_]{0,12}"
)
_FLASHBACK = re.compile(
    r"(?P<open>[\W_]{0,12})(?:(?:end|start|begin)(?:\s?(?:of|ing))?\s+)?flash\s?-?back(?:\s+(?:ends?|over|starts?))?(?P<close>[\W_]{0,12})",
    re.IGNORECASE,
)
_END = re.compile(
    r"[\W_]{0,12}(?:the\s+end|fin(?:is|ito)?|end|owari|tbc|to\s+be\s+continued|end\s+of\s+(?:the\s+)?"
    r"(?:\w{1,12}\s+)?(?:story|chapter|book|volume|part)(?:\s+\w{1,12}){0,4})[\W_]{0,12}",
    re.IGNORECASE,
)


def is_break(line: str) -> bool:
    """Whether a line is a scene break mark and nothing else."""
    if len(line) > 120:
        return False
    if _MARKS.fullmatch(line):
        letters = re.sub(r"[^oOxX0]", "", line)
        if _SYMBOL.search(line):
            return len(letters) < len(line) or bool(_LETTERS.fullmatch(line))
        return bool(_DOTS.fullmatch(line) or _LETTERS.fullmatch(line) or line in ("o", "x", "0"))
    return len(line) < 60 and bool(_WORDS.fullmatch(line))


def named_break(line: str) -> tuple[str, str] | None:
    """A break that says something: ("pov", "Ann") for "Ann's POV", ("flashback", the line) for "~Flashback~"."""
    if len(line) > 60:
        return None
    pov = _POV.fullmatch(line)
    if pov:
        return "pov", pov.group("who").rstrip("'’")
    flashback = _FLASHBACK.fullmatch(line)
    if flashback and not line.endswith((".", "?", "!", ",", '"', "”")):
        return "flashback", line.strip("*~-=_[]() ")
    return None


def is_end(line: str) -> bool:
    """Whether a line says that the text ends here ("THE END", "Finis", "To be continued") and nothing else."""
    return len(line) <= 60 and bool(_END.fullmatch(line)) and not line.endswith((",", ";", "?", '"', "”"))
