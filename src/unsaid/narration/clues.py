"""Who "I" may be: every place where the text names, addresses or rules out its narrator."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from unsaid.narration.chats import messages
from unsaid.people.lexicon import titles
from unsaid.people.usage import opens_note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.people import Cast
    from unsaid.prose import Prose
    from unsaid.story import Mention

NAMED_SELF = 8.0
"""Weight of "I'm Kate Doyle": one such line outweighs a scene of stray vocatives."""
SAID_OWN_NAME = 3.0
"""Weight of "My name is Kate," I said: the cue is read from the paragraph and may belong to another line."""
ADDRESSED_BESIDE_I = 1.5
"""Weight of a vocative in a paragraph whose narration speaks of "I" or "me"."""
ADDRESSED = 0.6
"""Weight of any other vocative: the line may be said to somebody else in the room."""
ADDRESSED_NEXT_TO_I = 1.0
"""Weight of a vocative that somebody else utters right before or behind a paragraph whose narration says "I"."""
ADDRESSED_BY_I = -1.0
"""Weight of a vocative that "I" utter: nobody calls themselves."""
SPOKEN_OF = -1.0
"""Weight of a name in the narration itself: a narrator says "I"."""

SPOKEN_OF_AS = -0.4
"""Weight of a noun phrase for somebody in the narration ("the sergeant"), which may refer to somebody else."""

TALKED_OF = -0.01
"""Weight of a name that somebody else says without calling anyone, perhaps to "I": nobody is told of themselves.

It tells two narrators apart (see :mod:`unsaid.narration.shifts`, which weighs it for itself) but next to nothing of
one alone, whom people talk about to each other: at -0.4 the narrators of four of 84 LitBank books were lost.
"""

_INTRODUCED = frozenset({"are you", "you are", "this is", "be you", "you're", "aren't you", "is that"})
"""What stands before a name that is put to the one spoken to: "Are you Kate?", "Ann, this is Kate"."""

_BEFORE_VOCATIVE = frozenset(
    {
        ",",
        '"',
        "“",
        "”",
        "'",
        "‘",
        "«",
        "-",
        "--",
        "—",
        "–",
        "...",
        "…",
        "oh",
        "yes",
        "no",
        "well",
        "hey",
        "dear",
        "darling",
        "o",
    }
)
_AFTER_SENTENCE = frozenset({".", "!", "?"})
_AFTER_VOCATIVE = frozenset(
    {",", ".", "!", "?", '"', "”", "'", "’", "»", "-", "--", "—", "–", "...", "…", ";", "!!", "??", "?!"}
)
_THINKING = frozenset("thought think told tell said say".split())
_HEADING_WORDS = 14  # of a title or byline at most, which no full stop ends
_ASKED_WITHIN, _ASKED_TOKENS = 3, 80  # paragraphs, and words, in which somebody has asked for a name
_TAKEN_UP = frozenset("he she he's she's he’s she’s hes shes he'd she'd he’d she’d he'll she'll he’ll she’ll".split())
_SAYING = frozenset(
    "said say says asked ask asks answered replied cried whispered told tell called shouted murmured muttered added "
    "returned began exclaimed inquired enquired yelled breathed sighed repeated continued went".split()
)
_MARK = 2  # characters of what opens italics
_NEAR_ME = 3  # tokens of "me, 'Kate"
_NEAR_CUE = 5  # tokens of "my mother always said"
_WHOM = frozenset("him her them me us you".split())
_ASKS_NAME = frozenset(("who are", "your name", "your names", "call you"))
"""What is asked right before "Kate," I said, where Kate is the one who says it."""
_HERE_IS = frozenset({"it's", "it’s"})
"""On a telephone, or at a bedside, "It's Kate," is said of oneself."""
_IS_NAMED = frozenset({"is", "was", "'s", "being"})
_NAMING = frozenset({"call", "called", "calls", "calling", "named", "christened", "name", "dubbed"})


class Clue(msgspec.Struct, frozen=True):
    """One piece of evidence that ``character`` is the narrator of the paragraph (or is not: a negative weight)."""

    paragraph: int
    character: str
    weight: float
    start: int


def clues(prose: Prose, cast: Cast, skipped: frozenset[int]) -> tuple[Clue, ...]:
    """Every clue, in the order of the text; paragraphs in ``skipped`` (letters) are left out."""
    typed = frozenset(message.paragraph for message in messages(prose))
    return tuple(_clues(prose, cast, skipped, typed))


def _clues(prose: Prose, cast: Cast, skipped: frozenset[int], typed: frozenset[int]) -> Iterator[Clue]:
    speaks: dict[int, tuple[bool, bool]] = {}
    for mention in cast.mentions:
        if mention.kind == "pronoun" or mention.character is None:
            continue
        paragraph = prose.paragraph_at(mention.start)
        if paragraph in skipped or paragraph < 0:
            continue
        first = bisect_left(prose.tokens.starts, mention.start)
        after = bisect_left(prose.tokens.starts, mention.end)
        if first >= len(prose.tokens):
            continue
        if paragraph in typed:
            opens = first == prose.paragraphs[paragraph].first
            weight = ADDRESSED if opens and mention.kind == "name" else 0.0
        else:
            weight = _weight(prose, mention, paragraph, (first, after), speaks)
        if weight:
            yield Clue(paragraph, mention.character, weight, mention.start)


def _weight(
    prose: Prose, mention: Mention, paragraph: int, span: tuple[int, int], speaks: dict[int, tuple[bool, bool]]
) -> float:
    """What a mention outside letters and messages says for or against whoever it means.

    :param span: its tokens. ``speaks``: what is known of paragraphs, by :func:`_narrator_in`; more is added.
    """
    first, after = span
    quoted = prose.tokens.quoted[first]
    if mention.kind == "nominal":
        return 0.0 if quoted else SPOKEN_OF if _is_rank(prose, first, after) else SPOKEN_OF_AS
    if not quoted:
        return _told(prose, paragraph, first, after)
    for near in (paragraph - 1, paragraph, paragraph + 1):
        if near not in speaks and 0 <= near < len(prose.paragraphs):
            speaks[near] = _narrator_in(prose, near)
    present, speaking = speaks[paragraph]
    own = _is_own(prose, first)
    weight = _in_quotation(prose, first, after, (present, speaking if own is None else own))
    if weight == ADDRESSED_BY_I and _is_answer(prose, paragraph, first, after):
        return SAID_OWN_NAME
    if weight == ADDRESSED and _is_cued(prose, paragraph) and _is_beside_i(speaks, paragraph):
        return ADDRESSED_NEXT_TO_I
    return weight


def _told(prose: Prose, paragraph: int, first: int, after: int) -> float:
    """What a name in the narration itself says."""
    tokens, span = prose.tokens, prose.paragraphs[paragraph]
    if _names_self(prose, first, after):
        return NAMED_SELF
    if tuple(tokens.lower[after : after + 2]) == (",", "i") and not _THINKING.isdisjoint(
        tokens.lower[after + 2 : after + 3]
    ):
        return ADDRESSED_BESIDE_I  # "Kate, I thought, you are a fool."
    if opens_note(prose, first, after):
        return ADDRESSED  # whoever reads it
    heading = span.last - span.first <= _HEADING_WORDS and prose.text[span.end - 1].isalnum()
    written = tokens.words[first].isupper() and len(tokens.words[first]) > 1
    return 0.0 if heading or written or _is_slanted(prose, tokens.starts[first]) else SPOKEN_OF


def _is_slanted(prose: Prose, at: int) -> bool:
    """Whether an offset stands in italics with words before it: what "I" think may name me, too."""
    i = bisect_left(prose.emphasis, at, key=lambda span: span.end)
    return i < len(prose.emphasis) and prose.emphasis[i].start < at - _MARK


def _is_rank(prose: Prose, first: int, after: int) -> bool:
    """ "The sergeant": as good as a name, since nobody else has the rank."""
    title = titles().get(prose.tokens.lower[after - 1]) if after - first == 2 else None
    return title is not None and title.sort == "rank" and prose.tokens.lower[first] == "the"


def _is_beside_i(speaks: dict[int, tuple[bool, bool]], paragraph: int) -> bool:
    """Whether the narration right before or behind a paragraph speaks of "I"."""
    return any(speaks.get(near, (False, False))[0] for near in (paragraph - 1, paragraph + 1))


def _is_cued(prose: Prose, paragraph: int) -> bool:
    """Whether a verb of speech stands in a paragraph's narration, which does not say "I": somebody else speaks."""
    tokens, span = prose.tokens, prose.paragraphs[paragraph]
    return any(tokens.lower[t] in _SAYING and not tokens.quoted[t] for t in range(span.first, span.last))


def _names_self(prose: Prose, first: int, after: int) -> bool:
    """ "I'm Kate", "I am Kate", "my name is Kate", "call me Kate", "I, Kate,": a name put to "I" or "me"."""
    lower = prose.tokens.lower
    following = lower[after] if after < len(lower) else "."
    if following in {"'s", "’s", "'"}:
        return False
    one, two, three = (lower[first - back] if first >= back else "" for back in (1, 2, 3))
    if one == "i'm" or (one == "am" and two == "i"):
        return following[0] in ",.;!—-" or following in {"and", "of", "the", "from"}
    if one in _IS_NAMED and two == "name":
        return three == "my"
    if one == "me" and two in _NAMING:
        return True
    return one == "," and two in {"i", "me"} and following == ","


def _in_quotation(prose: Prose, first: int, after: int, narrator: tuple[bool, bool]) -> float:
    lower = prose.tokens.lower
    present, speaking = narrator
    one, two, three = (lower[first - back] if first >= back else "" for back in (1, 2, 3))
    own = one == "i'm" or (one == "am" and two == "i") or (one in _IS_NAMED and two == "name" and three == "my")
    if speaking and (own or (one in _HERE_IS and _ends_there(lower, after))):
        return SAID_OWN_NAME
    if one == "me" and two in _NAMING:
        return SAID_OWN_NAME if speaking else ADDRESSED  # "Nobody's called me Kate in years."
    if "me" in lower[max(0, first - _NEAR_ME) : first] and speaking and is_vocative(prose, first, after):
        return ADDRESSED_BESIDE_I  # "and she said to me, 'Kate, go home'," I said
    if not is_vocative(prose, first, after):
        introduced = f"{two} {one}" in _INTRODUCED or one == "you're"
        return 0.0 if speaking or introduced else TALKED_OF
    if speaking:
        return ADDRESSED_BY_I
    return ADDRESSED_BESIDE_I if present else ADDRESSED


def _is_answer(prose: Prose, paragraph: int, first: int, after: int) -> bool:
    """Whether a name is the whole of what "I" say at first, and somebody has just asked for it."""
    tokens = prose.tokens
    if first > prose.paragraphs[paragraph].first + 1 or not _ends_there(tokens.lower, after):
        return False
    since = max(prose.paragraphs[max(0, paragraph - _ASKED_WITHIN)].first, first - _ASKED_TOKENS)
    asked = tokens.lower[since:first]
    return any(f"{one} {two}" in _ASKS_NAME for one, two in pairwise(asked))


def _is_own(prose: Prose, first: int) -> bool | None:
    """Whether "I" say the quotation that a token stands in, by the cue right behind it; None where none stands there.

    A paragraph that holds all of a conversation has "I said" somewhere, whoever calls.
    """
    tokens, span = prose.tokens, prose.paragraphs[prose.paragraph_at(prose.tokens.starts[first])]
    behind = next((t for t in range(first, span.last) if not tokens.quoted[t]), span.last)
    near = tokens.lower[behind : min(span.last, behind + _NEAR_CUE)]
    said = next((k for k, word in enumerate(near) if word in _SAYING or not word[0].isalpha()), len(near))
    if said == len(near) or near[said] not in _SAYING:
        return None
    return "i" in near[: said + 2]


def _ends_there(lower: Sequence[str], after: int) -> bool:
    return after >= len(lower) or lower[after] in _AFTER_VOCATIVE


def is_taken_up(lower: Sequence[str], after: int) -> bool:
    """Whether a name that ends before token ``after`` was asked about: "Ben? He never said a word.", "Ann, who"."""
    mark, behind = lower[after : after + 1], lower[after + 1 : after + 2]
    return bool(behind) and ((mark[0] == "?" and behind[0] in _TAKEN_UP) or (mark[0] == "," and behind[0] == "who"))


def is_vocative(prose: Prose, first: int, after: int) -> bool:
    """Whether the tokens ``first`` to ``after`` of a quotation stand apart as an address ("Come, Ann!")."""
    lower = prose.tokens.lower
    before = lower[first - 1] if first else '"'
    following = lower[after] if after < len(lower) else '"'
    if following not in _AFTER_VOCATIVE or is_taken_up(lower, after) or _reported(lower, first):
        return False
    return before in _BEFORE_VOCATIVE or (before in _AFTER_SENTENCE and following != ".")


def _reported(lower: Sequence[str], first: int) -> bool:
    """Whether whoever speaks tells what was once said: "and I says to him, Archie, if it's the plate you want"."""
    if first < 2 or lower[first - 1] != ",":
        return False
    back = first - 4 if lower[first - 2] in _WHOM and lower[first - 3] == "to" else first - 2
    return back >= 0 and lower[back] in _SAYING


def _narrator_in(prose: Prose, paragraph: int) -> tuple[bool, bool]:
    """Whether the paragraph's narration speaks of "I" or "me", and whether "I" say something in it."""
    tokens, span = prose.tokens, prose.paragraphs[paragraph]
    present = speaking = False
    for index in range(span.first, span.last):
        if tokens.quoted[index] or tokens.lower[index] not in {"i", "me", "my", "i'd", "i'm"}:
            continue
        present = True
        if tokens.lower[index] == "i":
            near = (tokens.lower[index - 1] if index else "", tokens.lower[index + 1] if index + 1 < span.last else "")
            speaking = speaking or near[0] in _SAYING or near[1] in _SAYING
    return present, speaking


def vocative_mentions(prose: Prose, cast: Cast) -> Iterator[tuple[int, Mention]]:
    """Each name mention that is a vocative inside a quotation, with the index of its first token."""
    for mention in cast.mentions:
        if mention.kind != "name":
            continue
        first = bisect_left(prose.tokens.starts, mention.start)
        after = bisect_left(prose.tokens.starts, mention.end)
        if first < len(prose.tokens) and prose.tokens.quoted[first] and is_vocative(prose, first, after):
            yield first, mention
