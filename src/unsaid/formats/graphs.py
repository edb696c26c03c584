"""Who speaks to whom, who thinks of whom, who is present together: a story's people as networks.

A graph's nodes are characters, its edges what passes between two of them. ``speech`` goes from a speaker to each
addressee; ``thought`` from a thinker to everyone named in the thought; ``presence`` joins two in the scenes that both
are present in. Numbers of lines and words are counted, bonds averaged; what nobody is known to have said is in none.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import msgspec
import networkx as nx

from unsaid.errors import NoSuchScene
from unsaid.formats.lines import labels, word_count
from unsaid.formats.xml import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.story import Story

_DATE = re.compile(rb' lastmodifieddate="[^"]*"')
Kind = Literal["speech", "thought", "presence"]
MOST_PRESENT = 200
"""Of more than so many in one scene (a crowd, or a text without scenes) the first are joined with each other."""
KINDS: tuple[Kind, ...] = ("speech", "thought", "presence")


class Contact(msgspec.Struct, frozen=True):
    """One thing that passes from ``one`` to ``other`` in a scene (index, -1 where no scene holds it)."""

    kind: Kind
    one: str
    other: str
    scene: int
    words: int


def network(story: Story, *, scene: str | None = None) -> nx.MultiDiGraph:
    """The whole network, or one scene's: an edge for each kind of contact between two, keyed by the kind.

    Nodes have ``name``, ``kind``, ``pronouns``, ``mentions`` and ``lines``; edges ``kind``, ``count``, ``words``,
    ``scenes`` (how many) and, where the story has one, ``bond``: the mean of what the first shows the other, -1 to 1.

    :param scene: a scene's id.
    :raises NoSuchScene: if there is no such scene.
    """
    numbers = {s.id: number for number, s in enumerate(story.scenes)}
    if scene is not None and scene not in numbers:
        raise NoSuchScene(scene, list(numbers))
    wanted = None if scene is None else numbers[scene]
    graph = nx.MultiDiGraph(name=clean(story.metadata.title or story.source.name))
    _add_people(graph, story)
    bonds = _bonds(story, scene)
    for key, contacts in _grouped(story, wanted).items():
        kind, one, other = key
        edge: dict[str, str | float] = {
            "kind": kind,
            "weight": len(contacts),
            "count": len(contacts),
            "words": sum(c.words for c in contacts),
        }
        edge["scenes"] = len({c.scene for c in contacts})
        if (one, other) in bonds:
            edge["bond"] = bonds[one, other]
        graph.add_edge(one, other, key=kind, **edge)
    if scene is not None:
        graph.remove_nodes_from([who for who in list(graph) if not graph.degree(who)])
    return graph


def to_graphml(story: Story) -> bytes:
    """The whole network as GraphML."""
    sink = io.BytesIO()
    nx.write_graphml(network(story), sink, encoding="utf-8")
    return sink.getvalue()


def to_gexf(story: Story) -> bytes:
    """The network through time as GEXF 1.2: an edge is there in the scenes (counted from 0) in which it is made.

    Gephi shows it as a dynamic graph, scene by scene.
    """
    graph = nx.MultiDiGraph(name=clean(story.metadata.title or story.source.name), mode="dynamic")
    _add_people(graph, story)
    for (kind, one, other), contacts in _grouped(story, None).items():
        scenes = sorted({c.scene for c in contacts if c.scene >= 0})
        when = {"spells": [(float(s), float(s + 1)) for s in scenes]} if scenes else {}
        graph.add_edge(one, other, key=kind, kind=kind, weight=float(len(contacts)), **when)
    sink = io.BytesIO()
    nx.write_gexf(graph, sink, encoding="utf-8", version="1.2draft")
    # The day of writing would make every day's file of the same reading another.
    return _DATE.sub(b"", sink.getvalue(), count=1)


def _add_people(graph: nx.MultiDiGraph, story: Story) -> None:
    lines: defaultdict[str, int] = defaultdict(int)
    for utterance in story.utterances:
        if utterance.speaker is not None:
            lines[utterance.speaker] += 1
    called = labels(story)
    for c in story.characters:
        name = clean(called[c.id])
        counts = {"mentions": c.mentions, "lines": lines[c.id]}
        graph.add_node(c.id, label=name, name=name, kind=c.kind, pronouns=c.pronouns or "", **counts)


def _grouped(story: Story, scene: int | None) -> dict[tuple[Kind, str, str], list[Contact]]:
    groups: defaultdict[tuple[Kind, str, str], list[Contact]] = defaultdict(list)
    for contact in _contacts(story):
        if scene is None or contact.scene == scene:
            groups[contact.kind, contact.one, contact.other].append(contact)
    return groups


def _contacts(story: Story) -> Iterator[Contact]:
    known = {c.id for c in story.characters}
    starts = [s.start for s in story.scenes]
    mention_starts = [m.start for m in story.mentions]
    for utterance in story.utterances:
        one = utterance.speaker
        if one not in known:
            continue
        scene = bisect_right(starts, utterance.start) - 1
        words = word_count(story, utterance)
        if utterance.kind == "thought":
            low, high = bisect_left(mention_starts, utterance.start), bisect_left(mention_starts, utterance.end)
            of = dict.fromkeys(m.character for m in story.mentions[low:high] if m.character in known - {one})
            yield from (Contact("thought", one, other, scene, words) for other in of if other)
        else:
            yield from (Contact("speech", one, a, scene, words) for a in utterance.addressees if a in known - {one})
    for number, at in enumerate(story.scenes):
        for one, other in combinations(sorted(set(at.present[:MOST_PRESENT]) & known), 2):
            yield Contact("presence", one, other, number, 0)


def _bonds(story: Story, scene: str | None) -> dict[tuple[str, str], float]:
    """By direction, the mean of a bond's arc, or its value in one scene."""
    found = {}
    for bond in story.bonds:
        points = [p for p in bond.arc if scene is None or p.scene == scene]
        for pair, values in (
            ((bond.a, bond.b), [p.from_a for p in points if p.from_a is not None]),
            ((bond.b, bond.a), [p.from_b for p in points if p.from_b is not None]),
        ):
            if values:
                found[pair] = round(sum(values) / len(values), 4)
    return found
