"""Formatted sources: what comes out of HTML, EPUB, DOCX and Markdown. The fixtures are built here, by code."""

from __future__ import annotations

import gzip
import io
import zipfile

import docx
import pytest

from unsaid.sources import Manuscript, load

PROSE = (
    "The kettle had gone cold again, and Maren had not noticed.",
    "“You could have written,” said Tobias from the doorway.",
    "She set the cup down. Nobody writes from there.",
)


def story(manuscript: Manuscript) -> str:
    return "".join(manuscript.text[a:b] for a, b in manuscript.story_spans())


def matter(manuscript: Manuscript, kind: str) -> list[str]:
    return [manuscript.text[m.start : m.end] for m in manuscript.matter if m.kind == kind]


def emphasised(manuscript: Manuscript, kind: str = "italic") -> list[str]:
    return [manuscript.text[e.start : e.end] for e in manuscript.emphasis if e.kind == kind]


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{t}</p>\n" for t in texts)


def archive_download(chapters: str) -> str:
    """AO3's HTML work download."""
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"/><title>Cold Tea - penname - Lighthouse (Game)
</title><style>p.message {{ text-align: center; }}</style></head><body>
<div id="preface"><h2 class="toc-heading">Preface</h2>
<p class="message"><b>Cold Tea</b><br/>Posted originally on the <a href="http://archiveofourown.org/">Archive of Our Own
</a> at <a href="http://archiveofourown.org/works/123">http://archiveofourown.org/works/123</a>.</p>
<div class="meta"><dl class="tags">
<dt>Rating:</dt><dd><a href="/t">Teen And Up Audiences</a></dd>
<dt>Archive Warning:</dt><dd><a>No Archive Warnings Apply</a></dd>
<dt>Category:</dt><dd><a>F/M</a></dd>
<dt>Fandoms:</dt><dd><a>Lighthouse (Game)</a>, <a>Harbour Tales</a></dd>
<dt>Relationship:</dt><dd><a>Maren Ostberg/Tobias Finch</a></dd>
<dt>Characters:</dt><dd><a>Maren Ostberg</a>, <a>Tobias Finch</a></dd>
<dt>Additional Tags:</dt><dd><a>Angst</a>, <a>Letters</a></dd>
<dt>Language:</dt><dd>English</dd>
<dt>Series:</dt><dd>Part 1 of <a>Harbour</a></dd>
<dt>Stats:</dt><dd>Published: 2019-03-01 Completed: 2019-04-01 Words: 1,234 Chapters: 2/2</dd></dl>
<h1>Cold Tea</h1><div class="byline">by <a rel="author">penname</a></div>
<p>Summary</p><blockquote class="userstuff"><p>He came back in winter.</p></blockquote>
<p>Notes</p><blockquote class="userstuff"><p>For the exchange.</p><p>See you at the end.</p></blockquote>
</div></div>
<div id="chapters" class="userstuff">{chapters}</div>
<div id="afterword"><h2 class="toc-heading">Afterword</h2><div class="meta"><div id="endnotes"><p>End Notes</p>
<blockquote class="userstuff"><p>The tea is real.</p></blockquote></div></div>
<p class="message">Please <a href="x">drop by the Archive and comment</a> to let the creator know!</p></div>
</body></html>"""


CHAPTER = """<div class="meta group"><h2 class="heading">Chapter 1: The Door</h2>
<p>Chapter Notes</p><blockquote class="userstuff"><p>Short one.</p></blockquote></div>
<div class="userstuff"><p>The kettle had gone <em>cold</em> again.</p><p>“You could have written.”</p><hr/>
<p><i>Nobody writes from there.</i></p></div>
<div class="meta" id="endnotes1"><p>Chapter End Notes</p>
<blockquote class="userstuff"><p>More soon.</p></blockquote></div>
"""


def container(opf: str = "OEBPS/content.opf") -> str:
    return (
        '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        f'<rootfiles><rootfile full-path="{opf}" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )


def make_epub(
    pages: dict[str, str],
    *,
    metadata: str = "",
    extra: dict[str, str | bytes] | None = None,
    order: list[str] | None = None,
) -> bytes:
    """An EPUB whose spine goes through ``pages`` in ``order``."""
    items = "".join(
        f'<item id="i{n}" href="{href}" media-type="application/xhtml+xml"/>' for n, href in enumerate(pages)
    )
    number = {href: n for n, href in enumerate(pages)}
    spine = "".join(f'<itemref idref="i{number[href]}"/>' for href in order or pages)
    sheet = '<item id="css" href="style.css" media-type="text/css"/>'
    opf = (
        '<?xml version="1.0" encoding="utf-8"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>Cold Tea</dc:title><dc:creator>Ada Penn</dc:creator><dc:language>en</dc:language>{metadata}"
        "</metadata>"
        f"<manifest>{sheet}{items}</manifest><spine>{spine}</spine></package>"
    )
    files: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": container(),
        "OEBPS/content.opf": opf,
        "OEBPS/style.css": ".slanted { font-style: italic; } p.note { color: red }",
        **{f"OEBPS/{href}": page for href, page in pages.items()},
        **(extra or {}),
    }
    return make_zip(files)


def make_zip(files: dict[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return packed.getvalue()


def page(body: str, *, kind: str = "", title: str = "x") -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>{title}</title></head><body{kind}>{body}</body></html>'
    )


def make_docx() -> bytes:
    document = docx.Document()
    document.core_properties.author = "Ada Penn"
    document.core_properties.title = ""
    document.add_paragraph("Cold Tea", style="Title")
    document.add_heading("Chapter 1", level=1)
    first = document.add_paragraph("The kettle had gone ")
    first.add_run("cold").italic = True
    first.add_run(" again.")
    document.add_paragraph("“You could have written.”")
    document.add_paragraph("* * *")
    bold = document.add_paragraph()
    bold.add_run("Never").bold = True
    bold.add_run(" again.")
    document.add_page_break()
    document.add_paragraph("Nobody writes from there.")
    packed = io.BytesIO()
    document.save(packed)
    return packed.getvalue()


# --- HTML ---------------------------------------------------------------------------------------------------------


def test_ao3_download_gives_its_metadata():
    metadata = load(archive_download(CHAPTER).encode(), name="tea.html").metadata
    assert metadata.title == "Cold Tea"
    assert metadata.author == "penname"
    assert metadata.rating == "Teen And Up Audiences"
    assert metadata.warnings == ("No Archive Warnings Apply",)
    assert metadata.categories == ("F/M",)
    assert metadata.fandoms == ("Lighthouse (Game)", "Harbour Tales")
    assert metadata.relationships == ("Maren Ostberg/Tobias Finch",)
    assert metadata.characters == ("Maren Ostberg", "Tobias Finch")
    assert metadata.tags == ("Angst", "Letters")
    assert metadata.language == "English"
    assert metadata.series == "Part 1 of Harbour"
    assert (metadata.published, metadata.updated, metadata.status) == ("2019-03-01", "2019-04-01", "Complete")
    assert metadata.summary == "He came back in winter."
    assert metadata.source_url == "http://archiveofourown.org/works/123"
    assert "The tea is real." in metadata.notes


def test_ao3_download_leaves_only_the_story():
    manuscript = load(archive_download(CHAPTER).encode(), name="tea.html")
    assert [p for p in story(manuscript).split("\n\n") if p] == [
        "The kettle had gone cold again.",
        "“You could have written.”",
        "Nobody writes from there.",
    ]
    assert matter(manuscript, "heading") == ["Chapter 1: The Door"]
    assert matter(manuscript, "break") == ["***"]
    assert "Short one." in matter(manuscript, "note")
    assert emphasised(manuscript) == ["cold", "Nobody writes from there."]


def test_ao3_download_of_one_chapter_has_no_heading_of_its_own():
    body = f'<h2 class="toc-heading">Cold Tea</h2><div class="userstuff">{paragraphs(*PROSE)}</div>'
    manuscript = load(archive_download(body).encode(), name="tea.html")
    assert story(manuscript).strip().split("\n\n") == list(PROSE)
    assert matter(manuscript, "heading") == []


def test_saved_ao3_page_keeps_work_and_drops_site():
    html = f"""<html><body><div id="header"><h1>Archive of Our Own</h1></div><div id="main">
    <dl class="work meta group"><dt class="rating tags">Rating:</dt>
    <dd class="rating tags"><ul><li><a>Mature</a></li></ul>
    </dd></dl><div id="workskin"><div class="preface group"><h2 class="title heading">Cold Tea</h2>
    <h3 class="byline heading"><a rel="author">penname</a></h3><div class="summary module">
    <h3 class="heading">Summary:</h3>
    <blockquote class="userstuff"><p>He came back.</p></blockquote></div></div>
    <div id="chapters"><div class="userstuff">
    <h3 class="landmark heading" id="work">Work Text:</h3>{paragraphs(*PROSE)}</div></div></div>
    <div id="feedback"><p>Kudos</p></div></div></body></html>"""
    manuscript = load(html.encode(), name="page.html")
    assert manuscript.metadata.title == "Cold Tea"
    assert manuscript.metadata.author == "penname"
    assert manuscript.metadata.rating == "Mature"
    assert manuscript.metadata.summary == "He came back."
    assert story(manuscript).strip().split("\n\n") == list(PROSE)


def test_saved_fanfiction_net_page():
    html = f"""<html><head><title>Cold Tea Chapter 2, a lighthouse fanfic | FanFiction</title></head><body>
    <div id="top"><div class="menulink">Browse Just In Community</div></div>
    <div id="pre_story_links"><a href="/game/">Games</a><a href="/game/Lighthouse/">Lighthouse</a></div>
    <div id="profile_top"><button>Follow/Fav</button><b class="xcontrast_txt">Cold Tea</b> By: <a class="xcontrast_txt"
    href="/u/77/penname">penname</a><div class="xcontrast_txt">He came back in winter. One-shot.</div>
    <span class="xgray xcontrast_txt">Rated: <a>Fiction  T</a> - English - Romance/Hurt/Comfort - [Maren O., Tobias F.]
    Gull - Chapters: 2 - Words: 1,234 - Reviews: 5 - Updated: <span>4/1/2019</span> - Published: <span>3/1/2019</span> -
    Status: Complete - id: 123</span></div>
    <select id="chap_select"><option value="1">1. Cold</option><option value="2" selected>2. The Door</option></select>
    <div id="storytext">{paragraphs(*PROSE)}<hr size="1" noshade>{paragraphs("He left.")}</div>
    <div>The author would like to thank you</div></body></html>"""
    manuscript = load(html.encode(), name="page.html")
    metadata = manuscript.metadata
    assert (metadata.title, metadata.author, metadata.rating) == ("Cold Tea", "penname", "T")
    assert metadata.genres == ("Romance", "Hurt", "Comfort")
    assert metadata.relationships == ("Maren O./Tobias F.",)
    assert metadata.characters == ("Maren O.", "Tobias F.", "Gull")
    assert (metadata.published, metadata.status, metadata.fandoms) == ("3/1/2019", "Complete", ("Lighthouse",))
    assert matter(manuscript, "heading") == ["2. The Door"]
    assert [p for p in story(manuscript).split("\n\n") if p] == [*PROSE, "He left."]


FANFICFARE = f"""<!DOCTYPE html><html><head><meta charset="UTF-8"><title>Cold Tea by penname</title></head><body>
<h1><a href="https://example.org/s/1">Cold Tea</a> by
<a class="authorlink" href="https://example.org/u/1">penname</a></h1>
<table class="full"><tr><td><b>Category:</b></td><td>Lighthouse</td></tr>
<tr><td><b>Genre:</b></td><td>Romance, Drama</td>
</tr><tr><td><b>Status:</b></td><td>Completed</td></tr><tr><td><b>Rating:</b></td><td>T</td></tr>
<tr><td><b>Summary:</b></td><td>He came back in winter.</td></tr></table>
<a name="TOCTOP"><h2>Table of Contents</h2></a><p><a href="#section0001">1. Cold</a><br />
<a href="#section0002">2. The Door
</a><br /></p><a name="section0001"><h2>1. Cold</h2></a>{paragraphs(*PROSE)}
<a name="section0002"><h2>2. The Door</h2></a>
{paragraphs("He left.")}</body></html>"""


def test_fanficfare_html():
    manuscript = load(FANFICFARE.encode(), name="story.html")
    metadata = manuscript.metadata
    assert (metadata.title, metadata.author, metadata.rating) == ("Cold Tea", "penname", "T")
    assert metadata.genres == ("Romance", "Drama")
    assert (metadata.fandoms, metadata.categories) == (("Lighthouse",), ())
    assert metadata.summary == "He came back in winter."
    assert metadata.source_url == "https://example.org/s/1"
    assert matter(manuscript, "heading") == ["1. Cold", "2. The Door"]
    assert [p for p in story(manuscript).split("\n\n") if p] == [*PROSE, "He left."]


def test_generic_page_keeps_the_article():
    html = f"""<html lang="en"><head><title>Cold Tea - a blog</title><script>var x = "said";</script></head><body>
    <nav><a href="/">Home</a></nav>
    <ul><li><a href="/a">One</a></li><li><a href="/b">Two</a></li><li><a href="/c">Three</a></ul>
    <article><h1>Cold Tea</h1><h2>I. The Door</h2>{paragraphs(*PROSE)}</article>
    <footer>Copyright</footer></body></html>"""
    manuscript = load(html.encode(), name="page.html")
    assert manuscript.text.startswith("Cold Tea")
    assert "Copyright" not in manuscript.text
    assert "Home" not in manuscript.text
    assert manuscript.metadata.title == "Cold Tea"
    assert matter(manuscript, "heading") == ["I. The Door"]
    assert story(manuscript).strip().split("\n\n") == list(PROSE)


def test_html_line_breaks_styles_and_nested_emphasis():
    html = (
        "<html><body><p>Ann<br>Bob</p><p>x <span style='font-style: italic'>leaned <b>hard</b></span> y</p>"
        "<div>One.<br><br>Two.</div><p>&nbsp;</p><pre>a\n  b</pre></body></html>"
    )
    manuscript = load(html.encode(), name="p.html")
    assert manuscript.text == "Ann\nBob\n\nx leaned hard y\n\nOne.\n\nTwo.\n\na\nb"
    assert emphasised(manuscript) == ["leaned hard"]
    assert emphasised(manuscript, "bold") == ["hard"]


def test_html_without_a_title_uses_the_header_in_its_text():
    html = f"<html><body>{paragraphs('Cold Tea', 'by Ada Penn', 'Rating: K', *PROSE)}</body></html>"
    metadata = load(html.encode(), name="p.html").metadata
    assert (metadata.title, metadata.author, metadata.rating) == ("Cold Tea", "Ada Penn", "K")


def test_html_in_its_declared_charset():
    html = '<html><head><meta charset="windows-1252"></head><body><p>“Zoë—” she said.</p></body></html>'
    assert load(html.encode("cp1252"), name="p.html").text == "“Zoë—” she said."


def test_html_nested_100_000_deep_keeps_its_text():
    html = "<html><body>" + "<div>" * 100_000 + "The last word." + "</div>" * 100_000 + "</body></html>"
    assert load(html.encode(), name="p.html").text == "The last word."


def test_text_file_that_holds_html_is_read_as_html():
    manuscript = load(b"<html><body><p>He <i>left</i>.</p></body></html>", name="story.txt")
    assert manuscript.text == "He left."
    assert manuscript.source.media_type == "text/html"


# --- EPUB ---------------------------------------------------------------------------------------------------------


def test_epub_reads_the_spine_in_order():
    pages = {
        "b.xhtml": page("<h1>Chapter 2</h1>" + paragraphs("Second.")),
        "a.xhtml": page("<h1>Chapter 1</h1>" + paragraphs("First &nbsp;and <span class='slanted'>slow</span>.")),
    }
    manuscript = load(make_epub(pages, order=["a.xhtml", "b.xhtml"]), name="tea.epub")
    assert manuscript.text == "Chapter 1\n\nFirst and slow.\n\nChapter 2\n\nSecond."
    assert matter(manuscript, "heading") == ["Chapter 1", "Chapter 2"]
    assert emphasised(manuscript) == ["slow"]
    assert (manuscript.metadata.title, manuscript.metadata.author) == ("Cold Tea", "Ada Penn")
    assert manuscript.metadata.language == "en"
    assert manuscript.source.media_type == "application/epub+zip"


def test_epub_front_pages_are_boilerplate():
    pages = {
        "title.xhtml": page(paragraphs("Cold Tea", "Ada Penn", "Harbour Press"), kind=' epub:type="titlepage"'),
        "nav.xhtml": page(
            "<nav epub:type='toc'><ol><li><a href='a.xhtml'>One</a></li></ol></nav>", kind=' epub:type="toc"'
        ),
        "a.xhtml": page(paragraphs(*PROSE)),
    }
    manuscript = load(make_epub(pages), name="tea.epub")
    assert story(manuscript).strip().split("\n\n") == list(PROSE)
    assert "Harbour Press" in matter(manuscript, "boilerplate")


def test_epub_of_ao3():
    preface, rest = archive_download("@@").split("@@")
    start = preface.index('<div id="preface">')
    pages = {
        "split_000.xhtml": page(preface[start : preface.index('<div id="chapters"')]),
        "split_001.xhtml": page(CHAPTER),
        "split_002.xhtml": page(rest[rest.index('<div id="afterword"') : rest.index("</body>")]),
    }
    manuscript = load(make_epub(pages), name="tea.epub")
    assert manuscript.metadata.rating == "Teen And Up Audiences"
    assert manuscript.metadata.relationships == ("Maren Ostberg/Tobias Finch",)
    assert "The tea is real." in manuscript.metadata.notes
    assert [p for p in story(manuscript).split("\n\n") if p] == [
        "The kettle had gone cold again.",
        "“You could have written.”",
        "Nobody writes from there.",
    ]


def test_epub_of_fanficfare():
    title = """<h3><a href="https://example.org/s/1">Cold Tea</a> by
    <a class="authorlink" href="u">penname</a></h3><div>
    <b>Genre:</b> Romance, Drama<br /><b>Rating:</b> T<br /><b>Summary:</b> He came back in winter.<br /></div>"""
    contents = "<div><h3>Table of Contents</h3><a href='file0001.xhtml'>1. Cold</a><br/></div>"
    pages = {
        "title_page.xhtml": page(title, kind=' class="fff_titlepage"'),
        "toc_page.xhtml": page(contents, kind=' class="fff_tocpage"'),
        "file0001.xhtml": page(
            f"<h3 class='fff_chapter_title'>1. Cold</h3>{paragraphs(*PROSE)}", kind=' class="fff_chapter"'
        ),
    }
    manuscript = load(make_epub(pages), name="tea.epub")
    assert manuscript.metadata.genres == ("Romance", "Drama")
    assert manuscript.metadata.summary == "He came back in winter."
    assert matter(manuscript, "heading") == ["1. Cold"]
    assert story(manuscript).strip().split("\n\n") == list(PROSE)


def test_epub_with_scrambled_fonts_is_no_drm():
    obfuscated = """<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
    xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:EncryptionMethod
    Algorithm="http://www.idpf.org/2008/embedding"/></enc:EncryptedData></encryption>"""
    epub = make_epub({"a.xhtml": page(paragraphs(*PROSE))}, extra={"META-INF/encryption.xml": obfuscated})
    assert story(load(epub, name="tea.epub")).split("\n\n") == list(PROSE)


# --- DOCX, Markdown, gzip -----------------------------------------------------------------------------------------


def test_docx():
    manuscript = load(make_docx(), name="tea.docx")
    assert manuscript.metadata.title == "Cold Tea"
    assert manuscript.metadata.author == "Ada Penn"
    assert matter(manuscript, "heading") == ["Chapter 1"]
    assert matter(manuscript, "break") == ["* * *", "***"]
    assert emphasised(manuscript) == ["cold"]
    assert emphasised(manuscript, "bold") == ["Never"]
    assert "The kettle had gone cold again.\n\n“You could have written.”" in manuscript.text


def test_markdown():
    body = "The kettle had\ngone *cold* and __never__ warm.\n\n***\n\n“A \\*star\\*,” he said."
    text = f"# Cold Tea\n\n## Chapter 1\n\n{body}"
    manuscript = load(text.encode(), name="tea.md")
    assert manuscript.metadata.title == "Cold Tea"
    assert matter(manuscript, "heading") == ["Chapter 1"]
    assert matter(manuscript, "break") == ["***"]
    assert story(manuscript).strip().split("\n\n") == [
        "The kettle had gone cold and never warm.",
        "",
        "“A *star*,” he said.",
    ]
    assert emphasised(manuscript) == ["cold"]
    assert emphasised(manuscript, "bold") == ["never"]


def test_markdown_front_matter_is_header():
    text = "---\ntitle: Cold Tea\nauthor: Ada Penn\ntags: [sea, tea]\n---\n\nThe kettle had gone cold."
    manuscript = load(text.encode(), name="tea.md")
    assert (manuscript.metadata.title, manuscript.metadata.author) == ("Cold Tea", "Ada Penn")
    assert manuscript.metadata.tags == ("sea", "tea")
    assert story(manuscript).strip() == "The kettle had gone cold."


@pytest.mark.parametrize(
    "make", [make_docx, lambda: make_epub({"a.xhtml": page(paragraphs(*PROSE))}), lambda: "\n\n".join(PROSE).encode()]
)
def test_gzip_of_any_of_them_reads_the_same(make):
    plain = make()
    packed = load(gzip.compress(plain), name="tea.gz")
    assert packed.text == load(plain, name="tea").text
    assert packed.source.sha256 != load(plain, name="tea").source.sha256
