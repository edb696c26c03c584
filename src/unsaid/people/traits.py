"""Traits that the text states: eyes, hair, age, height."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.prose import Prose
    from unsaid.story import Character, Mention


def add(prose: Prose, people: Sequence[Character], mentions: Sequence[Mention]) -> list[Character]:
    return list(people)
