"""`make unmarked`: weights for finding speech without marks (``unsaid/prose/unmarked.txt``).

Novels whose quotation marks are taken out are their own gold: no hand has marked them. They are LitBank's, whole and in
the public domain, without those on which the figures are taken.
"""

from __future__ import annotations

import argparse
import random
import tarfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import torch
from torch import nn

from unsaid import prose, sources
from unsaid.prose import unmarked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.prose import Prose

NOT_TAUGHT = (
    "11_ 45_ 105_ 158_ 174_ 208_ 541_ 730_ 1245_ 1342_ 2641_ 2891_ 5230_"  # in PDNC, where the figures are from
    " 4217_ 4300_"  # their speech opens with a dash
).split()
"""How the names of the files begin that nothing is learned from."""
LONGEST = 600_000  # characters of a novel
LEAST_QUOTED = 0.05
"""Share of a novel in marks below which it is not known how it marks its speech."""
LEAST_USES, LEAST_NOVELS = 80, 8
"""How often a feature has to be seen, and in how many novels, to get a weight."""
EPOCHS, BATCH, RATE, SEED = 3, 256, 0.05, 5
_MARKS = "\"“”„«»‘’'"
_MOST = 64  # features of a clause that count
_ORDER = "^,.;:!?…—$"
_TINY = 0.05


class Line(msgspec.Struct, frozen=True):
    """A clause as training sees it: its features, the mark before it, and whether it is spoken."""

    features: tuple[str, ...]
    before: str
    spoken: bool


def bare(composed: Prose) -> tuple[str, list[tuple[int, int]], bytearray]:
    """A story's paragraphs without their marks: the text, their spans, and of each character whether it was quoted."""
    inside, gone = bytearray(len(composed.text)), bytearray(len(composed.text))
    for quotation in composed.quotations:
        inside[quotation.start : quotation.end] = b"\1" * (quotation.end - quotation.start)
        for start, end in ((quotation.start, quotation.end), *quotation.nested):
            for at in (start, end - 1):
                gone[at] = composed.text[at] in _MARKS
    letters: list[str] = []
    flags = bytearray()
    spans = []
    for paragraph in composed.paragraphs:
        begin = len(letters)
        for at in range(paragraph.start, paragraph.end):
            if not gone[at] and composed.text[at] not in '"“”«»':
                letters.append(composed.text[at])
                flags.append(inside[at])
        spans.append((begin, len(letters)))
        letters += "\n\n"
        flags += b"\0\0"
    return "".join(letters), spans, flags


def lines_of(composed: Prose) -> Iterator[list[Line]]:
    """A story's paragraphs as clauses; one without any is left out."""
    text, spans, flags = bare(composed)
    told = unmarked.told_by_one_of_them(text[a:b] for a, b in spans)
    for start, end in spans:
        held = unmarked.clauses(text, start, end)
        marks = ("^", *(clause.mark for clause in held))
        row = []
        for clause, before, shown in zip(held, marks, unmarked.features(text, held, told=told), strict=False):
            spoken = 2 * sum(flags[clause.start : clause.end]) > len(text[clause.start : clause.end].strip())
            row.append(Line(tuple(shown), before, spoken))
        if row:
            yield row


def novels(archive: Path) -> Iterator[list[list[Line]]]:
    """LitBank's novels, each as its paragraphs."""
    with tarfile.open(archive) as held:
        for member in sorted(held.getmembers(), key=lambda m: m.name):
            name = Path(member.name).name
            file = held.extractfile(member) if name.endswith(".txt") and not name.startswith(".") else None
            if file is None or name.startswith(tuple(NOT_TAUGHT)):
                continue
            text = file.read().decode("utf-8", "replace")[:LONGEST]
            composed = prose.compose(sources.load(text.encode()))
            quoted = sum(q.end - q.start for q in composed.quotations if q.mark not in ("dash", "label"))
            if quoted > LEAST_QUOTED * len(text):
                yield list(lines_of(composed))


class Chain(nn.Module):
    """A linear chain over told and spoken: a weight for each feature, and for each step behind each mark."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.place = {name: i for i, name in enumerate(names)}
        self.weight = nn.Embedding(len(names) + 1, 1, padding_idx=len(names))
        self.step = nn.Parameter(torch.zeros(len(_ORDER), 2, 2))
        nn.init.zeros_(self.weight.weight)

    def loss(self, rows: Sequence[Sequence[Line]]) -> torch.Tensor:
        """Minus the log of the chance of gold, summed over paragraphs."""
        scores, steps, gold, held = self._packed(rows)
        both = torch.stack([torch.zeros_like(scores), scores], -1)
        here = gold[:, 0]
        total = both[:, 0] + steps[:, 0, 0]
        right = total.gather(1, here[:, None])[:, 0]
        each = torch.arange(len(rows))
        for t in range(1, both.shape[1]):
            further = torch.logsumexp(total[:, :, None] + steps[:, t], 1) + both[:, t]
            total = torch.where(held[:, t, None], further, total)
            went = steps[each, t, gold[:, t - 1], gold[:, t]] + both[each, t, gold[:, t]]
            right = right + torch.where(held[:, t], went, torch.zeros_like(went))
        return (torch.logsumexp(total, 1) - right).sum()

    def _packed(self, rows: Sequence[Sequence[Line]]) -> tuple[torch.Tensor, ...]:
        longest = max(map(len, rows))
        ids = torch.full((len(rows), longest, _MOST), len(self.place))
        marks, gold = torch.zeros(2, len(rows), longest, dtype=torch.long)
        held = torch.zeros(len(rows), longest, dtype=torch.bool)
        for b, row in enumerate(rows):
            for t, line in enumerate(row):
                known = [self.place[name] for name in line.features if name in self.place][:_MOST]
                ids[b, t, : len(known)] = torch.tensor(known, dtype=torch.long)
                marks[b, t], gold[b, t], held[b, t] = _ORDER.index(line.before), line.spoken, True
        return self.weight(ids).sum(2)[..., 0], self.step[marks], gold, held

    def weights(self) -> dict[str, float]:
        """The weights by name, as the reader has them; those too small to matter left out."""
        found = {name: self.weight.weight[i].item() for name, i in self.place.items()}
        steps = {
            f"step {mark} {a}{b}": self.step[k, a, b].item()
            for k, mark in enumerate(_ORDER)
            for a in (0, 1)
            for b in (0, 1)
        }
        return {name: round(w, 2) for name, w in {**found, **steps}.items() if abs(w) >= _TINY}


def fit(stories: Sequence[Sequence[Sequence[Line]]], *, uses: int = LEAST_USES, of: int = LEAST_NOVELS) -> Chain:
    """Fit a chain to stories, each as its paragraphs.

    :param uses: how often a feature has to be seen, and ``of`` in how many stories.
    """
    seen: Counter[str] = Counter()
    shared: Counter[str] = Counter()
    for story in stories:
        own = Counter(name for row in story for line in row for name in line.features)
        seen.update(own)
        shared.update(own.keys())
    chain = Chain(sorted(name for name in seen if seen[name] >= uses and shared[name] >= of))
    rows = sorted((row for story in stories for row in story), key=len)
    batches = [rows[i : i + BATCH] for i in range(0, len(rows), BATCH)]
    optimizer = torch.optim.Adam(chain.parameters(), lr=RATE)
    for epoch in range(EPOCHS):
        optimizer.param_groups[0]["lr"] = RATE * 0.4**epoch
        total = 0.0
        for batch in random.Random(SEED + epoch).sample(batches, len(batches)):
            loss = chain.loss(batch)
            optimizer.zero_grad(set_to_none=True)
            (loss / sum(map(len, batch))).backward()
            optimizer.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total / sum(map(len, rows)):.4f} a clause", flush=True)
    return chain


HEAD = """# Weights of clauses that are spoken, against told: fitted by training/unmarked.py on {n} novels in the public
# domain (LitBank, Bamman et al. 2019) whose quotation marks were taken out. No text of theirs is in it.
"""


def main(archive: Path, out: Path) -> None:
    """Fit the weights to an archive of novels, and write them."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    stories = list(novels(archive))
    print(f"{len(stories)} novels, {sum(map(len, stories)):,} paragraphs", flush=True)
    weights = fit(stories).weights()
    rows = (f"{name} {weights[name]}\n" for name in sorted(weights))
    beside = out.with_suffix(".part")
    beside.write_text(HEAD.format(n=len(stories)) + "".join(rows), encoding="utf-8")
    beside.replace(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("out", type=Path)
    said = parser.parse_args()
    main(said.archive, said.out)
