"""LitBank's samples (Bamman et al. 2019, 2020; Sims et al. 2019) as words, mentions, chains and events."""

from __future__ import annotations

import tarfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from unsaid.encoder import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HELD_OUT = (
    # Samples of novels that were kept clean for measuring attribution when it was trained ...
    "158_emma", "208_daisy_miller_a_study", "5230_the_invisible_man_a_grotesque_romance", "1245_night_and_day",
    "541_the_age_of_innocence",
    # ... and five drawn from the others.
    "1023_bleak_house", "215_the_call_of_the_wild", "434_the_circular_staircase", "502_desert_gold",
    "84_frankenstein_or_the_modern_prometheus",
)  # fmt: skip
"""Ten samples that nothing is trained on: what is reported is measured on these."""
KEPT_BACK = (
    "120_treasure_island", "2641_a_room_with_a_view", "514_little_women", "543_main_street", "345_dracula",
    "95_the_prisoner_of_zenda",
)  # fmt: skip
"""Six samples of the others that the heads' confidence is scaled on, and nothing else."""
UNTAUGHT = (
    # Novels that PDNC has marked ...
    "105_persuasion", "11_alices_adventures_in_wonderland", "1245_night_and_day", "1342_pride_and_prejudice",
    "158_emma", "174_the_picture_of_dorian_gray", "208_daisy_miller_a_study", "2641_a_room_with_a_view",
    "2891_howards_end", "45_anne_of_green_gables", "5230_the_invisible_man_a_grotesque_romance",
    "541_the_age_of_innocence", "730_oliver_twist",
    # ... and books that share their people with a novel that is kept for others to measure on.
    "1661_the_adventures_of_sherlock_holmes", "2852_the_hound_of_the_baskervilles",
)  # fmt: skip
"""Books whose own cues teach nothing, beside those of the samples that are kept apart."""
_KINDS = {"PROP": "name", "NOM": "nominal", "PRON": "pronoun"}


class Mention(msgspec.Struct, frozen=True):
    """A mention: words ``first`` to ``last`` (both within), its label's index in ``LABELS``, its chain's number."""

    first: int
    last: int
    label: int
    chain: int


class Sample(msgspec.Struct, frozen=True):
    """One sample: its words, each sentence's first word, its mentions in order, the words that tell of events."""

    name: str
    words: tuple[str, ...]
    sentences: tuple[int, ...]
    mentions: tuple[Mention, ...]
    events: frozenset[int]


def load(folder: Path) -> list[Sample]:
    """Every sample below LitBank's folder, by name.

    :raises FileNotFoundError: if there are none.
    """
    files = sorted((folder / "coref" / "tsv").glob("*_brat.txt"))
    if not files:
        raise FileNotFoundError(f"no LitBank below {folder}: coref/tsv/*_brat.txt is missing")
    return [_sample(folder, f.name.removesuffix("_brat.txt")) for f in files]


def books(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The whole books whose own cues may teach who speaks, by name."""
    with tarfile.open(folder / "original.tar.xz") as held:
        for member in sorted(held.getmembers(), key=lambda m: m.name):
            name = PurePosixPath(member.name).stem
            file = held.extractfile(member)
            if file is not None and name not in (*HELD_OUT, *KEPT_BACK, *UNTAUGHT):
                yield name, file.read()


def _sample(folder: Path, name: str) -> Sample:
    words: list[str] = []
    sentences: list[int] = []
    for line in (folder / "coref" / "tsv" / f"{name}_brat.txt").read_text("utf-8").splitlines():
        sentences.append(len(words))
        words += line.split(" ")
    told = (folder / "events" / "tsv" / f"{name}_brat.tsv").read_text("utf-8").splitlines()
    rows = [row.split("\t") for row in told if row.strip()]
    if [row[0] for row in rows] != words:
        raise ValueError(f"{name}: the words of LitBank's events are not those of its coreference")
    return Sample(
        name=name,
        words=tuple(words),
        sentences=tuple(sentences),
        mentions=_mentions((folder / "coref" / "tsv" / f"{name}_brat.ann").read_text("utf-8"), sentences),
        events=frozenset(i for i, row in enumerate(rows) if row[1] == "EVENT"),
    )


def _mentions(annotation: str, sentences: list[int]) -> tuple[Mention, ...]:
    rows = [row.split("\t") for row in annotation.splitlines()]
    numbers: dict[str, int] = {}
    chains = {row[1]: numbers.setdefault(row[2], len(numbers)) for row in rows if row[0] == "COREF"}
    found = set()
    for k, (_, key, line, word, last_line, last_word, _, category, form) in enumerate(
        row for row in rows if row[0] == "MENTION"
    ):
        first, last = sentences[int(line)] + int(word), sentences[int(last_line)] + int(last_word)
        label = LABELS.index((category, _KINDS[form]))
        found.add(Mention(first, last, label, chains.get(key, -k - 1)))
    return tuple(sorted(found, key=lambda m: (m.first, -m.last)))
