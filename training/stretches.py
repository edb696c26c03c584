"""Stretches of novels for the heads for speakers: some windows in a row, with the turns in them, damaged by design."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec
import torch

from training.speakers import Gold
from unsaid.encoder.dialogue import Arrays, arrays
from unsaid.encoder.layer import Dialogue
from unsaid.encoder.windows import Window, cut

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence, Set

    from tokenizers import Tokenizer

    from training.dialogues import Novel
    from unsaid.encoder.layer import Named

WINDOWS = 4
"""Windows in a row: a turn at the border of one sees the mentions in its neighbours, as when a story is read."""
MASKED, STRAIGHT, UNMARKED = 0.3, 0.1, 0.05
"""Share of the lines whose cue has its name taken away; of the stretches in single marks, and without marks."""
_CUE = 6  # words between a line and the name in its cue
_INSTEAD = {
    1: {"m": "he", "f": "she"},
    2: {"m": "the man", "f": "the woman"},
    3: {"m": "the other man", "f": "the other woman"},
}


class Stretch(msgspec.Struct, frozen=True):
    """Windows in a row, the arrays of the turns in them, and gold for each row."""

    windows: tuple[Window, ...]
    rows: Arrays
    gold: Gold


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
    known = [() if t in hidden else right for t, right in enumerate(novel.right)]
    pieces = [tuple(e.ids) for e in tokenizer.encode_batch(spelled, add_special_tokens=False)]
    marks = {mark: tuple(tokenizer.encode(mark, add_special_tokens=False).ids) for mark in ("'", ",")}
    turn_starts = [turn[0] for turn in dialogue.turns]
    mention_starts = [m.start for m in dialogue.mentions]
    windows = list(cut(pieces, novel.words.sentences, begin=begin))
    for k in range(0, len(windows), WINDOWS):
        held = windows[k : k + WINDOWS]
        a, b = held[0].first, held[-1].last
        end = starts[b] if b < len(starts) else starts[-1] + 1
        t = slice(bisect_left(turn_starts, starts[a]), bisect_left(turn_starts, end))
        m = slice(bisect_left(mention_starts, starts[a]), bisect_left(mention_starts, end))
        if not any(novel.right[t]):
            continue
        rows = arrays(part(dialogue, t, m), starts[a:b])
        if chance:
            held = _respelled(held, spelled, marks, chance)
        yield Stretch(tuple(held), rows, Gold(*(_gold(rows, gold[t]) for gold in (novel.right, known, novel.heard))))


def part(dialogue: Dialogue, turns: slice, mentions: slice) -> Dialogue:
    """Some turns and mentions of a dialogue."""
    return Dialogue(
        dialogue.turns[turns],
        dialogue.rules[turns],
        dialogue.chances[turns],
        dialogue.told[turns],
        dialogue.conversations[turns],
        dialogue.mentions[mentions],
    )


def _gold(rows: Arrays, gold: Sequence[Sequence[str]]) -> torch.Tensor:
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
    title = novel.words.spelled[first].lower()
    woman = "f" in sorts or title.startswith(("mrs", "miss", "lady", "madam", "aunt", "queen"))
    spelled[first:last] = instead["f" if woman else "m"].split()
    return True


def _respelled(
    windows: Sequence[Window], words: Sequence[str], marks: dict[str, tuple[int, ...]], chance: random.Random
) -> list[Window]:
    """A stretch's windows with single quotation marks, or with commas for marks, or as they are."""
    drawn = chance.random()
    if drawn >= STRAIGHT + UNMARKED:
        return list(windows)
    (number,) = marks["'" if drawn < STRAIGHT else ","]
    found = []
    for window in windows:
        ids = list(window.ids)
        for k, at in enumerate(window.at):
            if words[window.first + k] == '"':
                ids[at] = number
        found.append(msgspec.structs.replace(window, ids=tuple(ids)))
    return found
