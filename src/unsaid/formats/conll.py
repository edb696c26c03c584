"""Coreference in the column format of CoNLL-2012, and in LitBank's flavour of it.

Columns as in Pradhan et al. (2012), "CoNLL-2012 Shared Task"; what Unsaid does not know (part of speech, parse, senses)
is ``-`` there and ``_`` in LitBank's. A mention that nobody is known to be meant by is a chain of its own in LitBank's
flavour, which keeps chains of one mention, and left out of CoNLL's, which does not.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import PurePath
from typing import TYPE_CHECKING

from unsaid.errors import NotAStory
from unsaid.formats.lines import labels, lines_of
from unsaid.formats.tokens import covering, mentions_in, prose_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unsaid.formats.tokens import Word
    from unsaid.prose import Prose
    from unsaid.story import Story

Chains = dict[int, list[tuple[int, int]]]
"""Mentions by chain: the indices of their first and last token, both inclusive, counted over the document."""

_UNKNOWN, _LITBANK_UNKNOWN = "-", "_"
_BLANK = re.compile(r"\s+")


def conll(story: Story) -> str:
    """The story's coreference as CoNLL-2012 columns, with who speaks each word."""
    prose = prose_of(story)
    words = mentions_in(story, prose.tokens)
    size = Counter(w.character for w in words if w.character)
    marks = _marks([w for w in words if w.character and size[w.character] > 1], story)
    speakers = _speakers(story, prose)
    name = _name(story)
    rows = [f"#begin document ({name}); part 000"]
    for sentence in prose.sentences:
        for number, token in enumerate(range(sentence.first, sentence.last)):
            columns = [
                name,
                "0",
                str(number),
                prose.tokens.words[token],
                *[_UNKNOWN] * 5,
                speakers.get(token, "-"),
                "*",
            ]
            rows.append("\t".join([*columns, marks.get(token, "-")]))
        rows.append("")
    return "\n".join([*rows, "#end document"]) + "\n"


def litbank(story: Story) -> str:
    """The story's coreference as LitBank's files have it."""
    prose = prose_of(story)
    marks = _marks(mentions_in(story, prose.tokens), story)
    name = _name(story)
    rows = [f"#begin document ({name}); part 0"]
    for sentence in prose.sentences:
        for number, token in enumerate(range(sentence.first, sentence.last)):
            columns = [name, "0", str(number), prose.tokens.words[token], *[_LITBANK_UNKNOWN] * 8]
            rows.append("\t".join([*columns, marks.get(token, "")]))
        rows.append("")
    return "\n".join([*rows, "#end document"]) + "\n"


def chains(columns: str) -> Chains:
    """The chains of one document in either flavour: the last column of each row.

    :raises NotAStory: if a bracket closes what none opened, or stays open; says at which row.
    """
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    open_: defaultdict[int, list[int]] = defaultdict(list)
    token = 0
    for number, row in enumerate(columns.splitlines(), 1):
        if not row.strip() or row.startswith("#"):
            continue
        for mark in row.split()[-1].split("|"):
            match = re.fullmatch(r"(\()?(\d+)(\))?", mark)
            if match is None or not (match[1] or match[3]):
                continue
            if match[1]:
                open_[int(match[2])].append(token)
            if match[3]:
                if not open_[int(match[2])]:
                    raise NotAStory(f"row {number} closes chain {match[2]}, which is not open")
                found[int(match[2])].append((open_[int(match[2])].pop(), token))
        token += 1
    left = [chain for chain, starts in open_.items() if starts]
    if left:
        raise NotAStory(f"chain {left[0]} is never closed")
    return {chain: sorted(spans) for chain, spans in found.items()}


def _marks(words: Iterable[Word], story: Story) -> dict[int, str]:
    """The coreference column by token: chains are numbered in the order of the characters, the unknown after them."""
    numbers = {c.id: i for i, c in enumerate(story.characters)}
    single = len(numbers)
    before: defaultdict[int, list[str]] = defaultdict(list)
    after: defaultdict[int, list[str]] = defaultdict(list)
    whole: defaultdict[int, list[str]] = defaultdict(list)
    for word in words:
        if word.character in numbers:
            chain = numbers[word.character]
        else:
            chain, single = single, single + 1
        if word.first == word.last:
            whole[word.first].append(f"({chain})")
        else:
            before[word.first].append(f"({chain}")
            after[word.last].insert(0, f"{chain})")
    return {t: "|".join([*after[t], *before[t], *whole[t]]) for t in {*before, *after, *whole}}


def _speakers(story: Story, prose: Prose) -> dict[int, str]:
    called = labels(story)
    found = {}
    for line in lines_of(story):
        who = called.get(line.speaker or "")
        if who is not None:
            for start, end in line.parts:
                found.update(dict.fromkeys(covering(prose.tokens, start, end), _BLANK.sub("_", who)))
    return found


def _name(story: Story) -> str:
    return re.sub(r"[\s();]+", "_", PurePath(story.source.name).stem) or "story"
