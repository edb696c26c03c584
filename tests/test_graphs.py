"""Networks of a story's people, read by NetworkX and counted by hand."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import msgspec
import networkx as nx
import pytest

import unsaid
from unsaid import errors
from unsaid.formats import graphs
from unsaid.story import ArcPoint, Bond, Character, Story

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.txt"))


def check_edges_are_who_speaks_to_whom(story: Story) -> None:
    aloud = [u for u in story.utterances if u.kind != "thought" and u.speaker]
    spoken = Counter((u.speaker, a) for u in aloud for a in u.addressees if a != u.speaker)
    edges = {(a, b): d["count"] for a, b, k, d in story.network().edges(keys=True, data=True) if k == "speech"}
    assert edges == dict(spoken)
    for written, read in ((graphs.to_graphml(story), nx.read_graphml), (graphs.to_gexf(story), nx.read_gexf)):
        again = read(io.BytesIO(written))
        assert set(again) == {c.id for c in story.characters}
        assert again.number_of_edges() == story.network().number_of_edges()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_edges_are_who_speaks_to_whom(path: Path) -> None:
    check_edges_are_who_speaks_to_whom(unsaid.read(path))


def test_thought_goes_to_whom_it_names_and_presence_joins(orchard: Story) -> None:
    graph = orchard.network()
    assert graph["c1"]["c2"]["presence"]["count"] == 1
    said, wrote = "I never left not really I was in the shed with the apples", "Dear Odile I took the ladder B"
    assert graph["c2"]["c1"]["speech"]["words"] == len(f"{said} {wrote}".split())
    assert "thought" not in graph["c2"].get("c1", {})


def test_one_scene_has_its_own_network(orchard: Story) -> None:
    assert set(orchard.network(scene="s1")) == {"c1", "c2"}
    with pytest.raises(errors.NoSuchScene, match="no scene 's9' in this story; there are s1 to s1"):
        orchard.network(scene="s9")


def test_a_bond_is_a_mean_in_each_direction(orchard: Story) -> None:
    arc = (ArcPoint("s1", 0.5, -1.0, ()), ArcPoint("s2", 0.0, None, ()))
    story = msgspec.structs.replace(orchard, bonds=(Bond("c1", "c2", arc),))
    assert story.network()["c1"]["c2"]["speech"]["bond"] == 0.25
    assert story.network()["c2"]["c1"]["speech"]["bond"] == -1.0


def test_gexf_says_when(orchard: Story) -> None:
    graph = nx.read_gexf(io.BytesIO(graphs.to_gexf(orchard)))
    spells = [tuple(d["spells"][0]) for _, _, d in graph.edges(data=True)]
    assert {(float(a), float(b)) for a, b in spells} == {(0.0, 1.0)}


def test_the_same_reading_gives_the_same_bytes(orchard: Story) -> None:
    assert graphs.to_gexf(orchard) == graphs.to_gexf(orchard)
    assert b"lastmodified" not in graphs.to_gexf(orchard)


def test_a_name_that_xml_cannot_hold_is_marked(orchard: Story) -> None:
    odd = Character("c9", "a\x00b<&>\ud800", {}, None, "person", 1)
    story = msgspec.structs.replace(orchard, characters=(*orchard.characters, odd))
    for written, read in ((graphs.to_graphml(story), nx.read_graphml), (graphs.to_gexf(story), nx.read_gexf)):
        assert read(io.BytesIO(written)).nodes["c9"]["name"] == "a\ufffdb<&>\ufffd"
