"""A story as the files of BookNLP 1.0.7: ``.tokens``, ``.entities``, ``.quotes``, ``.book`` and ``.book.html``.

File names, columns, counting (tokens from 0, ends inclusive) and marks are BookNLP's own, so that what was made for it
reads them unchanged. Parts of speech, lemmas and dependencies are spaCy's where the user has an English pipeline
installed, run over Unsaid's tokens; else they are the tag sets' own marks for unknown (``X``, ``XX``, ``dep``, a token
its own head), and a lemma is the word in lower case. Events, entities other than people, and more mentions of people,
stand where the story was read with the encoder; no supersenses are written. The page ``.book.html`` is Unsaid's report.
"""

from __future__ import annotations

import importlib
import json
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from itertools import chain, count
from operator import itemgetter
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import msgspec

from unsaid.formats.lines import lines_of
from unsaid.formats.tokens import covering, mentions_in, prose_of
from unsaid.report import report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.formats.registry import Files
    from unsaid.formats.tokens import Word
    from unsaid.prose import Prose
    from unsaid.story import Story

TOKENS = (
    "paragraph_ID sentence_ID token_ID_within_sentence token_ID_within_document word lemma byte_onset byte_offset "
    "POS_tag fine_POS_tag dependency_relation syntactic_head_ID event"
).split()
ENTITIES = "COREF start_token end_token prop cat text".split()
QUOTES = "quote_start quote_end mention_start mention_end mention_phrase char_id quote".split()
PROP = {"name": "PROP", "nominal": "NOM", "pronoun": "PRON"}
PIPELINES = ("en_core_web_trf", "en_core_web_lg", "en_core_web_md", "en_core_web_sm")
"""spaCy pipelines that are looked for, the best first."""
GENDERS = ("he/him/his", "she/her", "they/them/their", "xe/xem/xyr/xir", "ze/zem/zir/hir")
"""BookNLP's categories of referential gender, with the pronouns that each counts."""
_NARRATOR = 0
_TAB = re.compile(r"[\t\n\r]")
_ADJECTIVAL = frozenset({"attr", "acomp"})
_BEING, _DOING = frozenset({"NOUN", "ADJ"}), frozenset({"VERB"})


class Syntax(msgspec.Struct, frozen=True):
    """A token's lemma, coarse and fine part of speech, dependency relation, and its head's index in the document."""

    lemma: str
    pos: str
    tag: str
    relation: str
    head: int


def booknlp(story: Story) -> Files:
    """The story as BookNLP's files, named after the story's own."""
    prose = prose_of(story)
    words = mentions_in(story, prose.tokens)
    ids = _ids(story, words)
    syntax = syntax_of(prose)
    stem = PurePath(story.source.name).stem or "story"
    parts = {
        "tokens": _table(TOKENS, _token_rows(prose, syntax, _event_tokens(story, prose))),
        "entities": _table(ENTITIES, iter(_entity_rows(story, prose, words, ids))),
        "quotes": _table(QUOTES, _quote_rows(story, prose, words, ids)),
        "book": json.dumps({"characters": _book(prose, words, ids, syntax)}),
        "book.html": report(story, [(p.start, p.end) for p in prose.paragraphs]),
    }
    return {f"{stem}.{ending}": text.encode("utf-8", "backslashreplace") for ending, text in parts.items()}


def _table(header: Sequence[str], rows: Iterator[Sequence[object]]) -> str:
    return "\n".join(["\t".join(header), *map(_line, rows)]) + "\n"


def _line(row: Sequence[object]) -> str:
    """A row; a tab or line break inside a cell, which is rare, becomes a blank."""
    cells = list(map(str, row))
    line = "\t".join(cells)
    if line.count("\t") >= len(cells) or "\n" in line or "\r" in line:
        return "\t".join(_TAB.sub(" ", cell) for cell in cells)
    return line


def _ids(story: Story, words: Sequence[Word]) -> list[int]:
    """The number of each mention's character: 0 is the narrator's, then by mentions; unknown ones have their own."""
    uses = Counter(w.character for w in words if w.character)
    narrators = Counter(s.narrator for s in story.scenes if s.narrator)
    narrator = narrators.most_common(1)[0][0] if narrators else None
    order = sorted((who for who in uses if who != narrator), key=lambda who: (-uses[who], who))
    numbers = {who: n for n, who in enumerate(order, 1)} | ({narrator: _NARRATOR} if narrator else {})
    fresh = count(len(order) + 1)
    return [numbers[w.character] if w.character else next(fresh) for w in words]


def _text(prose: Prose, word: Word) -> str:
    return " ".join(prose.tokens.words[word.first : word.last + 1])


def _entity_rows(story: Story, prose: Prose, words: Sequence[Word], ids: Sequence[int]) -> list[list[object]]:
    """People, and other entities numbered behind them, in the order of the text; no span twice as somebody."""
    rows: list[list[object]] = [
        [ids[i], w.first, w.last, PROP[w.kind], "PER", _text(prose, w)] for i, w in enumerate(words)
    ]
    fresh = count(max(ids, default=_NARRATOR) + 1)
    numbers: defaultdict[str, int] = defaultdict(lambda: next(fresh))
    numbers.update({w.character: number for w, number in zip(words, ids, strict=True) if w.character})
    people = {(w.first, w.last) for w in words}
    for entity in story.entities:
        span = covering(prose.tokens, entity.start, entity.end)
        if span and not (entity.category == "PER" and (span.start, span.stop - 1) in people):
            text = " ".join(prose.tokens.words[span.start : span.stop])
            number = numbers[entity.entity]
            rows.append([number, span.start, span.stop - 1, PROP[entity.kind], entity.category, text])
    return sorted(rows, key=itemgetter(1, 2))


def _event_tokens(story: Story, prose: Prose) -> frozenset[int]:
    return frozenset(chain.from_iterable(covering(prose.tokens, e.start, e.end) for e in story.events))


def _token_rows(prose: Prose, syntax: Sequence[Syntax], events: frozenset[int]) -> Iterator[list[object]]:
    tokens = prose.tokens
    for number, sentence in enumerate(prose.sentences):
        for i, token in enumerate(range(sentence.first, sentence.last)):
            s = syntax[token]
            place = [sentence.paragraph, number, i, token, tokens.words[token], s.lemma, tokens.starts[token]]
            event = "EVENT" if token in events else "O"
            yield [*place, tokens.ends[token], s.pos, s.tag, s.relation, s.head, event]


def _quote_rows(story: Story, prose: Prose, words: Sequence[Word], ids: Sequence[int]) -> Iterator[list[object]]:
    """A row for each quoted stretch; the mention is the speaker's nearest to the cue, else to the line."""
    own: defaultdict[str, list[int]] = defaultdict(list)
    for i, word in enumerate(words):
        if word.character and not prose.tokens.quoted[word.first]:
            own[word.character].append(i)
    quoted = {(q.start, q.end) for q in prose.quotations}
    for line in sorted(lines_of(story), key=lambda u: u.start):
        for start, end in line.parts:
            span = covering(prose.tokens, start, end)
            if not span or (line.kind != "speech" and (start, end) not in quoted):
                continue
            text = " ".join(prose.tokens.words[span.start : span.stop])
            at = _nearest(words, own.get(line.speaker or "", []), _cue_token(prose, line.cue) or span.start)
            mention = [None] * 4 if at is None else [words[at].first, words[at].last, _text(prose, words[at]), ids[at]]
            yield [span.start, span.stop - 1, *mention, text]


def _cue_token(prose: Prose, cue: Any) -> int | None:
    return covering(prose.tokens, cue.start, cue.end).start if cue is not None else None


def _nearest(words: Sequence[Word], own: Sequence[int], token: int) -> int | None:
    """Of one character's mentions the one nearest to a token."""
    at = bisect_left(own, token, key=lambda i: words[i].first)
    near = [own[i] for i in (at - 1, at) if 0 <= i < len(own)]
    return min(near, key=lambda i: abs(words[i].first - token), default=None)


# --- .book ------------------------------------------------------------------------------------------------------------


def _book(prose: Prose, words: Sequence[Word], ids: Sequence[int], syntax: Sequence[Syntax]) -> list[dict[str, Any]]:
    """Every character that is mentioned more than once, the most mentioned first."""
    people: dict[int, dict[str, Any]] = {}
    names: defaultdict[int, dict[str, Counter[str]]] = defaultdict(
        lambda: {"proper": Counter(), "common": Counter(), "pronoun": Counter()}
    )
    kinds = {"name": "proper", "nominal": "common", "pronoun": "pronoun"}
    doing = _Doings(prose, syntax)
    for number, word in zip(ids, words, strict=True):
        person = people.setdefault(
            number, {"agent": [], "patient": [], "mod": [], "poss": [], "id": number, "g": None, "count": 0}
        )
        person["count"] += 1
        names[number][kinds[word.kind]][_text(prose, word)] += 1
        for role, tokens in doing.of(word).items():
            person[role] += [{"w": prose.tokens.words[t], "i": t} for t in tokens]
    for number, person in people.items():
        person["g"] = _gender(names[number]["pronoun"])
        person["mentions"] = {
            kind: [{"c": uses, "n": name} for name, uses in counts.most_common()]
            for kind, counts in names[number].items()
        }
    return sorted((p for p in people.values() if p["count"] > 1), key=lambda p: (-p["count"], p["id"]))


def _gender(pronouns: Counter[str]) -> dict[str, Any] | None:
    """The share of each category among someone's pronouns, as BookNLP counts them once coreference is known."""
    uses = dict.fromkeys(GENDERS, 0)
    for pronoun, times in pronouns.items():
        for category in GENDERS:
            uses[category] += times if pronoun.lower() in category.split("/") else 0
    total = sum(uses.values())
    if not total:
        return None
    shares = {category: round(n / total, 3) for category, n in uses.items()}
    argmax = max(GENDERS, key=lambda category: uses[category])
    return {"inference": shares, "argmax": argmax, "max": shares[argmax], "total": total}


class _Doings:
    """What a mention does, undergoes, is and has, by the dependencies; nothing where there are none."""

    def __init__(self, prose: Prose, syntax: Sequence[Syntax]) -> None:
        self._syntax = syntax
        self._children: defaultdict[int, list[int]] = defaultdict(list)
        for token, s in enumerate(syntax):
            if s.head != token:
                self._children[s.head].append(token)

    def of(self, word: Word) -> dict[str, list[int]]:
        syntax = self._syntax
        top = next((t for t in range(word.first, word.last + 1) if not word.first <= syntax[t].head <= word.last), None)
        if top is None:
            return {}
        if syntax[top].relation == "conj":
            top = syntax[top].head
        head, relation = syntax[top].head, syntax[top].relation
        if relation == "nsubj" and syntax[head].lemma == "be":
            return {
                "mod": [
                    t
                    for c in self._children[head]
                    if syntax[c].relation in _ADJECTIVAL and syntax[c].pos in _BEING
                    for t in self._joined(c, _BEING)
                ]
            }
        if relation == "nsubj" and syntax[head].pos == "VERB":
            return {"agent": self._joined(head, _DOING)}
        if relation in ("dobj", "nsubjpass") and syntax[head].pos == "VERB":
            return {"patient": [head]}
        if relation == "pobj" and syntax[head].relation == "agent":
            doing = syntax[head].head
            return {"agent": [doing]} if doing != head and syntax[doing].pos.startswith("V") else {}
        return {"poss": self._joined(head)} if relation == "poss" else {}

    def _joined(self, token: int, kinds: frozenset[str] | None = None) -> list[int]:
        """A token and those that "and" joins to it, of some parts of speech (None: of any)."""
        joined = (c for c in self._children[token] if self._syntax[c].relation == "conj")
        return [token, *(c for c in joined if kinds is None or self._syntax[c].pos in kinds)]


# --- syntax -----------------------------------------------------------------------------------------------------------


def syntax_of(prose: Prose) -> list[Syntax]:
    """The tokens' syntax: by an installed spaCy pipeline, else unknown throughout."""
    words = prose.tokens.words
    pipeline = _pipeline()
    if pipeline is None:
        return [Syntax(word.lower(), "X", "XX", "dep", i) for i, word in enumerate(words)]
    docs = importlib.import_module("spacy.tokens")
    found: list[Syntax] = []
    for paragraph in prose.paragraphs:  # one at a time: a novel as one document takes gigabytes
        tokens = range(paragraph.first, paragraph.last)
        if not tokens:
            continue
        starts = {s.first for s in prose.sentences[prose.sentence_at(paragraph.start) :][: len(tokens)]}
        spaces = [i + 1 < paragraph.last and prose.tokens.ends[i] < prose.tokens.starts[i + 1] for i in tokens]
        doc = docs.Doc(
            pipeline.vocab, words=[words[i] for i in tokens], spaces=spaces, sent_starts=[i in starts for i in tokens]
        )
        doc = pipeline(doc)
        found += [Syntax(t.lemma_, t.pos_, t.tag_, t.dep_, paragraph.first + t.head.i) for t in doc]
    return found


def _pipeline() -> Any:
    """The best English pipeline that is installed, or None."""
    try:
        spacy = importlib.import_module("spacy")
    except ModuleNotFoundError:
        return None
    installed = set(spacy.util.get_installed_models())
    name = next((name for name in PIPELINES if name in installed), None)
    return spacy.load(name, exclude=["ner"]) if name else None
