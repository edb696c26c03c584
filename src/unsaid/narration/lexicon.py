"""The narration room's word lists, read once, when they are first needed."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def word_list(name: str) -> frozenset[str]:
    """The entries of ``narration/NAME.txt``: one a line, lines that begin with ``#`` are comment."""
    lines = (files(__package__) / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


FIRST = frozenset("i i'm i'd i've i'll me my mine myself".split())
"""First person singular, contractions and all."""

FIRST_PLURAL = frozenset("we we're we'd we've we'll us our ours ourselves".split())
"""First person plural."""

SECOND = frozenset("you you're you'd you've you'll your yours yourself yourselves ya thee thou thy".split())
"""Second person."""

MASCULINE = frozenset("he he's he'd he'll him his himself".split())
"""Third person, he."""

FEMININE = frozenset("she she's she'd she'll her hers herself".split())
"""Third person, she."""

PLURAL = frozenset("they they're they'd they've they'll them their theirs themselves".split())
"""Third person, they."""

THIRD = MASCULINE | FEMININE | PLURAL
"""Third person, of any kind."""
