"""``load``: a path, text or bytes of any supported format -> a manuscript, or one line that says why not."""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from unsaid.errors import SourceError
from unsaid.sources import sniff
from unsaid.sources.limits import MEGABYTE, Limits, megabytes
from unsaid.sources.manuscript import Manuscript
from unsaid.sources.matter import find_matter
from unsaid.sources.text import BOMS, clean, decode, typed_emphasis
from unsaid.story import Source

if TYPE_CHECKING:
    from unsaid.sources.blocks import Draft

KNOWN_ENDING = re.compile(
    r"\.(?:txt|text|md|markdown|html?|xhtml|epub|docx?|gz|pdf|rtf|odt|mobi|azw3?|kfx|zip|json|xml|tei)$", re.IGNORECASE
)


def load(
    source: str | os.PathLike[str] | bytes, *, name: str | None = None, limits: Limits | None = None
) -> Manuscript:
    """Load a story's file.

    :param source: a path; or the text itself (a string that holds a line break, or names no file and does not look
        like a path); or a file's bytes. In a text given as a string, a lone surrogate becomes U+FFFD.
    :param name: what to call it in :attr:`Source.name` and in errors; by default the path, "text" or "bytes". Its
        ending counts as a file's.
    :param limits: bounds on the size of the file and of what is unpacked from it.
    :raises SourceError: if it cannot be read; one line that says what is wrong.
    """
    limits = limits or Limits()
    if isinstance(source, bytes):
        return _from_bytes(source, name or "bytes", limits)
    if isinstance(source, str) and not is_path(source):
        name = name or "text"
        data = source.encode("utf-8", "surrogatepass")
        _check_size(len(data), name, limits)
        _check_content(source, name)
        return _from_text(source, "utf-8", _describe(data, name, "text/plain", "utf-8"))
    path = Path(source)
    return _from_bytes(_read(path, name or str(path), limits), name or str(path), limits)


def is_path(source: str) -> bool:
    """Whether a string is meant as the path of a file, and not as a text."""
    if not source or "\n" in source or "\r" in source or len(source) > 4096 or "\0" in source:
        return False
    if os.path.exists(source) or KNOWN_ENDING.search(source):
        return True
    return source.startswith(("/", "./", "../", "~/")) or (bool(re.search(r"[/\\]", source)) and " " not in source)


def _read(path: Path, name: str, limits: Limits) -> bytes:
    try:
        if path.is_dir():
            raise SourceError(name, "a folder, not a file")
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            _check_size(size, name, limits)
            data = file.read(limits.max_file + 1)  # a pipe or device has no size to check before
    except FileNotFoundError:
        raise SourceError(name, "no such file") from None
    except PermissionError:
        raise SourceError(name, "permission denied") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SourceError(name, f"cannot be read: {why}") from error
    return data


def _check_size(size: int, name: str, limits: Limits) -> None:
    if size > limits.max_file:
        raise SourceError(
            name, f"{megabytes(size)} is over the limit of {megabytes(limits.max_file)}; raise it with --max-size"
        )


def _check_content(text: str, name: str) -> None:
    if not text.strip().strip("\ufeff\0"):
        raise SourceError(name, "empty" if not text else "holds nothing but white space")


def _describe(data: bytes, name: str, media_type: str, encoding: str | None) -> Source:
    return Source(name, media_type, encoding, hashlib.sha256(data).hexdigest(), 0)


def _from_bytes(data: bytes, name: str, limits: Limits) -> Manuscript:
    """Dispatch by content; the ending decides only between Markdown and plain text."""
    _check_size(len(data), name, limits)
    if not data:
        raise SourceError(name, "empty")
    content = _gunzip(data, name, limits) if data.startswith(b"\x1f\x8b") else data
    if not content:
        raise SourceError(name, "empty: nothing is packed in it")
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _from_zip(content, data, name, limits)
    _refuse_binary(content, name)
    decoded = decode(content)
    _check_content(decoded.text, name)
    named = sniff.ending(name)
    if sniff.is_html(decoded.text, named):
        from unsaid.sources.html import read_html  # noqa: PLC0415 - lxml is loaded only for HTML

        draft = read_html(content, decoded, name)
        return _from_draft(draft, _describe(data, name, "text/html", draft.encoding))
    if sniff.ENDINGS.get(named) == "Markdown":
        from unsaid.sources.markdown import read_markdown  # noqa: PLC0415 - the parser is loaded only for Markdown

        draft = read_markdown(decoded.text, name)
        return _from_draft(draft, _describe(data, name, "text/markdown", decoded.encoding))
    return _from_text(decoded.text, decoded.encoding, _describe(data, name, "text/plain", decoded.encoding))


def _gunzip(data: bytes, name: str, limits: Limits) -> bytes:
    bound = min(limits.max_unpacked, max(MEGABYTE, limits.max_ratio * len(data)))
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(data, bound + 1)
    except zlib.error as error:
        raise SourceError(name, f"a broken gzip file: {error}") from None
    if len(content) > bound:
        why = f"unpacks to more than {megabytes(bound)}"
        raise SourceError(name, f"{why}: refused as a decompression bomb")
    if not unpacker.eof:
        raise SourceError(name, "a broken gzip file: it ends too soon")
    if content.startswith(b"\x1f\x8b"):
        raise SourceError(name, "gzip inside gzip; unpack it once first")
    return content


def _refuse_binary(content: bytes, name: str) -> None:
    what = sniff.binary_kind(content)
    if what is None:
        if any(content.startswith(mark) for mark, _ in BOMS) or sniff.wide_encoding(content):
            return
        if not sniff.looks_binary(content):
            return
        what = "binary data"
    named = sniff.ending(name)
    if named in sniff.ENDINGS:
        raise SourceError(name, f"named .{named} but its content is {what}")
    raise SourceError(name, f"{what}, not a text; convert it to EPUB or text first")


def _from_zip(content: bytes, data: bytes, name: str, limits: Limits) -> Manuscript:
    from unsaid.sources.archive import open_archive  # noqa: PLC0415 - zipfile is loaded only for archives

    archive = open_archive(content, name, limits)
    if archive.holds("META-INF/container.xml") or archive.begins("mimetype", b"application/epub+zip"):
        from unsaid.sources.epub import read_epub  # noqa: PLC0415

        return _from_draft(read_epub(archive), _describe(data, name, "application/epub+zip", None))
    if archive.holds("word/document.xml"):
        from unsaid.sources.docx import read_docx  # noqa: PLC0415

        return _from_draft(read_docx(archive, content), _describe(data, name, DOCX_TYPE, None))
    named = sniff.ending(name)
    what = archive.kind()
    if named in sniff.ENDINGS:
        raise SourceError(name, f"named .{named} but its content is {what}")
    raise SourceError(name, f"{what}; unpack it or convert it to EPUB or text first")


DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _from_text(decoded: str, encoding: str, source: Source) -> Manuscript:
    """A plain text: its characters stay, its matter is found by rules."""
    cleaned = clean(decoded)
    if not cleaned.text.strip():
        raise SourceError(source.name, "holds no text")
    matter, metadata = find_matter(cleaned.text)
    manuscript = Manuscript(
        source=source,
        text=cleaned.text,
        matter=matter,
        metadata=metadata,
        emphasis=typed_emphasis(cleaned.text),
        repairs=cleaned.repairs,
        origins=cleaned.origins,
    )
    return _counted(manuscript)


def _from_draft(draft: Draft, source: Source) -> Manuscript:
    """A formatted text: what its format says about matter is known, the rest is found by rules."""
    from unsaid.sources.blocks import settle  # noqa: PLC0415 - plain text needs no blocks

    text, emphasis, known, repairs = settle(draft)
    if not text.strip():
        raise SourceError(source.name, "holds no text")
    matter, metadata = find_matter(text, known=known, metadata=draft.metadata, preface_known=draft.preface_known)
    return _counted(
        Manuscript(source=source, text=text, matter=matter, metadata=metadata, emphasis=emphasis, repairs=repairs)
    )


def _counted(manuscript: Manuscript) -> Manuscript:
    words = sum(len(re.findall(r"\w+", manuscript.text[a:b])) for a, b in manuscript.story_spans())
    return msgspec.structs.replace(manuscript, source=msgspec.structs.replace(manuscript.source, words=words))
