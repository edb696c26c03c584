"""Bytes to text: the encoding found, and what is broken in the text repaired, every change on record.

Only what cannot be meant is repaired: a byte order mark, control characters, UTF-8 that was read as another encoding
(mojibake). Quotes, ligatures, widths and dashes are the author's and stay.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

import msgspec

from unsaid.sources.sniff import wide_encoding
from unsaid.story import Emphasis, Repair

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE_BYTES = 40_000
"""How many bytes around those outside ASCII are shown to charset-normalizer; its answer is stable from about 10,000."""

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16 LE, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SINGLE_BYTE = ["cp1252", "mac_roman"]
"""Encodings that English fiction is saved in where it is no Unicode; others are asked for only if neither fits."""

MOST_STRAY = 0.5
"""A file is UTF-8 with stray bytes if they are at most this many for each character outside ASCII that is valid UTF-8;
in text of another encoding, hardly any is."""


class Decoded(msgspec.Struct, frozen=True):
    """A file's bytes as text. A byte that its encoding does not hold is a lone surrogate (PEP 383)."""

    text: str
    encoding: str


class Cleaned(msgspec.Struct, frozen=True):
    """Text with LF line ends and repairs; ``origins`` as in :class:`~unsaid.sources.manuscript.Manuscript`."""

    text: str
    repairs: tuple[Repair, ...]
    origins: tuple[tuple[int, int], ...]


def decode(data: bytes) -> Decoded:
    """Find the encoding of ``data`` and decode it: byte order mark, UTF-8, UTF-16 by its zeros, else by statistics."""
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return Decoded(data.decode(encoding, "surrogateescape" if encoding == "utf-8" else "replace"), encoding)
    wide = wide_encoding(data)  # before UTF-8, which a zero is a valid part of
    if wide is not None:
        return Decoded(data.decode(wide, "replace"), wide)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _decode_other(data)


def _decode_other(data: bytes) -> Decoded:
    loose = data.decode("utf-8", "surrogateescape")
    stray = len(re.findall("[\udc80-\udcff]+", loose))
    if stray <= MOST_STRAY * len(re.findall("[\u0080-\ud7ff\ue000-\U0010ffff]", loose)):
        return Decoded(loose, "utf-8")
    encoding = _by_statistics(data)
    return Decoded(data.decode(encoding, "surrogateescape"), encoding)


def _by_statistics(data: bytes) -> str:
    """What charset-normalizer takes the bytes outside ASCII for; Windows-1252 where it is at a loss."""
    from charset_normalizer import from_bytes  # noqa: PLC0415 - 40 ms that UTF-8 files do not need

    windows, size, at = [], 0, 0
    for match in re.finditer(rb"[\x80-\xff]", data):
        if match.start() < at:
            continue
        start = max(at, match.start() - 60)
        at = match.start() + 60
        windows.append(data[start:at])
        size += at - start
        if size > SAMPLE_BYTES:
            break
    sample = b" ".join(windows)
    best = from_bytes(sample, cp_isolation=SINGLE_BYTE).best() or from_bytes(sample).best()
    return best.encoding if best is not None else "cp1252"


# Line ends, and runs of anything but printable ASCII, tab, line feed and form feed (a page break, which stays).
_SPECIAL = re.compile("\r\n?|[^\t\n\r\x0c\x20-\x7e]+")
_INVISIBLE = frozenset("\u200b\u2060\ufeff\u00ad")
"""Characters that are not seen and split words: zero-width space, word joiner, byte order mark, soft hyphen."""
_ALONE = _INVISIBLE | frozenset(chr(c) for c in (*range(32), 0x7F, 0xFFFE, 0xFFFF))
_SAFE_RUN = re.compile("[\u00a0«»‐-‧‰-⁞]+")  # typographic marks beside one another are not mojibake


def clean(decoded: str) -> Cleaned:
    """Give a decoded text LF line ends and repair what is broken.

    Repair kinds: ``byte order mark``, ``control character``, ``invisible character``, ``stray byte`` (``was`` is its
    escape, ``\\x93``), ``lone surrogate`` (``was`` is its escape), ``mojibake``. Taking the repairs back and mapping
    through ``origins`` gives ``decoded`` again, line ends apart.
    """
    pieces: list[str] = []
    repairs: list[Repair] = []
    origins: list[tuple[int, int]] = [(0, 0)]
    known: dict[str, str] = {}
    done = at = 0  # how far the source is taken, and how long the text is
    for match in _SPECIAL.finditer(decoded):
        run, start = match.group(), match.start()
        if len(run) == 1 and run.isprintable():
            continue
        for was in _parts(run):
            new, kind, shown = _mend(was, start, known)
            start += len(was)
            if new == was:
                continue
            pieces += decoded[done : start - len(was)], new
            at += start - len(was) - done
            if kind is not None:
                repairs.append(Repair(at, at + len(new), kind, shown))
            at += len(new)
            done = start
            if done - at != origins[-1][1] - origins[-1][0]:
                origins.append((at, done))
    if not pieces:
        return Cleaned(decoded, (), ((0, 0),))
    return Cleaned("".join([*pieces, decoded[done:]]), tuple(repairs), tuple(origins))


def _parts(run: str) -> Iterator[str]:
    """A run in parts that are mended each for itself: a line end, a character that is treated alone, or other text.

    C1 controls stand alone only at the beginning of other text: inside it they are bytes of mojibake.
    """
    if run[0] == "\r":
        yield run
        return
    start = 0
    for i, character in enumerate(run):
        alone = character in _ALONE or "\ud800" <= character <= "\udfff"
        if alone or (start == i and "\x80" <= character <= "\x9f"):
            if start < i:
                yield run[start:i]
            yield character
            start = i + 1
    if start < len(run):
        yield run[start:]


def _mend(was: str, at: int, known: dict[str, str]) -> tuple[str, str | None, str]:
    """What stands for ``was``: the new text, the kind of repair (None for a line end) and ``was`` as it is shown."""
    first = was[0]
    if first == "\r":
        return "\n", None, was
    if len(was) > 1:
        if was not in known:
            known[was] = _without_mojibake(was)
        return known[was], "mojibake", was
    if "\ud800" <= first <= "\udfff":
        if "\udc80" <= first <= "\udcff":
            byte = ord(first) - 0xDC00
            return bytes([byte]).decode("cp1252", "replace"), "stray byte", f"\\x{byte:02x}"
        return "\ufffd", "lone surrogate", f"\\u{ord(first):04x}"
    if first == "\ufeff" and at == 0:
        return "", "byte order mark", was
    if first in _INVISIBLE:
        return "", "invisible character", was
    if "\x80" <= first <= "\x9f":  # a C1 control is a Windows-1252 character that was read as Latin-1
        return bytes([ord(first)]).decode("cp1252", "ignore"), "control character", was
    if first in _ALONE:
        return ("\n" if first == "\x0b" else ""), "control character", was
    return was, None, was


def _without_mojibake(run: str) -> str:
    """Undo mojibake in a run of characters outside ASCII, in as many layers as it was made (at most three)."""
    if _SAFE_RUN.fullmatch(run):
        return run
    from ftfy import fix_encoding  # noqa: PLC0415 - 80 ms that only a suspicious text needs
    from ftfy.badness import is_bad  # noqa: PLC0415
    from ftfy.chardata import UTF8_DETECTOR_RE  # noqa: PLC0415

    def fix(match: re.Match[str]) -> str:
        piece = match.group()
        return fix_encoding(piece) if is_bad(piece) else piece

    for _ in range(3):
        fixed = UTF8_DETECTOR_RE.sub(fix, run)
        if fixed == run and is_bad(run):  # the detector does not know Mac Roman's mojibake
            fixed = fix_encoding(run)
        if fixed == run:
            break
        run = fixed
    # What comes out must not hold what would be taken away alone.
    return "".join(_mend(c, 1, {})[0] if c in _ALONE or "\x80" <= c <= "\x9f" else c for c in run)


# Emphasis typed into plain text: a few words in _underscores_, *asterisks* (one: italic, two: bold) or /slashes/.
# Underscores may run over the line ends of a paragraph: Project Gutenberg sets whole letters in them.
_TYPED = re.compile(
    r"(?<![\w_])_(?=[^\s_])(?P<under>(?:[^_\n]|\n(?![ \t]*\n)){1,600})(?<=[^\s_])_(?![\w_])"
    r"|(?<![\w*])(?P<stars>\*{1,2})(?=[^\s*])(?P<star>(?:[^*\n]|\n(?![ \t]*\n)){1,300})(?<=[^\s*])(?P=stars)(?![\w*])"
    r"|(?<![\w/:.<])/(?=\w)(?P<slash>[^/\n<>]{1,60})(?<=[\w.!?,…])/(?![\w/>])"
)


def typed_emphasis(text: str) -> tuple[Emphasis, ...]:
    """The emphasis that is typed into a plain text; spans cover the inner words, marks left out."""
    spans = []
    at = 0
    for mark in re.finditer("[_*/]", text):
        match = _TYPED.match(text, mark.start()) if mark.start() >= at else None
        if match is None:
            continue
        if not any(c.isalnum() for c in match.group()):
            continue  # an ornament: ~*~*~
        at = match.end()
        group = match.lastgroup or "under"
        kind = "bold" if match.group("stars") == "**" else "italic"
        start, end = match.span(group if group != "stars" else "star")
        spans.append(Emphasis(start, end, "bold" if kind == "bold" else "italic"))
    return tuple(spans)
