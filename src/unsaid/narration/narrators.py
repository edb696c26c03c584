"""Which character is "I", stretch by stretch: clues weighed along the text, switches made dear."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from unsaid.narration.clues import NAMED_SELF, SAID_OWN_NAME, SPOKEN_OF_AS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.narration.clues import Clue

MAX_CANDIDATES = 8
"""So many characters are weighed as narrators; the work grows with the square of this number."""
HEADED = 6.0
"""Weight of a heading that is a name; a heading that says "Ben's POV" weighs twice as much."""
SWITCH_AT_BREAK = 3.0
"""What a change of narrator costs at a chapter, break or gap, in the weights of the clues."""
SWITCH_ANYWHERE = 6.0
"""What a change of narrator costs at a paragraph without any mark."""
LASTING = 0.3
"""Weight, for each paragraph up to the next heading, of one that says outright whose view follows."""
SPOKEN_OF_SHARE = 0.3
"""One narrator of several is named by the others at least so often for each time that somebody calls "I" so."""
SHARE = 0.55
"""One narrator alone is named so: this share of the weight of the clues about a name must speak for it.

On LitBank's whole novels and PDNC's looked-at ones, narrators who are named stand at 0.6 or above, but for those of
novels in letters; of people whom a narrator tells of and who are called often enough, one of all stands above 0.5
(the landlady of *The Country of the Pointed Firs*, whose narrator nobody names).
"""
CALLED = 0.008
"""... and for each paragraph that "I" tell, so much must speak for it, unless it is said outright: on the same novels
narrators who are named reach 0.0099 or more; "Sage!" and "Fiddlesticks!", taken for names, 0.004 at most.
"""


ONCE = 0.6
"""What has to speak for a candidate at least: a single call is enough where nothing speaks against it."""


SHORT = 150
"""In a story of no more paragraphs than these, whoever is called but once, and never told or talked of, is "I", if only
one is."""


class Site(msgspec.Struct, frozen=True):
    """A paragraph told in the first person: its index, what a switch before it costs, and who a heading names there.

    :ivar headed: the character named by the heading before it, or None; ``sure`` as in a section.
    """

    paragraph: int
    cost: float
    headed: str | None = None
    sure: bool = False


def narrators(sites: Sequence[Site], found: Sequence[Clue]) -> tuple[str | None, ...]:
    """The narrator of each site: a character id, or None where the text does not name "I"."""
    at = {site.paragraph: order for order, site in enumerate(sites)}
    weights: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for clue in found:
        if clue.paragraph in at:
            weights[clue.character][at[clue.paragraph]] += clue.weight
    _add_headings(sites, weights)
    candidates = _candidates(weights)
    while candidates:
        path = _best_path(sites, candidates, weights)
        if len(set(path)) == 1:
            break
        if not _unsupported(path, sites, found):
            return path
        # One at a time, the weakest first: without it the others may bear each other out.
        candidates.remove(min(set(candidates) & {*path} or candidates, key=lambda who: sum(weights[who].values())))
    ranked = _candidates(weights)
    sole = _only_narrator(ranked, weights, found, CALLED * len(sites))
    if sole is None and len(sites) <= SHORT:
        spotless = [who for who in ranked if min(weights[who].values()) >= 0]
        sole = spotless[0] if len(spotless) == 1 else None
    return (sole,) * len(sites)


def _add_headings(sites: Sequence[Site], weights: dict[str, dict[int, float]]) -> None:
    """A heading speaks for its narrator where it stands, and a little all the way to the next one."""
    headed, lasting = None, 0.0
    for order, site in enumerate(sites):
        if site.headed is not None:
            headed, lasting = site.headed, LASTING if site.sure else 0.0
            weights[headed][order] += 2 * HEADED if site.sure else HEADED
        elif headed is not None and lasting:
            weights[headed][order] += lasting


def _candidates(weights: dict[str, dict[int, float]]) -> list[str]:
    """Characters with something that speaks for them, the best supported first."""
    support = {who: sum(w for w in line.values() if w > 0) for who, line in weights.items()}
    ranked = sorted((who for who, held in support.items() if held >= ONCE), key=lambda who: (-support[who], who))
    return ranked[:MAX_CANDIDATES]


def _best_path(
    sites: Sequence[Site], candidates: Sequence[str], weights: dict[str, dict[int, float]]
) -> tuple[str | None, ...]:
    """The cheapest assignment of a narrator, or none, to each site (Viterbi)."""
    states: tuple[str | None, ...] = (None, *candidates)
    empty: dict[int, float] = {}
    lines = [weights[who] if who is not None else empty for who in states]
    score = [lines[s].get(0, 0.0) for s in range(len(states))]
    back: list[list[int]] = []
    for order in range(1, len(sites)):
        best = max(range(len(states)), key=score.__getitem__)
        jump = score[best] - sites[order].cost
        row = [s if score[s] > jump or s == best else best for s in range(len(states))]
        score = [max(score[s], jump) + lines[s].get(order, 0.0) for s in range(len(states))]
        back.append(row)
    state = max(range(len(states)), key=score.__getitem__)
    path = [states[state]]
    for row in reversed(back):
        state = row[state]
        path.append(states[state])
    return tuple(reversed(path))


def _unsupported(path: Sequence[str | None], sites: Sequence[Site], found: Sequence[Clue]) -> frozenset[str]:
    """The narrators of a path with changes that nothing but stray vocatives speaks for.

    A narrator among several is named outright, or the others tell of them by name and they of the others.
    """
    told = {site.paragraph: who for site, who in zip(sites, path, strict=True)}
    outright = {site.headed for site in sites}
    called: Counter[str] = Counter()
    spoken_of: Counter[str] = Counter()
    speaks_of: dict[str | None, set[str]] = defaultdict(set)
    for clue in found:
        if clue.paragraph not in told:
            continue
        narrator = told[clue.paragraph]
        if clue.weight >= SAID_OWN_NAME and narrator == clue.character:
            outright.add(clue.character)
        elif clue.weight <= SPOKEN_OF_AS and narrator != clue.character:
            spoken_of[clue.character] += 1
            speaks_of[narrator].add(clue.character)
        elif clue.weight > 0 and narrator == clue.character:
            called[clue.character] += 1
    named = {who for who in path if who is not None}
    if len(set(path)) == 1:
        return frozenset()
    return frozenset(
        who
        for who in named
        if who not in outright
        and (
            not called[who]
            or spoken_of[who] < max(1, SPOKEN_OF_SHARE * called[who])
            or not any(other in speaks_of[who] for other in named - {who})
        )
    )


def _only_narrator(
    candidates: Sequence[str], weights: dict[str, dict[int, float]], found: Sequence[Clue], least: float
) -> str | None:
    """The one character that the clues of the whole text agree on, or None.

    :param least: what has to speak for a character at least.
    """
    best, best_score = None, 0.0
    for who in candidates:
        line = weights[who].values()
        support, against = sum(w for w in line if w > 0), -sum(w for w in line if w < 0)
        said = any(c.character == who and c.weight >= NAMED_SELF for c in found)
        enough = support >= least and support / (support + against) >= SHARE
        if support - against > best_score and (enough or said):
            best, best_score = who, support - against
    return best
