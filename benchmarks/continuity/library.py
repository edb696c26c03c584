"""Untouched novels: those of PDNC that may be looked at, and LitBank's books in two halves, one never looked at."""

from __future__ import annotations

import re
import tarfile

from benchmarks import corpus

_KEPT_OUT = (
    "handful_of_dust sun_also_rises sign_of_the_four northanger awakening man_who_was_thursday sport_of_the_gods "
    "winnie_the_pooh daisy_miller _emma gambler where_angels invisible_man mansfield night_and_day age_of_innocence "
    "alices anne_of_green dorian_gray persuasion pride_and_prejudice room_with_a_view oliver_twist howards_end "
    "sense_and_sensibility hard_times passage_to_india affair_at_styles"
).split()
"""Parts of file names: books that are held out of PDNC, or kept unseen in it, are left out, as are PDNC's others."""


def books(half: str) -> dict[str, str]:
    """Texts by name.

    :param half: "pdnc", the development novels; "seen", every other book of LitBank, which rules were written with; or
        "unseen", the rest.
    :raises NoCorpusError: if the shared folder is not there.
    """
    if half == "pdnc":
        return {book: corpus.novel_text(book).replace("\r\n", "\n") for book in corpus.developed()}
    found = {}
    with tarfile.open(corpus.shared() / "data" / "litbank" / "original.tar.xz", "r:xz") as archive:
        for member in archive:
            name = member.name.rpartition("/")[2].removesuffix(".txt")
            file = archive.extractfile(member) if re.match(r"\d+_", name) else None
            if file is not None and not any(part in f"_{name}" for part in _KEPT_OUT):
                found[name] = file.read().decode("utf-8").replace("\r\n", "\n")
    order = sorted(found, key=lambda name: int(name.partition("_")[0]))
    return {name: found[name] for name in order[half == "unseen" :: 2]}
