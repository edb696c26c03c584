"""Text messages by the way the page sets them: bare lines in nobody's quotation marks, behind a phone that buzzes.

Whoever types a message leaves the full stop off, or the capital, or writes in capitals alone (Crystal 2008, *Txtng*);
a narrator does not. Such a line right behind a phone is a message, and so are those that answer it.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from unsaid.narration.lexicon import SECOND
from unsaid.prose import label_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from unsaid.prose import Prose

MESSAGE_WORDS = 50
"""A message is one paragraph of at most so many words."""
OPEN = 3
"""So many paragraphs behind a message, another one needs no phone before it."""
EXCHANGE, SMALL = 3, 2
"""So many messages in a row need no phone before them, if so many of them begin without a capital."""
CARELESS = 0.25
"""Where so large a share of the narration itself has no full stop, or no capital, the want of one tells nothing."""

BUZZ = frozenset(
    "buzz buzzed buzzes buzzing vibrated vibrates pinged pings chimed chimes beeped beeps dinged dings lit lights "
    "trilled trills".split()
)
PHONE = frozenset("phone phones mobile cell handset screen inbox notification chat".split())
TEXTING = frozenset("texted texts texting typed types typing messaged messages".split())
_DOTS = frozenset({"dots"})
_WHO = frozenset("i you we they to and i'll we'll then".split())
_CLOSING = frozenset(".!?…:;,—–-\"”'’)")
_EMPHASIS = "*_~ "


class Message(msgspec.Struct, frozen=True):
    """A paragraph that is a message.

    :ivar event: the paragraph right before it that tells of a phone, or None.
    :ivar goes_on: another message stands close before it.
    """

    paragraph: int
    event: int | None
    goes_on: bool = False


def messages(prose: Prose) -> tuple[Message, ...]:
    """Every message, in order."""
    if not _tells_of_phones(prose):
        return ()
    return tuple(_messages(prose))


def _tells_of_phones(prose: Prose) -> bool:
    return any(word in PHONE or word in TEXTING or word == "text" for word in prose.tokens.lower)


def _messages(prose: Prose) -> Iterator[Message]:
    bare = [i for i in range(len(prose.paragraphs)) if not _is_quoted(prose, i)]
    typed = informal(prose)
    exchanged = _exchanged(prose, typed)
    last, emphasised = -OPEN - 2, False
    event: int | None = None
    for index in bare:
        line = prose.text[prose.paragraphs[index].start : prose.paragraphs[index].end]
        if label_of(line) is not None:
            continue  # "Paula: where are you" says itself whose it is
        shaped = _is_short(prose, index, MESSAGE_WORDS) and typed(line) and not _is_quoted(prose, index, any)
        emphatic = is_emphatic(prose, index)
        begins = event is not None and index - event <= 1
        goes_on = index - last <= OPEN + 1
        # A page that sets messages in italics does so throughout.
        if (
            index in exchanged
            or (shaped and (begins or goes_on or (emphatic and emphasised)))
            or (emphatic and (begins or (goes_on and emphasised)))
        ):
            yield Message(index, event if begins else None, goes_on=goes_on)
            last, emphasised, event = index, emphatic or emphasised, None
        elif _is_event(prose, index):
            event = index
        elif event is not None and _is_short(prose, index) and index - event <= 1:
            event = index  # "It's Mum."


def _exchanged(prose: Prose, careless: Callable[[str], bool]) -> frozenset[int]:
    """The paragraphs of exchanges that no phone leads up to: three or more bare ones in a row, typed without care.

    One at either end must be so typed, and never two together are not, since who writes with care may well be answered
    by somebody who does not. Of them all two begin small: a title and a sign lack no more than their stops.

    :param careless: tells whether a line is typed so (:func:`informal`).
    """
    found: set[int] = set()
    run: list[int] = []
    small = careful = 0  # of the run: those that begin so, and those at its end that are typed with care
    for index, paragraph in enumerate(prose.paragraphs):
        line = prose.text[paragraph.start : paragraph.end].strip(_EMPHASIS)
        bare = _is_short(prose, index, MESSAGE_WORDS) and not _is_quoted(prose, index, any) and label_of(line) is None
        typed = bare and careless(line)
        goes_on = typed or (bare and run and not careful and _is_said(prose, index, run[-1]))
        if not goes_on or paragraph.after_break:
            found.update(_exchange(run[: len(run) - careful], small))
            run, small, careful = [], 0, 0
        if typed or (goes_on and run):
            run.append(index)
            small += typed and line[:1].islower()
            careful = 0 if typed else careful + 1
    found.update(_exchange(run[: len(run) - careful], small))
    return frozenset(found)


def _is_said(prose: Prose, index: int, before: int) -> bool:
    """Whether a paragraph written with care is said to somebody, by its words or by how it is set: no narration."""
    paragraph = prose.paragraphs[index]
    slanted = is_emphatic(prose, index)
    if slanted != is_emphatic(prose, before):
        return slanted
    asks = prose.text[paragraph.end - 1] == "?"
    return asks or not SECOND.isdisjoint(prose.tokens.lower[paragraph.first : paragraph.last])


def _exchange(run: list[int], small: int) -> list[int]:
    """A run, if it is long enough and enough of it begins small."""
    return run if len(run) >= EXCHANGE and small >= SMALL else []


def _is_event(prose: Prose, index: int) -> bool:
    """Whether a paragraph's narration ends with a phone that rings, or somebody who types."""
    paragraph = prose.paragraphs[index]
    sentence = max(0, prose.sentence_at(paragraph.end - 1))
    first = max(paragraph.first, prose.sentences[max(0, sentence - 2)].first)
    tokens = prose.tokens
    words = [tokens.lower[t] for t in range(first, paragraph.last) if not tokens.quoted[t]]
    told = set(words)
    texts = any(word == "text" and before in _WHO for before, word in pairwise(words))  # "I text Bea"
    return bool(
        texts or told & PHONE or told & TEXTING or (told & _DOTS and told & {"came", "come", "appeared", "appear"})
    )


def _is_short(prose: Prose, index: int, words: int = 8) -> bool:
    paragraph = prose.paragraphs[index]
    return paragraph.last - paragraph.first <= words


def _is_quoted(prose: Prose, index: int, how: Callable[[bytes], bool] = all) -> bool:
    """Whether all of a paragraph stands in quotation marks, or any of it."""
    paragraph = prose.paragraphs[index]
    quoted = prose.tokens.quoted[paragraph.first : paragraph.last]
    return bool(quoted) and how(quoted)


def is_emphatic(prose: Prose, index: int) -> bool:
    """Whether a paragraph is in italics or bold as a whole."""
    paragraph, emphasis = prose.paragraphs[index], prose.emphasis
    at = bisect_right(emphasis, paragraph.start + 1, key=lambda e: e.start) - 1
    return at >= 0 and emphasis[at].end >= paragraph.end - 1


def informal(prose: Prose) -> Callable[[str], bool]:
    """Tells whether a line lacks its full stop or its capital, where the narration has them, or is all capitals."""
    text, paragraphs = prose.text, prose.paragraphs
    long = MESSAGE_WORDS // 3
    told = [p for i, p in enumerate(paragraphs) if p.last - p.first >= long and not _is_quoted(prose, i)]
    stops = sum(text[p.end - 1] not in _CLOSING for p in told) <= CARELESS * len(told)
    capitals = sum(text[p.start].islower() for p in told) <= CARELESS * len(told)

    def typed(line: str) -> bool:
        line = line.strip(_EMPHASIS)
        letters = [c for c in line if c.isalpha()]
        if not letters:
            return False
        shouted = len(letters) > 1 and all(c.isupper() for c in letters)
        return shouted or (stops and line[-1] not in _CLOSING) or (capitals and letters[0].islower())

    return typed
