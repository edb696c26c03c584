"""Prose: tokens, sentences, paragraphs, gaps, chapters and quotations, through ``compose``."""

from __future__ import annotations

import re
import textwrap
from gc import collect
from weakref import ref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unsaid import sources
from unsaid.prose import Prose, compose, concordance
from unsaid.sources.manuscript import Manuscript
from unsaid.story import Matter, Source


def prose_of(text: str, matter: tuple[Matter, ...] = ()) -> Prose:
    source = Source("test", "text/plain", "utf-8", "", 0)
    return compose(Manuscript(source=source, text=text, matter=matter))


def quoted(text: str) -> list[str]:
    prose = prose_of(text)
    return [text[q.start : q.end] for q in prose.quotations]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"Come in," said Ada.', ['"Come in,"']),
        ("“Come in,” said Ada. “Sit.”", ["“Come in,”", "“Sit.”"]),
        ("‘Don’t,’ said Ada. ‘It’s the boys’ dog.’", ["‘Don’t,’", "‘It’s the boys’ dog.’"]),
        ("'Don't,' said Ada. ''Tis late, goin' home.'", ["'Don't,'", "''Tis late, goin' home.'"]),
        ("„Komm,“ said Ada. „Now!“", ["„Komm,“", "„Now!“"]),
        ("«Venez», said Ada. «Now!»", ["«Venez»", "«Now!»"]),
        ("»Komm«, said Ada. »Now!«", ["»Komm«", "»Now!«"]),
        ('He said--"Well!"--and left.', ['"Well!"']),
        ('"_So_ late?" she asked.', ['"_So_ late?"']),
        ('"One," "two," "three," they counted.', ['"One,"', '"two,"', '"three,"']),
        ('"I will not," she said and left.\n\nHe wept.', ['"I will not,"']),
        ("No marks here; the dogs' bowls, and it's fine.", []),
    ],
)
def test_quotation_marks_of_every_kind(text: str, expected: list[str]) -> None:
    assert quoted(text) == expected


def test_a_quotation_in_a_quotation_is_nested() -> None:
    text = "\"He said, 'Run, child!' and I ran,\" said Ada."
    (quotation,) = prose_of(text).quotations
    assert [text[s:e] for s, e in quotation.nested] == ["'Run, child!'"]
    text = "“He said “run” to me,” said Ada."
    (quotation,) = prose_of(text).quotations
    assert [text[s:e] for s, e in quotation.nested] == ["“run”"]


def test_a_speech_may_hold_several_quotations_in_the_same_marks() -> None:
    text = '"I said to him, "Run!" and he asked me, "Where to?" and then I ran," said Ada. "So did he."'
    first, second = prose_of(text).quotations
    assert [text[s:e] for s, e in first.nested] == ['"Run!"', '"Where to?"']
    assert text[second.start : second.end] == '"So did he."'


def test_a_lost_mark_makes_no_speech_of_the_lines_behind_it() -> None:
    text = '"I am late, he said. "So you are." "And you?" "I was early."'
    assert not any(q.nested for q in prose_of(text).quotations)


def test_every_paragraph_of_a_long_speech_opens_and_only_the_last_closes() -> None:
    first = "“" + "This is a long speech about the harbour and its lamps. " * 4
    text = f"{first.strip()}\n\n“And this is its end,” said Ada.\n\n“Good.”"
    quotations = prose_of(text).quotations
    assert [q.continues for q in quotations] == [False, True, False]
    assert [q.closed for q in quotations] == [False, True, True]


def test_a_short_line_that_lost_its_closing_mark_ends_with_its_paragraph() -> None:
    text = '"I am off.\n\n"No, you are not," said Ben.\n\nThey sat down.'
    quotations = prose_of(text).quotations
    assert [text[q.start : q.end] for q in quotations] == ['"I am off.', '"No, you are not,"']
    assert [(q.closed, q.continues) for q in quotations] == [(False, False), (True, False)]


def test_a_lost_closing_mark_ends_before_the_cue() -> None:
    text = '"I am off, said Ben. "Wait for me."'
    assert quoted(text) == ['"I am off,', '"Wait for me."']


def test_dashes_open_dialogue_where_there_are_no_marks() -> None:
    text = "— Come in, said Ada.\n\n— Thank you.\n\nHe sat — slowly — down.\n\n— And now?"
    assert [q.mark for q in prose_of(text).quotations] == ["dash"] * 3
    assert quoted(text)[1] == "— Thank you."


def test_wrapped_lines_are_one_paragraph_and_unwrapped_lines_are_many() -> None:
    line = "The lamp over the harbour burned all night and nobody came to put it"
    wrapped = "\n".join([line] * 6) + "\nout.\n\n" + "\n".join([line] * 6) + "\nout."
    assert len(prose_of(wrapped).paragraphs) == 2
    unwrapped = "\n".join(f"{line * (n % 3 + 1)} number {n}." for n in range(9))
    assert len(prose_of(unwrapped).paragraphs) == 9


@pytest.mark.parametrize("wrapped_first", [True, False])
@pytest.mark.parametrize("rounds", [(1, 6), (6, 1), (3, 3)])
def test_a_chapter_is_laid_out_as_its_own_lines_are(rounds: tuple[int, int], *, wrapped_first: bool) -> None:
    told = (
        "The ferry was late again, and the two of them stood on the quay and watched the lamps go on over the water. "
    )
    said = f'"It will come," said Anna, who had said so every evening since the spring. {told}'
    wrapped = "\n\n".join("\n".join(textwrap.wrap(told * 3, 64)) for _ in range(3))
    unwrapped = "\n".join([told * 2, said, said])
    counts = {wrapped: 3, unwrapped: 3}
    parts = [wrapped, unwrapped] if wrapped_first else [unwrapped, wrapped]
    chapters = [part for part, n in zip(parts, rounds, strict=True) for _ in range(n)]
    text = "\n\n".join(f"Chapter {n}\n\n{part}" for n, part in enumerate(chapters, 1))
    found = compose(sources.load(text + "\n")).paragraphs
    assert len(found) == sum(counts[part] for part in chapters)


def test_a_doubled_blank_line_in_a_conversation_is_a_gap() -> None:
    turns = [f'"Line {n}."' for n in range(8)]
    text = "\n\n".join(turns[:4]) + "\n\n\n" + "\n\n".join(turns[4:])
    prose = prose_of(text)
    assert len(prose.gaps) == 1
    assert text[: prose.gaps[0].start].endswith(turns[3])
    assert [p.after_gap for p in prose.paragraphs].index(True) == 4


def test_many_blank_lines_in_narrative_are_a_break() -> None:
    text = "One thing.\n\nTwo things.\n\nThree things.\n\n\n\nFour things.\n\nFive things.\n\nSix."
    prose = prose_of(text)
    assert not prose.gaps
    assert [p.after_break for p in prose.paragraphs] == [False, False, False, True, False, False]


def test_chapters_follow_headings_and_a_story_without_them_is_one() -> None:
    text = "ONE\n\nIt rained.\n\nTWO\n\nIt stopped."
    headings = tuple(Matter(s, s + 3, "heading", None, text[s : s + 3]) for s in (0, text.index("TWO")))
    prose = prose_of(text, headings)
    assert [c.title for c in prose.chapters] == ["ONE", "TWO"]
    assert [p.chapter for p in prose.paragraphs] == [0, 1]
    assert [c.title for c in prose_of("It rained.").chapters] == [None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mr. Hill left. Dr. Moss stayed.", ["Mr. Hill left.", "Dr. Moss stayed."]),
        ('"Why?" she asked. He left.', ['"Why?" she asked.', "He left."]),
        ('"I know." She left.', ['"I know."', "She left."]),
        ("J. R. Moss wrote… and wrote! Why?", ["J. R. Moss wrote… and wrote!", "Why?"]),
        ("he left. i stayed.", ["he left.", "i stayed."]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[s.start : s.end] for s in prose_of(text).sentences] == expected


def test_a_possessive_is_a_token_and_a_contraction_is_not() -> None:
    words = prose_of("Anna's half-brother said it’s _late_--well.").tokens.words
    assert words == ("Anna", "'s", "half-brother", "said", "it's", "late", "--", "well", ".")


_ALPHABET = st.sampled_from([*"abcAB .,!?\n\n\"'“”‘’«»„—-*_é", '" said Ann. "', "\n\n"])


@settings(max_examples=300, deadline=None)
@given(st.lists(_ALPHABET, max_size=80).map("".join))
def test_every_span_lies_within_its_paragraph_and_tokens_cover_all_words(text: str) -> None:
    prose = prose_of(text)
    at = 0
    for paragraph in prose.paragraphs:
        assert at <= paragraph.start < paragraph.end <= len(text)
        assert text[paragraph.start : paragraph.end].strip() == text[paragraph.start : paragraph.end]
        at = paragraph.end
    last = 0
    for quotation in prose.quotations:
        assert last <= quotation.start < quotation.end
        held = prose.paragraphs[quotation.paragraph]
        assert held.start <= quotation.start
        assert quotation.end <= held.end
        for start, end in quotation.nested:
            assert quotation.start < start < end <= quotation.end
        last = quotation.end
    # The oracle knows words only: each is in exactly one token, contractions and hyphens joined, 's apart.
    letters = "".join(ch for word in prose.tokens.words for ch in word if ch.isalnum())
    assert letters == "".join(re.findall(r"[^\W_]", text))
    for sentence in prose.sentences:
        held = prose.paragraphs[sentence.paragraph]
        assert held.start <= sentence.start < sentence.end <= held.end


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.text(alphabet="abcdefgh ,", min_size=1, max_size=30).map(str.strip).filter(bool), min_size=1, max_size=6
    ),
    st.sampled_from(['""', "“”", "«»", "„“"]),
)
def test_a_quotation_put_in_is_the_quotation_found(lines: list[str], marks: str) -> None:
    quotes = [f"{marks[0]}{line.strip(' ,')}.{marks[1]}" for line in lines if line.strip(" ,")]
    text = "\n\n".join(f"Ann turned. {quote} She left." for quote in quotes) or "Nothing."
    assert quoted(text) == quotes


@given(
    st.lists(st.sampled_from(["Ada", "ada", "ADA", "went", ",", "\n\n", "İda", "she's"]), max_size=40),
    st.sets(st.sampled_from(["ada", "went", "she's", ",", "no"])),
)
def test_a_concordance_has_every_place_of_a_word_in_order(words: list[str], wanted: set[str]) -> None:
    tokens = prose_of(" ".join(words)).tokens
    assert concordance(tokens).of(wanted) == [at for at, word in enumerate(tokens.lower) if word in wanted]
    for word, places in concordance(tokens).written.items():
        assert places == [at for at, other in enumerate(tokens.words) if other == word]


def test_a_concordance_is_made_once_and_let_go_with_its_story() -> None:
    tokens = prose_of("Ada went.").tokens
    held = ref(concordance(tokens))
    assert concordance(tokens) is held()
    del tokens
    collect()
    assert held() is None
