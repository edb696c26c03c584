"""Stretches of novels for the heads for speakers: some windows in a row, with the turns in them, damaged by design."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec
import torch

from training.pages import alike
from training.referents import kind_of
from training.speakers import Gold
from unsaid.encoder import LABELS
from unsaid.encoder.dialogue import Arrays, arrays
from unsaid.encoder.layer import Dialogue
from unsaid.encoder.windows import Window, cut
from unsaid.people.lexicon import titles

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence, Set

    from tokenizers import Tokenizer

    from training.dialogues import Novel
    from training.referents import Referent
    from unsaid.encoder.layer import Named

WINDOWS = 4
"""Windows in a row: a turn at the border of one sees the mentions in its neighbours, as when a story is read."""
MASKED, STRAIGHT, BARE = 0.3, 0.1, 0.2
"""Share of the lines whose cue has its name taken away; of the stretches in single marks, and without marks."""
_MARKS = frozenset("\"'")  # as words: an apostrophe is part of one
_CUE = 6  # words between a line and the name in its cue
_INSTEAD = {
    1: {"m": "he", "f": "she"},
    2: {"m": "the man", "f": "the woman"},
    3: {"m": "the other man", "f": "the other woman"},
}


class Meant(msgspec.Struct, frozen=True):
    """The mentions of people in a stretch: first and last word, within, label, and whom each means in gold.

    :ivar who: numbers, below zero where gold says nothing.
    :ivar alike: of each two mentions 2, where they have the same words, 1, where the last word is the same, else 0.
    """

    first: torch.Tensor
    last: torch.Tensor
    label: torch.Tensor
    who: torch.Tensor
    alike: torch.Tensor


class Stretch(msgspec.Struct, frozen=True):
    """Windows in a row, the arrays of the turns in them, and gold for each row.

    :ivar meant: whom its mentions mean.
    :ivar spoken: whether each word is spoken, 1 or 0, where the marks that show it are taken out; else None.
    """

    windows: tuple[Window, ...]
    rows: Arrays
    gold: Gold
    meant: Meant
    spoken: torch.Tensor | None = None


def stretches(
    novel: Novel, words: Sequence[str], tokenizer: Tokenizer, chance: random.Random | None, begin: int = 0
) -> Iterator[Stretch]:
    """A novel's stretches that hold a line which gold knows.

    :param words: the novel's words, maybe under other names.
    :param chance: draws what is damaged; None: nothing is.
    """
    starts = novel.words.starts
    spelled = list(words)
    dialogue, hidden = _masked(novel, spelled, chance) if chance else (novel.dialogue, frozenset())
    asked = novel.ruled or (True,) * len(novel.right)
    known = [() if t in hidden or not asked[t] else right for t, right in enumerate(novel.right)]
    pieces = [tuple(e.ids) for e in tokenizer.encode_batch(spelled, add_special_tokens=False)]
    (single,) = tokenizer.encode("'", add_special_tokens=False).ids
    turn_starts = [turn[0] for turn in dialogue.turns]
    mention_starts = [m.start for m in dialogue.mentions]
    windows = list(cut(pieces, novel.words.sentences, begin=begin, margin=0))
    for k in range(0, len(windows), WINDOWS):
        held = windows[k : k + WINDOWS]
        a, b = held[0].first, held[-1].last
        end = starts[b] if b < len(starts) else starts[-1] + 1
        t = slice(bisect_left(turn_starts, starts[a]), bisect_left(turn_starts, end))
        m = slice(bisect_left(mention_starts, starts[a]), bisect_left(mention_starts, end))
        if not any(novel.right[t]):
            continue
        rows = arrays(part(dialogue, t, m), starts[a:b])
        gold = Gold(*(gold_of(rows, gold[t]) for gold in (novel.right, known, novel.heard)))
        meant = meant_in(novel.referents, spelled, a, b)
        drawn = chance.random() if chance else 1.0
        if drawn < BARE:
            spoken = torch.tensor(list(novel.spoken[a:b]), dtype=torch.float32)
            yield Stretch(tuple(bare(window, spelled, novel.spoken) for window in held), rows, gold, meant, spoken)
        elif drawn < BARE + STRAIGHT:
            yield Stretch(tuple(_single(window, spelled, single) for window in held), rows, gold, meant)
        else:
            yield Stretch(tuple(held), rows, gold, meant)


def meant_in(referents: Sequence[Referent], spelled: Sequence[str], begin: int, end: int) -> Meant:
    """Whom the mentions between two words mean, counted from the first of them."""
    low = bisect_left(referents, begin, key=lambda r: r.first)
    high = bisect_left(referents, end, key=lambda r: r.first)
    held = [r for r in referents[low:high] if r.last < end]
    texts = [" ".join(spelled[r.first : r.last + 1]).lower() for r in held]
    return Meant(
        first=torch.tensor([r.first - begin for r in held], dtype=torch.long),
        last=torch.tensor([r.last - begin for r in held], dtype=torch.long),
        label=torch.tensor([LABELS.index(("PER", kind_of(r, spelled))) for r in held], dtype=torch.long),
        who=torch.tensor([r.who for r in held], dtype=torch.long),
        alike=alike(texts),
    )


def part(dialogue: Dialogue, turns: slice, mentions: slice) -> Dialogue:
    """Some turns and mentions of a dialogue."""
    return Dialogue(
        dialogue.turns[turns],
        dialogue.rules[turns],
        dialogue.chances[turns],
        dialogue.told[turns],
        dialogue.conversations[turns],
        dialogue.mentions[mentions],
        dialogue.cues[turns],
    )


def gold_of(rows: Arrays, gold: Sequence[Sequence[str]]) -> torch.Tensor:
    """1 for each row whose person gold names for its turn, else 0: (r,).

    :param gold: those whom it names for each turn.
    """
    turns = rows.row_turn.tolist()
    return torch.tensor([float(who in gold[t]) for t, who in zip(turns, rows.row_who, strict=True)])


def _masked(novel: Novel, spelled: list[str], chance: random.Random) -> tuple[Dialogue, Set[int]]:
    """Take the name out of some lines' cues, and with it what the rules know from it: all that is left is the talk.

    :returns: the dialogue without what was taken, and the turns that it was taken from.
    """
    dialogue, starts = novel.dialogue, novel.words.starts
    begins = [m.start for m in dialogue.mentions]
    chances, gone, hidden = list(dialogue.chances), set(), set()
    for t, (start, end) in enumerate(dialogue.turns):
        if dialogue.rules[t] != "cue-name" or not novel.right[t] or chance.random() >= MASKED:
            continue
        first, last = bisect_left(starts, start), bisect_left(starts, end)
        low = starts[max(0, first - _CUE)]
        high = starts[min(len(starts) - 1, last + _CUE)]
        for k in range(bisect_left(begins, low), bisect_left(begins, high)):
            mention = dialogue.mentions[k]
            if mention.quoted or mention.kind != "name" or mention.who not in novel.right[t]:
                continue
            if _hide(novel, spelled, mention):
                gone.add(k)
                hidden.add(t)
                chances[t] = dict.fromkeys(chances[t], 1 / len(chances[t]))
    kept = tuple(m for k, m in enumerate(dialogue.mentions) if k not in gone)
    return msgspec.structs.replace(dialogue, chances=tuple(chances), mentions=kept), hidden


def _hide(novel: Novel, spelled: list[str], mention: Named) -> bool:
    first, last = (bisect_left(novel.words.starts, at) for at in (mention.start, mention.end))
    sorts = [novel.names.get(novel.words.spelled[k], "") for k in range(first, last)]
    instead = _INSTEAD.get(last - first)
    if instead is None:
        return False
    held = titles().get(novel.words.spelled[first].lower().rstrip("."))
    woman = "f" in sorts or (held is not None and held.gender == "f")
    spelled[first:last] = instead["f" if woman else "m"].split()
    return True


def _single(window: Window, words: Sequence[str], number: int) -> Window:
    """A window in single quotation marks."""
    ids = list(window.ids)
    for k, at in enumerate(window.at):
        if words[window.first + k] == '"':
            ids[at] = number
    return msgspec.structs.replace(window, ids=tuple(ids))


def bare(window: Window, words: Sequence[str], spoken: bytes) -> Window:
    """A window whose quotation marks are taken out; a mark's vector is that of the word that it stood beside.

    :param spoken: 1 for each of the novel's words that is spoken: a mark right behind one closes, any other opens.
    """
    n = window.last - window.first
    lost = [words[window.first + k] in _MARKS for k in range(n)]
    if all(lost):
        return window
    ids, at = [window.ids[0]], [-1] * n
    for k in range(n):
        if not lost[k]:
            end = window.at[k + 1] if k + 1 < n else len(window.ids) - 1
            at[k] = len(ids)
            ids += window.ids[window.at[k] : end]
    kept = [k for k in range(n) if not lost[k]]
    for k in (k for k in range(n) if lost[k]):
        behind, before = bisect_left(kept, k), bisect_left(kept, k) - 1
        closes = k > 0 and not lost[k - 1] and spoken[window.first + k - 1]
        beside = behind if not closes and behind < len(kept) else before
        at[k] = at[kept[beside]]
    return msgspec.structs.replace(window, ids=(*ids, window.ids[-1]), at=tuple(at))
