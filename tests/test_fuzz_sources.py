"""Any byte string ends in a manuscript that keeps its promises, or in one line that says what is wrong.

Each format's valid bytes are mutated; ``UNSAID_FUZZ`` multiplies how many examples are tried.
"""

from __future__ import annotations

import gzip
import io
import os
import zipfile

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_sources_formats import (
    CHAPTER,
    FANFICFARE,
    PROSE,
    archive_download,
    make_docx,
    make_epub,
    make_zip,
    page,
    paragraphs,
)

from unsaid.sources import Limits, Manuscript, SourceError, load

EXAMPLES = int(os.environ.get("UNSAID_FUZZ", "1"))
LIMITS = Limits(max_file=1_000_000, max_unpacked=5_000_000)
HEADER = b"Cold Tea\n\nby Ada Penn\n\nRating: T\nSummary: He came back.\n\nA/N: first fic!\n\n-----\n\nChapter 1\n\n"

TEXT = HEADER + "\n\n".join(PROSE).encode()
HTML = archive_download(CHAPTER).encode()
EPUB = make_epub({"title.xhtml": page("Cold Tea"), "a.xhtml": page(paragraphs(*PROSE))})
DOCX = make_docx()

# Pieces that mean something to one of the formats, and ones that mean nothing to any.
TOKENS = st.sampled_from(
    [b"<", b">", b"&", b"<p>", b"</p>", b"<![CDATA[", b"&#0;", b"&#x110000;", b"<!ENTITY a 'b'>", b"<!DOCTYPE",
     b"\x00", b"\xff",
     b"\n\n", b"\r", b"\x0c", b"A/N:", b"[A/N", b"* * *", b"Rating:", b"Chapter 2\n\n", b"1.\n\n", b'"', b"_", b"*",
     b"---\n",
     b"PK\x01\x02", b"PK\x05\x06", b"\x1f\x8b", b"\xed\xa0\x80", b"\xe2\x80", b"<table class='full'>", b"by ",
     b"Contents\n\n",
     b"<div id='preface'>", b"\xef\xbb\xbf", b"<?xml version='1.0' encoding='utf-7'?>",
     b"*** START OF THIS PROJECT GUTENBERG"]
)  # fmt: skip
EDITS = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 40), st.one_of(TOKENS, st.binary(max_size=6))),
    max_size=8,
)


def mutate(data: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    """``data`` with each edit made: at a share of its length, so many bytes replaced by others."""
    for share, size, new in edits:
        at = int(share * len(data))
        data = data[:at] + new + data[at + size :]
    return data


def repack(data: bytes, member: float, edits: list[tuple[float, int, bytes]]) -> bytes:
    """A zip archive with one of its files mutated: the archive stays whole, its content does not."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    chosen = list(files)[int(member * len(files))]
    files[chosen] = mutate(bytes(files[chosen]), edits)  # type: ignore[arg-type]
    return make_zip(files)


def check(data: bytes, name: str) -> None:
    """Load; either way, what comes out keeps its promises."""
    try:
        manuscript = load(data, name=name, limits=LIMITS)
    except SourceError as error:
        refused = str(error)
    else:
        assert_sound(manuscript)
        assert load(data, name=name, limits=LIMITS) == manuscript
        return
    assert refused.startswith(f"{name}: ")
    assert len(refused.splitlines()) == 1


def assert_sound(manuscript: Manuscript) -> None:
    """Spans in bounds, in order, not overlapping, without white space at their ends; JSON can be written."""
    size, at = len(manuscript.text), 0
    for m in manuscript.matter:
        assert at <= m.start < m.end <= size
        inside = manuscript.text[m.start : m.end]
        assert inside == "\f" or inside == inside.strip()
        at = m.end
    for e in manuscript.emphasis:
        assert 0 <= e.start < e.end <= size
    for r in manuscript.repairs:
        assert 0 <= r.start <= r.end <= size
    assert "\r" not in manuscript.text
    assert msgspec.json.decode(msgspec.json.encode(manuscript), type=Manuscript) == manuscript


def fuzzed(count: int):
    return settings(
        max_examples=count * EXAMPLES,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        derandomize=EXAMPLES == 1,
    )


@fuzzed(150)
@given(EDITS)
def test_text(edits):
    check(mutate(TEXT, edits), "a.txt")


@fuzzed(100)
@given(st.binary(max_size=300))
def test_any_bytes(data):
    check(data, "a")


@fuzzed(100)
@given(st.text(max_size=200))
def test_any_text(text):
    check(text.encode("utf-8", "surrogatepass"), "a.txt")


@fuzzed(60)
@given(st.sampled_from(["utf-16", "utf-16-le", "cp1252", "mac_roman", "utf-8-sig"]), EDITS)
def test_encodings(encoding, edits):
    check(mutate(TEXT.decode().encode(encoding), edits), "a.txt")


@fuzzed(100)
@given(st.sampled_from([HTML, FANFICFARE.encode(), page(paragraphs(*PROSE)).encode()]), EDITS)
def test_html(data, edits):
    check(mutate(data, edits), "a.html")


@fuzzed(80)
@given(EDITS)
def test_markdown(edits):
    check(mutate(b"# Cold Tea\n\n## Chapter 1\n\n*He* left __now__.\n\n> x\n\n- a\n\n***\n\n" + TEXT, edits), "a.md")


@fuzzed(60)
@given(EDITS)
def test_epub(edits):
    check(mutate(EPUB, edits), "a.epub")


@fuzzed(60)
@given(st.floats(0, 1, exclude_max=True), EDITS)
def test_epub_inside(member, edits):
    check(repack(EPUB, member, edits), "a.epub")


@fuzzed(25)
@given(EDITS)
def test_docx(edits):
    check(mutate(DOCX, edits), "a.docx")


@fuzzed(40)
@given(st.floats(0, 1, exclude_max=True), EDITS)
def test_docx_inside(member, edits):
    check(repack(DOCX, member, edits), "a.docx")


@fuzzed(60)
@given(st.sampled_from([TEXT, HTML, EPUB]), EDITS)
def test_gzip(data, edits):
    check(mutate(gzip.compress(data, mtime=0), edits), "a.gz")


@pytest.mark.parametrize("size", [1, 10, 100, 1000])
def test_what_is_cut_off(size):
    for data, name in ((EPUB, "a.epub"), (DOCX, "a.docx"), (HTML, "a.html"), (gzip.compress(TEXT, mtime=0), "a.gz")):
        check(data[:-size] if size < len(data) else data[:1], name)
