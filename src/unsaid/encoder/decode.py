"""From scores to mentions and links."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING

import numpy as np

from unsaid.encoder.heads import Mention, log_softmax, pair_kinds
from unsaid.encoder.layer import KINDS, LABELS, Link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.encoder.heads import Floats, Heads, Ints
    from unsaid.story import MentionKind

BACK = 120
"""How many mentions before it a mention is compared with: nine in ten of LitBank's windows hold fewer."""
LONGEST: dict[MentionKind, int] = {"name": 6, "pronoun": 1}
"""Words in the longest mention of a kind: of the names that the heads were trained on one in a thousand has more, of
the pronouns three in eleven thousand."""
_LEAST = 0.02  # a link less likely than this is not kept
_OWNS = frozenset(("'s", "'"))  # "Ann" in "Ann's brother"
_NEVER = -1e4


def mentions(first: Ints, last: Ints, scores: Floats, spelled: Sequence[str] = ()) -> list[Mention]:
    """The spans that are likelier a mention than none, surest first, in order.

    Left out is what is no mention beside a surer one: what crosses it, and what begins where it begins and is of its
    category, unless the shorter of the two owns the longer ("Ann" and "Ann's brother"). Of the mentions that the heads
    were trained on there are eight such pairs in 74 samples. A pronoun stands by itself: it may begin a mention ("his
    wife").

    :param first: first word of each span; ``last`` the last one, within.
    :param scores: (s, 1 + labels), class 0 being none.
    :param spelled: the words.
    """
    scores = _bounded(first, last, scores)
    likely = np.flatnonzero(scores[:, 1:].max(axis=1) > scores[:, 0])
    first, last, scores = first[likely], last[likely], scores[likely]
    order = np.argsort(-scores, axis=1, kind="stable")[:, :2]
    chances = np.take_along_axis(np.exp(log_softmax(scores)), order, axis=1)
    kept = _Nest([k for k, word in enumerate(spelled) if word in _OWNS])
    for k in np.argsort(-chances[:, 0], kind="stable"):
        label, second = order[k].tolist()
        spans = int(first[k]), int(last[k])
        kept.add(Mention(*spans, label - 1, float(chances[k, 0]), second - 1 if second else None, float(chances[k, 1])))
    return sorted(kept.held, key=lambda m: (m.first, -m.last))


def _bounded(first: Ints, last: Ints, scores: Floats) -> Floats:
    """The scores without any chance for a mention that is longer than its kind can be."""
    bounded = scores.copy()
    for kind, longest in LONGEST.items():
        too_long = np.flatnonzero(last - first >= longest)
        for label in range(KINDS.index(kind), len(LABELS), len(KINDS)):
            bounded[too_long, 1 + label] = _NEVER
    return bounded


class _Nest:
    """Mentions of which none crosses another: each lies inside another, or beside it.

    :param owning: the words that make an owner of the word before them.
    """

    def __init__(self, owning: Sequence[int] = ()) -> None:
        self.held: list[Mention] = []
        self._owning = frozenset(owning)
        self._spans: list[tuple[int, int]] = []
        self._begun: dict[tuple[int, int], list[int]] = {}  # last words, by first word and category

    def add(self, mention: Mention) -> None:
        """Keep a mention, unless one that is kept leaves no room for it."""
        span = (mention.first, mention.last)
        near = self._spans[bisect_left(self._spans, (span[0] - _REACH, 0)) : bisect_left(self._spans, (span[1] + 1,))]
        if any(a < span[0] <= b < span[1] or span[0] < a <= span[1] < b for a, b in near):
            return
        category, kind = divmod(mention.label, len(KINDS))
        begun = self._begun.setdefault((mention.first, category), [])
        if kind != _PRONOUN:
            if any(min(mention.last, last) + 1 not in self._owning for last in begun):
                return
            begun.append(mention.last)
        insort(self._spans, span)
        self.held.append(mention)


_PRONOUN = KINDS.index("pronoun")
_REACH = 64  # words: more than the longest span, so that whatever crosses one begins no further before it


class Chains:
    """Links from each window's mentions to those before them, in this window and the one before."""

    def __init__(self, heads: Heads) -> None:
        self._heads = heads
        self._before: tuple[list[Mention], Floats, list[str]] | None = None
        self._count = 0

    def link(self, words: Floats, found: Sequence[Mention], spelled: Sequence[str]) -> list[tuple[Link, ...]]:
        """What each of a window's mentions may take up; indices count the story's mentions from its beginning.

        :param words: the window's vectors; ``spelled`` its words, in lower case.
        """
        if not found:
            return []
        asked, offered = self._heads.keys(words, found)
        texts = [" ".join(spelled[m.first : m.last + 1]) for m in found]
        held, keys, said = self._before or ([], offered[:0], [])
        everyone, keys, said = [*held, *found], np.concatenate([keys, offered]), [*said, *texts]
        apart = len(held) + np.arange(len(found))[:, None] - np.arange(len(everyone))[None, :]
        scores = self._heads.links(asked, keys, pair_kinds(found, everyone), apart, _alike(texts, said))
        begin = self._count - len(held)
        self._count += len(found)
        self._before = (everyone[-BACK:], keys[-BACK:], said[-BACK:])
        return [_kept(row, begin) for row in np.exp(scores)]


def _alike(texts: Sequence[str], said: Sequence[str]) -> Ints:
    """2 where two mentions have the same words, 1 where the last word is the same, else 0."""
    ids: dict[str, int] = {}
    whole = np.array([ids.setdefault(t, len(ids)) for t in (*texts, *said)])
    ends = np.array([ids.setdefault(t.rpartition(" ")[2], len(ids)) for t in (*texts, *said)])
    n = len(texts)
    same: Ints = (ends[:n, None] == ends[None, n:]).astype(np.int64) + (whole[:n, None] == whole[None, n:])
    return same


def _kept(chances: Floats, begin: int) -> tuple[Link, ...]:
    likely = np.flatnonzero(chances >= _LEAST)
    order = likely[np.argsort(-chances[likely], kind="stable")]
    return tuple(Link(None if k == 0 else begin + int(k) - 1, float(chances[k])) for k in order)
