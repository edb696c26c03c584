"""The encoder on the samples of LitBank that it was not trained on, beside the rules."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from benchmarks import corpus
from benchmarks.calibration import Claim, expected_calibration_error
from benchmarks.coreference import Cluster, Scores, compare
from benchmarks.table import Table
from training import litbank
from unsaid import sources
from unsaid.encoder import CATEGORIES, LABELS, sense
from unsaid.encoder.things import bare
from unsaid.reading import Sensed, compose, read_sensed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from training.litbank import Sample
    from unsaid.encoder import Model, Signals
    from unsaid.story import Story

Span = tuple[int, int]
_TIGHT_BEFORE = re.compile(r"[,.;:!?)\]”’]|'s|’s|n['’]t|['’](?:ll|re|ve|d|m)")
_TIGHT_AFTER = re.compile(r"[(\[“‘]")


class Text(msgspec.Struct, frozen=True):
    """A sample as running text, and where each of its words stands in it."""

    text: str
    words: tuple[Span, ...]


class F1(msgspec.Struct, frozen=True):
    """Counts of what is right, found and in gold."""

    right: int = 0
    found: int = 0
    gold: int = 0

    def __add__(self, other: F1) -> F1:
        """Both together."""
        return F1(self.right + other.right, self.found + other.found, self.gold + other.gold)

    @property
    def share(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / max(1, self.found + self.gold)


def samples(names: Sequence[str] = litbank.HELD_OUT) -> list[Sample]:
    """Samples of LitBank by name; by default those that nothing was trained on."""
    return [s for s in litbank.load(corpus.shared() / "data" / "litbank") if s.name in names]


def running(sample: Sample) -> Text:
    """A sample as a book prints it: no blanks before commas, quotation marks at the word that they belong to."""
    pieces: list[str] = []
    spans: list[Span] = []
    at, glued = 0, True
    borders = set(sample.sentences)
    inside = False
    for i, word in enumerate(sample.words):
        opening = word == '"' and not inside
        tight = glued or bool(_TIGHT_BEFORE.fullmatch(word)) or (word == '"' and inside)
        gap = "" if tight else " "
        if word == '"':
            inside = not inside
        if i in borders and word not in ('"', "”", "’") and not tight:
            gap = " "
        pieces.append(gap + word)
        spans.append((at + len(gap), at + len(gap) + len(word)))
        at += len(gap) + len(word)
        glued = opening or bool(_TIGHT_AFTER.fullmatch(word))
    return Text("".join(pieces), tuple(spans))


class Marked(msgspec.Struct, frozen=True):
    """What a text's mentions, chains and events are, by gold or by a reading: spans trimmed of marks.

    :ivar mentions: label by span.
    :ivar chains: which mentions mean the same.
    """

    mentions: dict[Span, int]
    chains: tuple[Cluster, ...]
    events: frozenset[Span]

    def people(self) -> Marked:
        """The same without whatever is not a person."""
        kept = {span: label for span, label in self.mentions.items() if LABELS[label][0] == "PER"}
        chains = (frozenset(c & kept.keys()) for c in self.chains)
        return Marked(kept, tuple(c for c in chains if c), self.events)


def gold_of(sample: Sample, text: Text) -> Marked:
    """What LitBank says of a sample."""
    mentions, chains = {}, defaultdict(set)
    for m in sample.mentions:
        span = bare(text.text, text.words[m.first][0], text.words[m.last][1])
        mentions[span] = m.label
        chains[m.chain].add(span)
    return Marked(mentions, _clusters(chains.values()), frozenset(text.words[i] for i in sample.events))


def sensed(text: str, signals: Signals) -> Marked:
    """What the encoder alone says: each mention joins the chain of what it likeliest takes up."""
    spans = [bare(text, s.start, s.end) for s in signals.sightings]
    home: list[int] = []
    for i, sighting in enumerate(signals.sightings):
        to = sighting.links[0].to if sighting.links else None
        home.append(i if to is None else home[to])
    chains: dict[int, set[Span]] = defaultdict(set)
    for span, chain in zip(spans, home, strict=True):
        chains[chain].add(span)
    labels = {span: LABELS.index((s.category, s.kind)) for span, s in zip(spans, signals.sightings, strict=True)}
    return Marked(labels, _clusters(chains.values()), frozenset((e.start, e.end) for e in signals.events))


def ruled(story: Story) -> Marked:
    """What a reading says of people."""
    chains: dict[str, set[Span]] = defaultdict(set)
    labels = {}
    for m in story.mentions:
        span = bare(story.text, m.start, m.end)
        labels[span] = LABELS.index(("PER", m.kind))
        chains[m.character or str(span)].add(span)
    return Marked(labels, _clusters(chains.values()), frozenset())


def joined(story: Story) -> Marked:
    """What a reading with the encoder says: its mentions, under the characters of the rules."""
    chains: dict[str, set[Span]] = defaultdict(set)
    labels = {}
    for e in story.entities:
        span = bare(story.text, e.start, e.end)
        labels[span] = LABELS.index((e.category, e.kind))
        chains[e.entity].add(span)
    return Marked(labels, _clusters(chains.values()), frozenset((e.start, e.end) for e in story.events))


def _clusters(chains: Iterable[set[Span]]) -> tuple[Cluster, ...]:
    """Chains as clusters, no span in two of them."""
    seen: set[Span] = set()
    found = []
    for chain in chains:
        fresh = frozenset(chain - seen)
        seen |= fresh
        if fresh:
            found.append(fresh)
    return tuple(found)


def mention_scores(gold: Marked, found: Marked) -> dict[str, F1]:
    """F1 by category, and for people by kind; a mention is right if its span and label are."""
    scores: dict[str, F1] = defaultdict(F1)
    pairs = {(s, n) for s, n in gold.mentions.items()}, {(s, n) for s, n in found.mentions.items()}
    for label, (category, kind) in enumerate(LABELS):
        own = [{p for p in side if p[1] == label} for side in pairs]
        one = F1(len(own[0] & own[1]), len(own[1]), len(own[0]))
        scores[category] += one
        scores["all"] += one
        if category == "PER":
            scores[f"PER {kind}"] += one
    return scores


class Measured(msgspec.Struct):
    """What was measured over samples: mentions and coreference by system, events, and what each confidence claimed."""

    mentions: dict[str, dict[str, F1]]
    coreference: dict[str, Scores]
    events: F1
    claims: dict[str, list[Claim]]


def measure(model: Model, names: Sequence[str]) -> Measured:
    """Read samples with the rules, with the encoder alone, and with both."""
    done = Measured({"rules": {}, "encoder": {}, "both": {}}, {}, F1(), {"mentions": [], "events": []})
    for sample in samples(names):
        text = running(sample)
        gold = gold_of(sample, text)
        manuscript = sources.load(text.text + "\n")
        composed = compose(manuscript)
        signals = sense(composed, model)
        story = read_sensed(manuscript, Sensed(composed, signals))
        found = {"rules": ruled(story), "encoder": sensed(text.text, signals), "both": joined(story)}
        for system, scores in done.mentions.items():
            for key, score in mention_scores(gold, found[system]).items():
                scores[key] = scores.get(key, F1()) + score
        for system, marked in found.items():
            _add(done.coreference, f"{system}, people", compare(gold.people().chains, marked.people().chains))
        for system in ("encoder", "both"):
            _add(done.coreference, f"{system}, all", compare(gold.chains, found[system].chains))
        told = found["encoder"].events
        done.events += F1(len(gold.events & told), len(told), len(gold.events))
        _claim(done.claims, text.text, gold, signals)
    return done


def _add(scores: dict[str, Scores], key: str, more: Scores) -> None:
    scores[key] = scores.get(key, Scores()) + more


def _claim(claims: dict[str, list[Claim]], text: str, gold: Marked, signals: Signals) -> None:
    """What the encoder's chances claim: that there is a mention of this category and kind, that a word is an event."""
    for sighting in signals.sightings:
        label = gold.mentions.get(bare(text, sighting.start, sighting.end))
        right = label is not None and LABELS[label] == (sighting.category, sighting.kind)
        claims["mentions"].append(Claim("mentions", sighting.chance, right))
    claims["events"] += [Claim("events", e.chance, (e.start, e.end) in gold.events) for e in signals.events]


def tables(model: Model, names: Sequence[str] = litbank.HELD_OUT) -> list[Table]:
    """What is measured, as the tables of docs/benchmarks.md."""
    done = measure(model, names)
    keys = ("PER", "PER name", "PER nominal", "PER pronoun", *(c for c in CATEGORIES if c != "PER"), "all")
    rules, ours, both = (done.mentions[system] for system in ("rules", "encoder", "both"))
    return [
        Table(
            "Mentions in LitBank",
            ("mention", "gold", "rules", "encoder", "both"),
            tuple(
                (k, ours[k].gold, rules[k].share if k.startswith("PER") else None, ours[k].share, both[k].share)
                for k in keys
            ),
            f"F1 over {len(names)} samples that nothing was trained on; a mention is right if span and label are. The "
            "rules look for people alone.",
        ),
        Table(
            "Coreference in LitBank",
            ("system", "MUC", "B3", "CEAF-e", "mean"),
            tuple((k, s.muc.f1, s.b3.f1, s.ceafe.f1, s.mean) for k, s in sorted(done.coreference.items())),
            "F1 with the mentions that each system finds itself; mentions that are alone in their chain count.",
        ),
        Table(
            "Events in LitBank",
            ("gold", "found", "right", "F1"),
            ((done.events.gold, done.events.found, done.events.right, done.events.share),),
        ),
        Table(
            "How sure the encoder is",
            ("of", "claims", "calibration error"),
            tuple((k, len(made), expected_calibration_error(made)) for k, made in done.claims.items()),
        ),
    ]
