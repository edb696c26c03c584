"""Loading: paths, text and bytes; encodings and repairs; what bad input gets."""

from __future__ import annotations

import gzip
import io
import os
import re
import struct
import zipfile
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_sources_formats import PROSE, container, make_docx, make_epub, make_zip, page

from unsaid.sources import Limits, Manuscript, SourceError, load

if TYPE_CHECKING:
    from pathlib import Path

BODY = "\n\n".join(PROSE)


def why(source: object, **options: object) -> str:
    with pytest.raises(SourceError) as caught:
        load(source, **options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    return caught.value.why


# --- what may be handed in ----------------------------------------------------------------------------------------


def test_a_path_as_string_or_path_and_its_bytes_read_the_same(tmp_path: Path):
    file = tmp_path / "tea.txt"
    file.write_text(BODY, encoding="utf-8")
    by_string, by_path, by_bytes = load(str(file)), load(file), load(BODY.encode(), name=str(file))
    assert by_string == by_path == by_bytes
    assert by_path.source.name == str(file)
    assert len(by_path.source.sha256) == 64


def test_a_string_with_a_line_break_is_the_text_itself():
    assert load(BODY).text == BODY
    assert load(BODY).source.name == "text"


def test_a_string_of_one_line_is_text_unless_it_looks_like_a_path():
    assert load("She said hello. He did not.").text == "She said hello. He did not."
    assert load("now and/or never, she said").text == "now and/or never, she said"


@pytest.mark.parametrize("path", ["missing.txt", "no/such/story", "./story", "story.epub", "My Story.docx", "/nowhere"])
def test_a_string_that_looks_like_a_missing_file(path):
    assert why(path) == "no such file"


def test_words_are_counted_in_the_story_only():
    assert load("Cold Tea\n\nby Ada Penn\n\nHe left. She stayed.").source.words == 4


# --- encodings ----------------------------------------------------------------------------------------------------

SPOKEN = "“I don’t know,” Zoë said—and the café was naïve… ‘Yes.’\n\nShe left the harbour, and it rained all day.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"])
def test_encoding_is_found(encoding):
    manuscript = load(SPOKEN.encode(encoding))
    assert manuscript.text == SPOKEN
    assert manuscript.source.encoding == {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)


def test_plain_ascii_in_utf_16_without_a_mark():
    assert load("She left. It rained.\n".encode("utf-16-le")).text == "She left. It rained.\n"


def test_a_byte_order_mark_is_a_repair():
    repairs = load(SPOKEN.encode("utf-8-sig")).repairs
    assert [(r.start, r.end, r.kind, r.was) for r in repairs] == [(0, 0, "byte order mark", "\ufeff")]


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_line_ends_become_lf_and_are_no_repair(ends):
    manuscript = load(SPOKEN.replace("\n", ends).encode())
    assert manuscript.text == SPOKEN
    assert manuscript.repairs == ()


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "latin-1"])
def test_mojibake_is_undone_and_recorded(encoding):
    broken = "He didn’t. The café.".encode().decode(encoding)
    manuscript = load(broken + "\n")
    assert manuscript.text.startswith("He didn’t.")
    assert "café" in manuscript.text
    assert {r.kind for r in manuscript.repairs} <= {"mojibake", "control character"}
    assert undone(manuscript) == broken + "\n"


@pytest.mark.parametrize(
    "text", ["“É—”", "naïve— “Ça va?” …", "½ ﬁne ﬂight ｗｉｄｅ", "‘Öl’ «Être»", "Łódź, Ångström", "日本語の本"]
)
def test_what_is_meant_is_not_repaired(text):
    manuscript = load(text + "\nShe left.\n")
    assert manuscript.text == text + "\nShe left.\n"
    assert manuscript.repairs == ()


def test_control_characters_are_taken_away_on_record():
    manuscript = load(b"She\x00 left\x08.\n\x0c\nHe stay\xc2\xaded.\n")
    assert manuscript.text == "She left.\n\x0c\nHe stayed.\n"
    assert [r.kind for r in manuscript.repairs] == ["control character", "control character", "invisible character"]


def test_a_stray_windows_byte_in_utf_8():
    manuscript = load("Zoë – ‘so’ – said: Été, ".encode() + b"don\x92t.\n")
    assert manuscript.text.endswith("don’t.\n")
    assert [(r.kind, r.was) for r in manuscript.repairs] == [("stray byte", "\\x92")]


def undone(manuscript: Manuscript) -> str:
    """The decoded source again: repairs replayed backwards (escapes stand for what is no character)."""
    text = manuscript.text
    for repair in reversed(manuscript.repairs):
        text = text[: repair.start] + repair.was + text[repair.end :]
    return text


# Characters of every kind that is treated apart, mixed with letters; NUL-heavy texts are refused as binary.
_ODD = st.text(alphabet="ab .\n\r\x01\x7f\x0b\x0c\u00ad\u200b\ufeff\x93Ã©â€™“”é\U0001f600", max_size=80)


@given(_ODD)
def test_repairs_taken_back_give_the_source(noise):
    source = "She left. It rained all day.\n" + noise
    manuscript = load(source)
    assert undone(manuscript) == source.replace("\r\n", "\n").replace("\r", "\n")


@given(_ODD)
def test_origins_lead_back_to_the_source(noise):
    source = "She left. It rained all day.\n" + noise
    manuscript = load(source)
    changed = {i for r in manuscript.repairs for i in range(r.start, r.end)}
    pairs = [*manuscript.origins, (len(manuscript.text) + 1, 0)]
    for (new, old), (stop, _) in pairwise(pairs):
        for at in range(new, min(stop, len(manuscript.text))):
            if at not in changed:
                assert manuscript.text[at] == source[old + at - new].replace("\r", "\n")


# --- emphasis in plain text ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "inner", "kind"),
    [
        ("She was _very_ late.", "very", "italic"),
        ("She was *very* late.", "very", "italic"),
        ("She was **very late**.", "very late", "bold"),
        ("She was /very/ late.", "very", "italic"),
        ("_Where is he,\nand why?_ she thought.", "Where is he,\nand why?", "italic"),
    ],
)
def test_typed_emphasis(text, inner, kind):
    manuscript = load(f"{text}\n\nIt rained.\n")
    assert [(manuscript.text[e.start : e.end], e.kind) for e in manuscript.emphasis] == [(inner, kind)]


@pytest.mark.parametrize(
    "text", ["and/or and/or", "2 * 3 * 4", "snake_case_name", "* * *", "http://a.b/c/d", "he/she/they", "_ _", "~*~*~"]
)
def test_no_emphasis(text):
    assert load(f"{text}\n\nIt rained.\n").emphasis == ()


# --- bad input ----------------------------------------------------------------------------------------------------


def test_empty_and_blank(tmp_path: Path):
    (tmp_path / "a.txt").write_bytes(b"")
    assert why(tmp_path / "a.txt") == "empty"
    assert why("") == "empty"
    assert why(b" \r\n\t ") == "holds nothing but white space"
    assert why(gzip.compress(b"")) == "empty: nothing is packed in it"


def test_folder_and_unreadable(tmp_path: Path):
    assert why(tmp_path) == "a folder, not a file"
    if os.geteuid() != 0:
        locked = tmp_path / "locked.txt"
        locked.write_text("She left.")
        locked.chmod(0)
        assert why(locked) == "permission denied"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a PNG image"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF document"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "a JPEG image"),
        (b"\x7fELF" + bytes(50), "an ELF program"),
        (b"ID3\x04" + bytes(50), "an MP3 recording"),
        (b"SQLite format 3\x00" + bytes(50), "an SQLite database"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(50), "an old Microsoft Office document (.doc)"),
        (bytes(60) + b"BOOKMOBI" + bytes(50), "a Mobipocket or Kindle book"),
        (b"{\\rtf1\\ansi She left.}", "an RTF document"),
        (bytes(range(256)) * 20, "binary data"),
    ],
)
def test_binary_is_named(data, what):
    assert why(data, name="story") == f"{what}, not a text; convert it to EPUB or text first"
    assert why(data, name="story.epub") == f"named .epub but its content is {what}"


def test_a_story_that_begins_like_a_format_is_a_story():
    assert load(b"ID3 was the name of the robot.\n\nIt left.").text.startswith("ID3")
    assert load(b"BM\n\nShe left.").text.startswith("BM")


def test_a_zip_that_is_no_book():
    assert why(make_zip({"a.txt": "She left."}), name="story.zip").startswith("a ZIP archive")
    assert why(make_zip({"a.txt": "She left."}), name="a.docx") == "named .docx but its content is a ZIP archive"
    assert why(make_zip({"xl/workbook.xml": ""})).startswith("an Excel workbook")


def test_content_wins_over_an_ending_where_it_can_be_read():
    assert load(make_docx(), name="story.epub").source.media_type.endswith("wordprocessingml.document")
    assert load(BODY.encode(), name="story.epub").text == BODY


def test_over_the_size_limit(tmp_path: Path):
    file = tmp_path / "long.txt"
    file.write_text("She left. " * 100)
    assert (
        why(file, limits=Limits(max_file=500)) == "1000 bytes is over the limit of 500 bytes; raise it with --max-size"
    )
    assert load(file, limits=Limits(max_file=1000)).source.words == 200
    assert "over the limit" in why("She left.\n" * 100, limits=Limits(max_file=500))


def test_gzip_bomb_truncated_and_nested():
    assert "decompression bomb" in why(gzip.compress(b"a" * 20_000_000))
    assert "ends too soon" in why(gzip.compress(BODY.encode())[:-12])
    assert "broken gzip" in why(b"\x1f\x8b\x08" + b"junk" * 9)
    assert "gzip inside gzip" in why(gzip.compress(gzip.compress(BODY.encode())))


def encryption(algorithm: str) -> str:
    return (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData '
        f'xmlns="http://www.w3.org/2001/04/xmlenc#"><EncryptionMethod Algorithm="{algorithm}"/>'
        "</EncryptedData></encryption>"
    )


def test_drm():
    locked = {"META-INF/encryption.xml": encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc")}
    assert "DRM" in why(make_epub({"a.xhtml": page(BODY)}, extra=locked), name="a.epub")


def test_epub_that_is_broken():
    whole = make_epub({"a.xhtml": page(BODY)})
    assert "broken ZIP archive" in why(whole[: len(whole) // 2])
    assert "no package file" in why(
        make_zip({"mimetype": "application/epub+zip", "META-INF/container.xml": container()})
    )
    assert "spine" in why(make_epub({}))
    assert "without any text" in why(make_epub({"a.xhtml": page("")}))


def test_epub_with_a_password():
    data = bytearray(make_epub({"a.xhtml": page(BODY)}))
    for found in re.finditer(rb"PK\x01\x02", bytes(data)):
        data[found.start() + 8] |= 1
    assert "password" in why(bytes(data))


@pytest.mark.parametrize("path", ["../outside.xhtml", "/etc/passwd", "C:/windows/x", "a/../../b", "..\\x"])
def test_paths_that_climb_out(path):
    assert "hostile archive" in why(make_epub({"a.xhtml": page(BODY)}, extra={path: "x"}))


def test_a_link_that_climbs_out():
    assert "points outside" in why(
        make_epub({"../../a.xhtml": page(BODY)}, order=[]).replace(b"OEBPS/../../", b"OEBPS/x//x/x")
    )


def test_zip_bombs():
    assert "decompression bomb" in why(make_epub({"a.xhtml": "a" * 30_000_000}))
    assert "over the limit of 5 bytes" in why(make_docx(), limits=Limits(max_unpacked=5))
    many = make_zip({f"f{n}": "" for n in range(60)})
    assert "60 files, over the limit of 50" in why(many, limits=Limits(max_entries=50))


def test_an_archive_that_lies_about_its_sizes():
    data = bytearray(make_epub({"a.xhtml": page("x" * 100_000)}))
    for found in re.finditer(rb"PK\x01\x02", bytes(data)):
        struct.pack_into("<I", data, found.start() + 24, 10)  # the size that the directory states
    assert why(bytes(data))


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><html xmlns='http://www.w3.org/1999/xhtml'><body><p>&j;</p></body></html>"
)


def test_entity_bombs_do_not_unfold():
    assert "entities" in why(make_epub({"a.xhtml": LAUGHS}))
    assert "entities" in why(
        make_epub(
            {"a.xhtml": LAUGHS.encode("utf-16").decode("latin-1")}, extra={"OEBPS/a.xhtml": LAUGHS.encode("utf-16")}
        )
    )
    replaced = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(make_docx())) as old, zipfile.ZipFile(replaced, "w") as new:
        for name in old.namelist():
            new.writestr(name, LAUGHS if name == "word/document.xml" else old.read(name))
    assert "entities" in why(replaced.getvalue())
    assert len(load(LAUGHS.encode(), name="a.html").text) < 10_000


def test_an_entity_from_outside_is_refused(tmp_path: Path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    xml = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}">]><html><body><p>She left. &x;</p></body></html>'
    assert "entities" in why(make_epub({"a.xhtml": xml}))
    assert "the secret" not in load(xml.encode(), name="a.html").text


def test_docx_that_is_broken():
    assert "broken Word document" in why(make_zip({"word/document.xml": "<a/>", "[Content_Types].xml": "<Types/>"}))
