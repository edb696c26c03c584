"""What happens once in a life, as the text mentions it: a death, a birth, a wedding, a first meeting, a departure."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import msgspec

from unsaid.prose import concordance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.people import Certain
    from unsaid.prose import Prose
    from unsaid.story import Mention

_VERBS = {
    form: kind
    for kind, forms in {
        "death": "died dies dead perished drowned killed murdered buried",
        "birth": "born",
        "marriage": "married wed wedded",
        "meeting": "met known",
        "departure": "left gone vanished disappeared departed",
        "return": "returned",
        "arrival": "arrived",
        "divorce": "divorced",
        "retirement": "retired",
        "removal": "moved",
    }.items()
    for form in forms.split()
}
NOUNS = {
    "death": "death",
    "birth": "birth",
    "marriage": "marriage",
    "wedding": "marriage",
    "funeral": "death",
    "departure": "departure",
    "disappearance": "departure",
    "return": "return",
    "arrival": "arrival",
    "divorce": "divorce",
    "retirement": "retirement",
}
"""Nouns that name an event, with its kind; they may be said of one that is still to come."""
_BETWEEN = frozenset(
    "had has have was were is been be just up and got first also both finally suddenly then who all had've 's 'd "
    "lay fell only already long now really simply quietly".split()
)
_NOT = frozenset(
    "not n't never would could should might may will shall can didn't hadn't hasn't wouldn't if to almost nearly "
    "wasn't isn't weren't won't unless whether".split()
)
_REACH = 6
_WITH_OTHER = frozenset({"meeting", "marriage"})
REPEATED = frozenset({"departure", "return", "arrival", "removal", "meeting"})
"""What one does again and again; two mentions are of one event only where both are years away."""


class Happening(msgspec.Struct, frozen=True):
    """A mention of an event: its kind, whose it is, and where it stands (tokens and offsets)."""

    kind: str
    who: tuple[str, ...]
    token: int
    start: int
    end: int

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """What two mentions of one event share."""
        return self.kind, self.who


def happenings(prose: Prose, certain: Certain) -> tuple[Happening, ...]:
    """Every mention of an event whose person is beyond doubt, in order; nothing denied, feared or planned."""
    return tuple(_found(prose, certain))


def _found(prose: Prose, certain: Certain) -> Iterator[Happening]:
    tokens = prose.tokens
    ends = sorted(certain.by_end)
    for i in concordance(tokens).of({*_VERBS, *NOUNS}):
        made = _by_verb(prose, certain, ends, i) if tokens.lower[i] in _VERBS else _by_noun(prose, certain, i)
        if made is not None:
            yield made


def _by_verb(prose: Prose, certain: Certain, ends: list[int], i: int) -> Happening | None:
    """ "my father died", "he just up and left", "they had been married"."""
    tokens = prose.tokens
    j = i - 1
    while j >= 0 and i - j <= _REACH and tokens.lower[j] in _BETWEEN:
        j -= 1
    if j < 0 or tokens.lower[j] in _NOT or tokens.quoted[j] != tokens.quoted[i]:
        return None
    index = bisect_right(ends, tokens.ends[j]) - 1
    mention = certain.by_end[ends[index]] if index >= 0 and ends[index] == tokens.ends[j] else None
    sentence = prose.sentences[prose.sentence_at(tokens.starts[i])]
    if mention is None or not _NOT.isdisjoint(tokens.lower[max(sentence.first, j - 2) : j]):
        return None
    who = certain.mostly(mention)
    if who is None or _is_state_of_thing(tokens.lower, i):
        return None
    kind = _VERBS[tokens.lower[i]]
    people = {who}
    if kind in _WITH_OTHER:
        other = certain.starting(tokens.ends[i])
        near = other is not None and other.start <= min(sentence.end, tokens.ends[i] + 12)
        if near and other is not None and (mate := certain.mostly(other)) is not None:
            people.add(mate)
    return Happening(kind, tuple(sorted(people)), i, mention.start, tokens.ends[i])


def _is_state_of_thing(lower: tuple[str, ...], i: int) -> bool:
    """Whether "left", "moved", "gone" … mean something else: left his hat, moved closer, gone to bed, met his eyes."""
    after = lower[i + 1] if i + 1 < len(lower) else "."
    word = lower[i]
    if word in {"left", "met"}:
        return after in {
            "his",
            "her",
            "my",
            "their",
            "the",
            "a",
            "an",
            "to",
            "with",
            "by",
            "of",
            "off",
            "hand",
            "behind",
        }
    if word == "moved":
        return after not in {"to", "into", "here", "there", "away", "in"}
    if word == "gone":
        return after in {"to", "into", "on", "up", "down", "out", "back", "through", "by", "in", "off", "over"}
    if word == "known":
        return lower[i - 1] not in {"had", "have", "has", "'ve", "'d"}
    return False


def _kin_of(prose: Prose, certain: Certain, mention: Mention) -> Mention | None:
    """Of "the death of Tom's father" the father, where he is a mention; None where it is some other thing of Tom's."""
    after = bisect_right(prose.tokens.starts, mention.end - 1)
    if prose.tokens.lower[after : after + 1] != ("'s",) or after + 1 >= len(prose.tokens):
        return mention
    kin = certain.starting(prose.tokens.starts[after + 1])
    return kin if kin is not None and kin.start == prose.tokens.starts[after + 1] else None


def _by_noun(prose: Prose, certain: Certain, i: int) -> Happening | None:
    """ "Tom's departure", "his wife's death", "the death of my father"."""
    tokens = prose.tokens
    kind = NOUNS[tokens.lower[i]]
    if i and tokens.lower[i - 1] == "'s":
        end = tokens.starts[i - 1]
        mention = certain.by_end.get(end) or certain.by_end.get(tokens.ends[i - 1])
    elif i + 2 < len(tokens) and tokens.lower[i + 1] == "of":
        mention = certain.starting(tokens.starts[i + 2])
        if mention is not None and mention.start != tokens.starts[i + 2]:
            mention = None
        mention = _kin_of(prose, certain, mention) if mention is not None else None
    else:
        mention = certain.by_end.get(tokens.ends[i - 1]) if i else None
    who = certain.mostly(mention) if mention is not None else None
    if mention is None or who is None:
        return None
    return Happening(kind, (who,), i, min(mention.start, tokens.starts[i]), max(mention.end, tokens.ends[i]))
