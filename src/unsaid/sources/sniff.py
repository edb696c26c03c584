"""What a file is by its content, and what to say where that is nothing to read."""

from __future__ import annotations

import re

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"BM\x00\x00", "a BMP image"),
    (b"%PDF-", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Microsoft Office document (.doc)"),
    (b"\x7fELF", "an ELF program"),
    (b"MZ\x90\x00", "a Windows program"),
    (b"\xca\xfe\xba\xbe", "a Java class or macOS program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"ID3", "an MP3 recording"),
    (b"\xff\xfb", "an MP3 recording"),
    (b"OggS", "an Ogg recording"),
    (b"fLaC", "a FLAC recording"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"TPZ", "a Kindle (Topaz) book"),
    (b"\xeaDRMION", "a DRM-protected Kindle book"),
    (b"wOFF", "a font"),
    (b"\x00\x01\x00\x00\x00", "a font"),
)
"""How a file of a kind begins (from the formats' own specifications), for what fiction is wrongly handed in as."""

ENDINGS = {
    "epub": "an EPUB book", "docx": "a Word document", "html": "an HTML page", "htm": "an HTML page",
    "xhtml": "an HTML page", "txt": "plain text", "text": "plain text", "md": "Markdown", "markdown": "Markdown",
}  # fmt: skip
"""The endings that promise something that can be read, and what they promise."""

_TEXT_MAGIC = frozenset({"a PostScript document", "an MP3 recording", "a bzip2 archive", "a Kindle (Topaz) book"})


def binary_kind(data: bytes) -> str | None:
    """What a binary file is, with its article, or None where its beginning tells nothing."""
    for magic, what in MAGIC:
        if data.startswith(magic) and not (what in _TEXT_MAGIC and _is_plain(data[:200])):
            return what
    if data[60:68] in (b"BOOKMOBI", b"TEXtREAd"):
        return "a Mobipocket or Kindle book"
    if data[4:8] == b"ftyp":
        return "an MPEG-4 recording"
    if data[:4] == b"RIFF" and data[8:12] in (b"WAVE", b"AVI ", b"WEBP"):
        return {b"WAVE": "a WAV recording", b"AVI ": "an AVI video", b"WEBP": "a WebP image"}[data[8:12]]
    if data[257:262] == b"ustar":
        return "a tar archive"
    return None


def looks_binary(data: bytes) -> bool:
    """Whether ``data``, which carries no byte order mark and is no UTF-16, holds control characters as no text does."""
    sample = data[:65_536]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls > max(8, 0.02 * len(sample)) or sample.count(0) > max(2, 0.005 * len(sample))


_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r\x0b\x0c\x1a\x1b")


def _is_plain(sample: bytes) -> bool:
    return sample.isascii() and not re.search(rb"[\x00-\x08\x0e-\x1f]", sample)


def wide_encoding(data: bytes) -> str | None:
    """UTF-16 without a byte order mark: of a Latin script, nearly every other byte is a zero."""
    sample = data[:40_000]
    half = len(sample) // 2
    if half and sample[1::2].count(0) > 0.7 * half and sample[::2].count(0) < 0.05 * half:
        return "utf-16-le"
    if half and sample[::2].count(0) > 0.7 * half and sample[1::2].count(0) < 0.05 * half:
        return "utf-16-be"
    return None


def ending(name: str) -> str:
    """The ending of a file name in lower case, ".gz" left out: "epub" for "Story.EPUB.gz", "" where there is none."""
    stem = re.sub(r"\.gz$", "", name, flags=re.IGNORECASE)
    dot = stem.rfind(".")
    return stem[dot + 1 :].lower() if dot > max(stem.rfind("/"), stem.rfind("\\")) else ""


_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*"
    r"<(?:!doctype\s+html|html|head|body|title|meta|div|p|span|center|h[1-6]|article|section|table)\b",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<(?:/?[a-zA-Z][a-zA-Z0-9]*)(?:\s[^<>]{0,1000})?/?>")


def is_html(text: str, named: str) -> bool:
    """Whether ``text`` is an HTML page or piece of one: by how it begins, or by its ending and a tag in it."""
    head = text[:20_000].lstrip("\ufeff")
    return bool(_PAGE.match(head)) or (ENDINGS.get(named) == "an HTML page" and bool(_TAG.search(text)))
