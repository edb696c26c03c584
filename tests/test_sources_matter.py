"""Matter in plain text: what is taken for header, note, heading or break, and what must stay story."""

from __future__ import annotations

import pytest

from unsaid.sources import Manuscript, load

STORY = (
    "The kettle had gone cold again, and Maren had not noticed until the lamp went out over the harbour.",
    '"You could have written," said Tobias from the doorway, dripping on the mat.',
    "She set the cup down. Nobody writes from there, she thought, and did not look at him.",
)
BODY = "\n\n".join(STORY)


def read(text: str) -> Manuscript:
    return load(text + "\n")


def story(manuscript: Manuscript) -> list[str]:
    joined = "\n\n".join(manuscript.text[a:b] for a, b in manuscript.story_spans())
    return [p.strip() for p in joined.split("\n\n") if p.strip()]


def matter(manuscript: Manuscript, kind: str) -> list[str]:
    return [manuscript.text[m.start : m.end] for m in manuscript.matter if m.kind == kind]


# --- title and byline ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("top", "title", "author"),
    [
        ("Cold Tea\n\n", "Cold Tea", None),
        ("COLD TEA\n\n\n", "COLD TEA", None),
        ("Cold Tea\nby Ada Penn\n\n", "Cold Tea", "Ada Penn"),
        ("Cold Tea\n\nBy: ada_penn92\n\n", "Cold Tea", "ada_penn92"),
        ("Cold Tea by Ada Penn\n\n", "Cold Tea", "Ada Penn"),
        ("Title: Cold Tea\nAuthor: Ada Penn\n\n", "Cold Tea", "Ada Penn"),
        ("**Title:** Cold Tea\n**Author:** Ada Penn\n**Rating:** T\n\n", "Cold Tea", "Ada Penn"),
        ("COLD TEA\n\nA Tale of the Harbour\n\nby\n\nAda Penn\n\n\n", "COLD TEA", "Ada Penn"),
        ("Cold Tea\n\nOne-Shot\n\nHarbour-Gull\n\nRating: T\n\n\nCold Tea\n\n", "Cold Tea", "Harbour-Gull"),
        ("Cold Tea\n\nRated: K+\n\n", "Cold Tea", None),
        ("the long way back\n\n", "the long way back", None),
        ("Cold Tea\nA Harbour fic by Ada Penn\n\n", "Cold Tea", "Ada Penn"),
    ],
)
def test_title_and_author(top, title, author):
    manuscript = read(top + BODY)
    assert (manuscript.metadata.title, manuscript.metadata.author) == (title, author)
    assert story(manuscript) == list(STORY)


@pytest.mark.parametrize(
    "first",
    [
        "Maren had never liked the sea.",
        '"Stay."',
        "Rain.",
        "He was gone",
        "It was cold, and late, and nobody had lit the lamp",
        "Stay!",
        "'Where have you been?'",
        "Maren,",
        "I knew it",
        "Link - he never answered to anything else",
    ],
)
def test_a_first_line_of_story_is_no_title(first):
    manuscript = read(f"{first}\n\n{BODY}")
    assert manuscript.metadata.title is None
    assert story(manuscript) == [first, *STORY]


def test_a_title_that_stands_again_before_the_text_is_matter_both_times():
    manuscript = read(f"Cold Tea\n\nSummary: He came back.\n\n\nCold Tea\n\n{BODY}")
    assert matter(manuscript, "title") == ["Cold Tea", "Cold Tea"]
    assert story(manuscript) == list(STORY)


def test_a_story_without_any_matter_is_all_story():
    assert read(BODY).matter == ()


# --- header fields ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("Rating: K", "rating", "K"),
        ("Rating: PG-13.", "rating", "PG-13"),
        ("Rated: Fiction T", "rating", "T"),
        ("rated K+", "rating", None),
        ("Genre: Romance/Tragedy.", "genres", ("Romance", "Tragedy")),
        ("Genre:Romance/Tragedy.", "genres", ("Romance", "Tragedy")),
        ("Genres: Angst, Drama & Humor", "genres", ("Angst", "Drama", "Humor")),
        ("Pairing: Maren/Tobias", "relationships", ("Maren/Tobias",)),
        ("Pairings: Maren x Tobias, Ada X Gull", "relationships", ("Maren/Tobias", "Ada/Gull")),
        ("Pairing - MarXTob", "relationships", ("Mar/Tob",)),
        ("Characters: Maren O., Tobias", "characters", ("Maren O.", "Tobias")),
        ("Fandom: Lighthouse (Game)", "fandoms", ("Lighthouse (Game)",)),
        ("Warnings: major character death", "warnings", ("major character death",)),
        ("Disclaimer: I own nothing but the tea.", "disclaimer", "I own nothing but the tea."),
        ("Disclaimer:I own nothing.", "disclaimer", "I own nothing."),
        ("Dedication: To my sister.", "dedication", "To my sister."),
        ("Summary: He came back. MarXTob.", "summary", "He came back. MarXTob."),
        ("Language: English", "language", "English"),
        ("Published: 2019-03-01", "published", "2019-03-01"),
        ("*Status*: Complete", "status", "Complete"),
    ],
)
def test_header_field(line, field, value):
    manuscript = read(f"Cold Tea\n\n{line}\n\n{BODY}")
    if value is not None:
        assert getattr(manuscript.metadata, field) == value
        assert story(manuscript) == list(STORY)
        assert manuscript.text[manuscript.matter[1].start : manuscript.matter[1].end] == line


def test_a_pairing_in_the_summary_is_found():
    assert read(f"Cold Tea\n\nSummary: He came back. MarXTob\n\n{BODY}").metadata.relationships == ("Mar/Tob",)


def test_several_fields_in_one_line():
    metadata = read(f"Cold Tea\n\nRating: T | Genre: Romance | Words: 1,234\n\n{BODY}").metadata
    assert (metadata.rating, metadata.genres, metadata.other["words"]) == ("T", ("Romance",), "1,234")


def test_fanfiction_net_copied_as_text():
    line = "Rated: T - English - Romance/Angst - Maren, Tobias - Chapters: 1 - Words: 99 - Status: Complete - id: 7"
    metadata = read(f"Cold Tea\nBy: ada_penn\nHe came back in winter, and nobody asked.\n{line}\n\n{BODY}").metadata
    assert (metadata.title, metadata.author, metadata.rating) == ("Cold Tea", "ada_penn", "T")
    assert metadata.genres == ("Romance", "Angst")
    assert metadata.characters == ("Maren", "Tobias")
    assert metadata.summary == "He came back in winter, and nobody asked."


def test_a_wrapped_summary_ends_at_the_blank_line():
    manuscript = read(
        f"Cold Tea\n\nSummary: He came back in the winter of that long\nyear, and nobody asked.\n\n{BODY}"
    )
    assert manuscript.metadata.summary == "He came back in the winter of that long year, and nobody asked."
    assert story(manuscript) == list(STORY)


def test_a_label_alone_takes_the_paragraph_under_it():
    manuscript = read(f"Cold Tea\n\nSummary:\n\nHe came back in winter.\n\nRating: T\n\n{BODY}")
    assert manuscript.metadata.summary == "He came back in winter."
    assert story(manuscript) == list(STORY)


def test_a_line_of_script_is_no_header_field():
    manuscript = read(f"Cold Tea\n\nRating: T\n\nMaren: Where were you?\n\nTobias: Nowhere.\n\n{BODY}")
    assert story(manuscript) == ["Maren: Where were you?", "Tobias: Nowhere.", *STORY]


# --- author's notes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "label", ["A/N:", "AN:", "AN-", "A/N -", "a/n:", "Author's Note:", "Authors note:", "**A/N:**"]
)
def test_a_note_before_the_story(label):
    manuscript = read(f"Cold Tea\n\n{label} My first fic, be kind.\n\n{BODY}")
    assert matter(manuscript, "note") == [f"{label} My first fic, be kind."]
    assert story(manuscript) == list(STORY)


def test_a_note_of_several_paragraphs_runs_to_the_break():
    note = "A/N: So this took a while.\n\nI moved house, twice.\n\nAnyway, enjoy!"
    manuscript = read(f"{note}\n\n-----\n\n{BODY}")
    assert matter(manuscript, "note") == [note]
    assert story(manuscript) == list(STORY)


def test_a_note_runs_to_a_wide_gap():
    manuscript = read(f"A/N: So this took a while.\n\nI moved house, twice.\n\n\n\n{BODY}")
    assert story(manuscript) == list(STORY)


def test_a_note_of_one_paragraph_does_not_eat_the_story_up_to_its_first_break():
    manuscript = read(f"A/N: So this took a while.\n\n{BODY}\n\n***\n\nHe left in spring.")
    assert story(manuscript) == [*STORY, "He left in spring."]


@pytest.mark.parametrize(
    "note",
    [
        "A/N: Please stay.\n\nI wanted a happier end.\n\nTake care,\n\nGull",
        "AN- thanks for reading! R&R",
        "[A/N Sorry it is short. More soon.]",
        "(A/N: Sorry it is short.)",
        "Author's Notes\n\nI wrote this in one night.\n\nGull",
        "Thank you for reading! Please review.",
    ],
)
def test_a_note_after_the_story(note):
    manuscript = read(f"{BODY}\n\n{note}")
    assert story(manuscript) == list(STORY)
    assert "".join(matter(manuscript, "note")).startswith(note[:12])


def test_notes_inside_the_story():
    manuscript = read(f"{STORY[0]} (A/N: it is real tea :) promise) Then it rained.\n\n[A/N: skip this]\n\n{STORY[1]}")
    assert matter(manuscript, "note") == ["(A/N: it is real tea :) promise)", "[A/N: skip this]"]
    assert story(manuscript) == [STORY[0], "Then it rained.", STORY[1]]


def test_a_note_between_chapters():
    text = f"Chapter 1\n\n{BODY}\n\nA/N: Sorry for the wait.\n\nI had exams.\n\nChapter 2\n\n{STORY[0]}"
    manuscript = read(text)
    assert matter(manuscript, "note") == ["A/N: Sorry for the wait.\n\nI had exams."]
    assert story(manuscript) == [*STORY, STORY[0]]


def test_what_looks_like_a_note_but_is_story():
    lines = [
        "An hour went by.",
        "Ann - or was it Anna - came in.",
        "She wrote a note: come home.",
        "I don't own a coat.",
    ]
    manuscript = read("\n\n".join([STORY[0], *lines, STORY[1], STORY[2]]))
    assert story(manuscript) == [STORY[0], *lines, STORY[1], STORY[2]]


def test_what_follows_the_end_is_a_note_with_its_farewell():
    manuscript = read(f"{BODY}\n\nTHE END\n\nThanks for sticking with me! This was my first fic.\n\nLove,\n\nGull")
    assert matter(manuscript, "note") == ["Thanks for sticking with me! This was my first fic.\n\nLove,\n\nGull"]
    assert story(manuscript) == list(STORY)


def test_a_label_inside_a_sentence_is_no_note():
    sentence = "A/N means nothing to a dead man, Tobias used to joke about the forms."
    assert story(read(f"{BODY}\n\n{sentence}\n\nSo she said nothing.")) == [*STORY, sentence, "So she said nothing."]


def test_lines_without_blank_lines_between_are_paragraphs():
    header = "Title: Cold Tea\nAuthor: Ada\nSummary: He came\nback.\nAuthor's Notes: For the exchange.\n---\n"
    manuscript = read(header + "\n".join(STORY) + "\n---\nHe left.")
    assert manuscript.metadata.summary == "He came back."
    assert matter(manuscript, "break") == ["---", "---"]
    assert [line for p in story(manuscript) for line in p.split("\n")] == [*STORY, "He left."]


def test_a_title_under_a_disclaimer():
    manuscript = read(f"DISCLAIMER: I don't own Starfall.\n\nCold Tea\n\n{BODY}")
    assert manuscript.metadata.title == "Cold Tea"
    assert story(manuscript) == list(STORY)


# --- headings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading",
    [
        "CHAPTER I", "CHAPTER I.", "Chapter 12: The Door", "Chapter One", "Part Two", "Prologue", "EPILOGUE",
        "BOOK THE FIRST", "Chapter 3 - In Which Nobody Writes", "CHAPTER IV. A Door and a Lamp", "~Chapter 2~",
        "CHAPTER I.\nThe Door in the Wall", "CHAPTER II\n\nTHE LAMP GOES OUT", "Chapter Twenty-One", "Letter IV",
        "Chapter One\n\nThe Cold Tea", "VOLUME II.", "**Chapter 4**",
    ],
)  # fmt: skip
def test_heading(heading):
    manuscript = read(f"{BODY}\n\n\n{heading}\n\n\n{BODY}")
    assert matter(manuscript, "heading") == [heading]
    assert story(manuscript) == [*STORY, *STORY]


def test_bare_numbers_are_headings_in_sequence():
    manuscript = read(f"I\n\n{BODY}\n\nII\n\n{BODY}\n\nIII\n\n{BODY}")
    assert matter(manuscript, "heading") == ["I", "II", "III"]


@pytest.mark.parametrize(
    "line",
    [
        "Part one of the plan had failed, and they both knew it.",
        "Chapter and verse, he would have said.",
        "1945 was a cold year.",
        "I",
        "Book in hand, she went down to the boat.",
        "Part of him wanted to stay.",
        "Act like nothing happened.",
    ],
)
def test_no_heading(line):
    manuscript = read(f"{BODY}\n\n{line}\n\n{BODY}")
    assert matter(manuscript, "heading") == []
    assert line in story(manuscript)


def test_a_numbered_line_inside_wrapped_prose_is_no_heading():
    wrapped = "She read the list again and came to\nChapter 2\nwhich somebody had crossed out with a pencil."
    text = f"{STORY[0]}\n\n{wrapped}\n\n{STORY[1]}"
    assert matter(read(text), "heading") == []


def test_a_table_of_contents_is_boilerplate():
    contents = "CONTENTS\n\nCHAPTER I. The Door\nCHAPTER II. The Lamp\nCHAPTER III. The Boat"
    chapters = "\n\n\n".join(
        f"CHAPTER {n}. {t}\n\n{BODY}" for n, t in [("I", "The Door"), ("II", "The Lamp"), ("III", "The Boat")]
    )
    manuscript = read(f"COLD TEA\n\nby Ada Penn\n\n{contents}\n\n\n{chapters}")
    assert matter(manuscript, "boilerplate") == [contents]
    assert len(matter(manuscript, "heading")) == 3
    assert story(manuscript) == [*STORY] * 3


# --- breaks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mark",
    [
        "-----", "_____", "====", "* * *", "***", "~*~", "xxx", "oOo", "oOoOo", "#", "§", "•", "—0—", "-x-X-x-",
        "*       *       *", "~~~~", "XXX", "xXx", "xXxXxXx", "-oOo-", "o0o", "+++", "* * * * *", "<><><>",
        "-----x-----",
        "~*~*~*~*~", "[Line Break]", "-page break-", "***LINEBREAK***", "...", "⁂",
    ],
)  # fmt: skip
def test_break(mark):
    manuscript = read(f"{BODY}\n\n{mark}\n\n{BODY}")
    assert matter(manuscript, "break") == [mark]
    assert story(manuscript) == [*STORY, *STORY]


def test_a_form_feed_is_a_break():
    manuscript = read(f"{BODY}\n\f\n{BODY}")
    assert matter(manuscript, "break") == ["\f"]


@pytest.mark.parametrize("line", ['"..."', '"—"', "?", "No.", "Ox", "XO", "'...'", "1.", "!!!"])
def test_no_break(line):
    assert matter(read(f"{BODY}\n\n{line}\n\n{BODY}"), "break") == []


def test_a_mark_of_viewpoint_is_a_break_that_says_whose():
    manuscript = read(f"{BODY}\n\nTobias' POV\n\n{BODY}")
    assert [(m.kind, m.field, m.value) for m in manuscript.matter] == [("break", "pov", "Tobias")]


def test_runs_of_blank_lines_are_no_matter():
    assert read(f"{STORY[0]}\n\n\n\n{STORY[1]}\n\n\n{STORY[2]}").matter == ()


# --- Project Gutenberg --------------------------------------------------------------------------------------------


def test_project_gutenberg():
    text = (
        "The Project Gutenberg EBook of Cold Tea, by Ada Penn\n\nThis eBook is for the use of anyone anywhere.\n\n"
        "Title: Cold Tea\n\nAuthor: Ada Penn\n\nLanguage: English\n\n"
        "*** START OF THIS PROJECT GUTENBERG EBOOK COLD TEA ***\n\nProduced by a volunteer\n\n\n"
        "COLD TEA\n\nBy Ada Penn\n\n\n"
        f"CHAPTER I\n\n{BODY}\n\n[Illustration: The harbour]\n\n{STORY[0]}\n\nTHE END\n\n"
        "*** END OF THIS PROJECT GUTENBERG EBOOK COLD TEA ***\n\nUpdated editions will replace the previous one.\n"
    )
    manuscript = read(text)
    assert (manuscript.metadata.title, manuscript.metadata.author) == ("Cold Tea", "Ada Penn")
    assert manuscript.metadata.language == "English"
    assert story(manuscript) == [*STORY, STORY[0]]
    assert "[Illustration: The harbour]" in matter(manuscript, "boilerplate")


# --- what holds for any matter ------------------------------------------------------------------------------------


def test_matter_holds_no_white_space_at_its_ends_and_is_sorted():
    manuscript = read(f"  Cold Tea  \n\n Rating: T \n\n{BODY}\n\n  * * *  \n\n{BODY}\n\nA/N: thanks!\n\n")
    for m in manuscript.matter:
        assert manuscript.text[m.start : m.end] == manuscript.text[m.start : m.end].strip()
    starts = [m.start for m in manuscript.matter]
    assert starts == sorted(starts)
