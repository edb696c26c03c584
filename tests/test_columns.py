"""The formats that go word by word: BookNLP's files and CoNLL's columns, read by independent readers."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import types
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import unsaid
from unsaid.errors import NotAStory
from unsaid.formats.booknlp import booknlp
from unsaid.formats.conll import chains, conll, litbank
from unsaid.formats.tokens import mentions_in, prose_of
from unsaid.story import Character, Mention, Source, Story

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[1] / "examples"
EXAMPLES = sorted(p for p in FOLDER.iterdir() if p.suffix in (".txt", ".html", ".epub"))


def table(data: bytes) -> list[dict[str, str]]:
    """How notebooks made for BookNLP read its files."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE))


def check_booknlp_s_files_agree_with_each_other_and_the_text(story: Story) -> None:
    files = {name.rpartition(".")[2]: data for name, data in booknlp(story).items()}
    assert set(files) == {"tokens", "entities", "quotes", "book", "html"}
    tokens = table(files["tokens"])
    assert [int(t["token_ID_within_document"]) for t in tokens] == list(range(len(tokens)))
    for token in tokens:
        written = story.text[int(token["byte_onset"]) : int(token["byte_offset"])]
        assert written == token["word"]
    words = [t["word"] for t in tokens]
    counts: defaultdict[int, int] = defaultdict(int)
    for entity in table(files["entities"]):
        assert " ".join(words[int(entity["start_token"]) : int(entity["end_token"]) + 1]) == entity["text"]
        counts[int(entity["COREF"])] += 1
    for quote in table(files["quotes"]):
        assert " ".join(words[int(quote["quote_start"]) : int(quote["quote_end"]) + 1]) == quote["quote"]
        if quote["char_id"] != "None":
            assert int(quote["char_id"]) in counts
            phrase = words[int(quote["mention_start"]) : int(quote["mention_end"]) + 1]
            assert " ".join(phrase) == quote["mention_phrase"]
    book = json.loads(files["book"])["characters"]
    assert {c["id"]: c["count"] for c in book} == {who: n for who, n in counts.items() if n > 1}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_booknlp_s_files_agree_with_each_other_and_the_text(path: Path) -> None:
    check_booknlp_s_files_agree_with_each_other_and_the_text(unsaid.read(path))


def test_the_header_rows_are_booknlp_s(orchard: Story) -> None:
    files = booknlp(orchard)
    heads = {name: data.decode().partition("\n")[0].split("\t") for name, data in files.items() if "book" not in name}
    assert heads["orchard.tokens"][:5] == [
        "paragraph_ID", "sentence_ID", "token_ID_within_sentence", "token_ID_within_document", "word",
    ]  # fmt: skip
    assert heads["orchard.tokens"][-1] == "event"
    assert heads["orchard.entities"] == ["COREF", "start_token", "end_token", "prop", "cat", "text"]
    assert heads["orchard.quotes"] == [
        "quote_start", "quote_end", "mention_start", "mention_end", "mention_phrase", "char_id", "quote",
    ]  # fmt: skip


def test_a_first_person_narrator_is_character_0() -> None:
    story = unsaid.read('I met Ada at the gate. She smiled at me. I smiled too.\n\n"Come in," I said. Ada came in.\n')
    files = booknlp(story)
    entities = next(table(data) for name, data in files.items() if name.endswith(".entities"))
    assert {e["COREF"] for e in entities if e["text"] in ("I", "me")} == {"0"}
    assert {e["COREF"] for e in entities if e["text"] == "Ada"} == {"1"}


def test_gender_is_counted_from_the_pronouns_in_booknlp_s_shape() -> None:
    story = unsaid.read("Ada came in. She sat down. She smiled; her hands shook. I don’t know why Ada did.\n")
    (book,) = (json.loads(data) for name, data in booknlp(story).items() if name.endswith(".book"))
    (ada,) = (c for c in book["characters"] if c["mentions"]["proper"])
    assert ada["g"] == {
        "inference": {"he/him/his": 0, "she/her": 1, "they/them/their": 0, "xe/xem/xyr/xir": 0, "ze/zem/zir/hir": 0},
        "argmax": "she/her",
        "max": 1,
        "total": 3,
    }
    (tokens,) = (table(data) for name, data in booknlp(story).items() if name.endswith(".tokens"))
    assert "don’t" in [token["word"] for token in tokens]


class _Token:
    def __init__(self, i: int, text: str, relation: str, head: _Token | None, pos: str) -> None:
        self.i, self.text, self.dep_, self.pos_, self.tag_, self.lemma_ = i, text, relation, pos, pos, text.lower()
        self.head = head or self


class _Pipeline:
    """Says of every "Name verb" that the name is the verb's subject."""

    vocab = None

    def __call__(self, doc: list[str]) -> Iterator[_Token]:
        tokens = [_Token(i, word, "ROOT", None, "VERB" if word == "ran" else "NOUN") for i, word in enumerate(doc)]
        for one, other in pairwise(tokens):
            if other.text == "ran":
                one.dep_, one.head = "nsubj", other
        return iter(tokens)


def test_spacy_is_used_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    spacy = types.ModuleType("spacy")
    spacy.util = types.SimpleNamespace(get_installed_models=lambda: ["en_core_web_sm"])  # type: ignore[attr-defined]
    spacy.load = lambda name, exclude: _Pipeline()  # type: ignore[attr-defined]
    tokens = types.ModuleType("spacy.tokens")
    tokens.Doc = lambda vocab, words, spaces, sent_starts: words  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "spacy", spacy)
    monkeypatch.setitem(sys.modules, "spacy.tokens", tokens)
    files = booknlp(unsaid.read("It rained. Ada ran. Ada slept.\n\nAda ran home.\n"))
    rows = next(table(data) for name, data in files.items() if name.endswith(".tokens"))
    heads = [(r["word"], r["dependency_relation"], rows[int(r["syntactic_head_ID"])]["word"]) for r in rows]
    assert heads.count(("Ada", "nsubj", "ran")) == 2
    book = json.loads(next(data for name, data in files.items() if name.endswith(".book")))
    assert [doing["w"] for doing in book["characters"][0]["agent"]] == ["ran", "ran"]


def check_chains_are_the_story_s_mentions(story: Story) -> None:
    prose = prose_of(story)
    expected: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for word in mentions_in(story, prose.tokens):
        if word.character:
            expected[word.character].append((word.first, word.last))
    for text, least in ((litbank(story), 1), (conll(story), 2)):
        rows = [row.split("\t") for row in text.splitlines() if row and not row.startswith("#")]
        assert [row[3] for row in rows] == list(prose.tokens.words)
        assert {len(row) for row in rows} == {13 if least == 1 else 12}
        found = chains(text)
        known = {i: sorted(expected[c.id]) for i, c in enumerate(story.characters) if len(expected[c.id]) >= least}
        assert {chain: spans for chain, spans in found.items() if chain < len(story.characters)} == known


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_chains_are_the_story_s_mentions(path: Path) -> None:
    check_chains_are_the_story_s_mentions(unsaid.read(path))


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(1, 4), st.integers(0, 3)), max_size=10))
def test_nested_and_crossing_mentions_come_back(spans: list[tuple[int, int, int]]) -> None:
    words = [f"w{i}" for i in range(12)]
    text = " ".join(words)
    at = [text.index(word) for word in words]
    unique = {(first, min(11, first + size - 1)): who for first, size, who in spans}
    # One chain never holds two mentions that cross: brackets of one number nest.
    kept: list[tuple[int, int, int]] = []
    for (first, last), who in sorted(unique.items()):
        if not any(w == who and f < first <= z < last for f, z, w in kept):
            kept.append((first, last, who))
    story = Story(
        source=Source("x.txt", "text/plain", None, "0" * 64, 12),
        text=text,
        characters=tuple(Character(f"c{i}", f"n{i}", {}, None, "person", 1) for i in range(4)),
        mentions=tuple(Mention(at[f], at[z] + len(words[z]), "name", f"c{who}") for f, z, who in kept),
    )
    expected: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for first, last, who in kept:
        expected[who].append((first, last))
    assert chains(litbank(story)) == {who: sorted(found) for who, found in expected.items()}


def test_the_speaker_of_each_word_is_in_its_column(orchard: Story) -> None:
    rows = [row.split("\t") for row in conll(orchard).splitlines() if row and not row.startswith("#")]
    said = {row[3]: row[9] for row in rows}
    assert (said["came"], said["gate"], said["shed"]) == ("Odile", "-", "Bram")
    spaced = msgspec.structs.replace(orchard.characters[0], name="Odile de Brie")
    other = msgspec.structs.replace(orchard, characters=(spaced, *orchard.characters[1:]))
    assert re.search(r"\tcame\t.*\tOdile_de_Brie\t", conll(other))


@pytest.mark.parametrize(("rows", "why"), [("a (1", "chain 1 is never closed"), ("a 1)", "row 1 closes chain 1")])
def test_brackets_that_do_not_pair_are_refused(rows: str, why: str) -> None:
    with pytest.raises(NotAStory, match=why):
        chains(rows)
