"""What the voices room looks things up in: mentions by token, paragraphs by quotation, genders by character."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

import msgspec

from unsaid.people.kin import ELDERS, is_kin, plain
from unsaid.people.lexicon import person_nouns
from unsaid.voices.callings import Callings, describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.narration import Telling
    from unsaid.people import Cast
    from unsaid.prose import Prose
    from unsaid.story import Mention

LONGEST_MENTION = 5  # tokens of a name or noun phrase right before a verb
_CHILD, _CHILD_RATHER = 4, 2  # how often somebody is called a boy or girl, and how many times as often as an uncle
SubjectKind = Literal["name", "nominal", "pronoun", "first", "stranger"]

HE = frozenset(("he", "him", "his", "himself"))
SHE = frozenset(("she", "her", "hers", "herself"))
THEY = frozenset(("they", "them", "their", "theirs", "themselves", "both", "all"))
FIRST = frozenset(("i", "me", "my", "mine", "myself"))
NOMINATIVE = frozenset(("he", "she", "they", "i", "we"))
REFLEXIVES = frozenset(("himself", "herself", "themselves", "myself", "itself", "oneself"))
OBLIQUE = frozenset(("him", "them", "me", "us", "himself", "herself", "themselves", "myself"))
# Characters within which "a woman" is still the one whom "the woman" means.
_INTRODUCTION = 2000
# How many of those who are named most can speak without having been mentioned for pages.
_LEADING = 2
_SAID_SHARE = 0.1
_MANY = 5  # where the chief character is named so often, one who is named once is only spoken of


class Subject(msgspec.Struct, frozen=True):
    """Who a cue or a beat is about: a mention, as far as it is resolved; a stranger is "someone", "a voice".

    :ivar pronouns: "he", "she" or "they" where the words show it.
    """

    kind: SubjectKind
    character: str | None
    pronouns: str | None
    start: int
    end: int


def _names(mention: Mention, text: str) -> bool:
    """Whether a mention names somebody: a name does, and so does a word for a relation that stands alone, "Ma"."""
    if mention.kind != "nominal":
        return mention.kind == "name"
    word = text[mention.start : mention.end]
    if word.islower():
        return plain(word) in ELDERS  # "says mom"
    return word[:1].isupper() and word.isalpha() and is_kin(word.lower())


def _prominence(counts: Counter[str]) -> dict[str, float]:
    """How often each character is named, from 0 to 1 on a logarithmic scale: 1 is the one named most."""
    top = math.log1p(max(counts.values(), default=1))
    return {who: math.log1p(n) / top for who, n in counts.items()}


def _once(counts: Counter[str]) -> float:
    """The prominence of someone who is named a single time; below zero in a story too short for that to mean much."""
    top = max(counts.values(), default=1)
    return math.log1p(1) / math.log1p(top) if top >= _MANY else -1.0


def _silent(prose: Prose, taken: Sequence[tuple[int, int]]) -> frozenset[int]:
    """Indices of the paragraphs that hold nothing but a thought or writing: nobody hears them, nothing happens."""
    silent = set()
    for start, end in taken:
        first = max(0, prose.paragraph_at(start))
        for i in range(first, len(prose.paragraphs)):
            paragraph = prose.paragraphs[i]
            if paragraph.start >= end:
                break
            if start <= paragraph.start and paragraph.end <= end:
                silent.add(i)
    return frozenset(silent)


class Field:
    """A story's layers, indexed once for the whole room; nothing in it changes after construction.

    :param taken: spans that are read already as thought or writing, sorted.
    :param around: who is around which passage, as far as it was weighed before for the same cast; what is weighed now
        is added to it.
    """

    def __init__(
        self,
        prose: Prose,
        cast: Cast,
        telling: Telling,
        taken: Sequence[tuple[int, int]] = (),
        around: dict[tuple[int, int], dict[str, float]] | None = None,
        callings: Callings | None = None,
    ) -> None:
        self.callings = callings or Callings()
        self.around = around if around is not None else {}
        self.prose, self.cast, self.telling = prose, cast, telling
        self.text, self.tokens = prose.text, prose.tokens
        self.pronouns = {c.id: c.pronouns for c in cast.characters}
        self.groups = frozenset(c.id for c in cast.characters if c.kind == "group")
        self.by_id = {c.id: c for c in cast.characters}
        named = Counter(m.character for m in cast.mentions if m.character and _names(m, prose.text))
        self.prominence = _prominence(named)
        once = _once(named)
        self.passing = frozenset(who for who, share in self.prominence.items() if share <= once)
        self.leading = sorted(self.prominence, key=lambda who: -self.prominence[who])[:_LEADING]
        self.named = frozenset(named)
        told = Counter(m.character for m in cast.mentions if m.character)
        most = max((n for who, n in told.items() if who in named), default=1)
        self.mentioned = {who: n / most for who, n in told.items() if who not in named}
        starts = self.tokens.starts
        self.mention_first = [bisect_left(starts, m.start) for m in cast.mentions]
        self.mention_last = [bisect_left(starts, m.end) for m in cast.mentions]
        self.at_token: dict[int, int] = {}
        for i, first in enumerate(self.mention_first):
            held = self.at_token.get(first)
            if held is None or self.mention_last[held] < self.mention_last[i]:
                self.at_token[first] = i
        self.taken = taken
        self.marked = all(q.mark != "none" for q in prose.quotations[:1])
        self.silent = _silent(prose, taken)
        self.quotation_starts = [q.start for q in prose.quotations]
        self._said = list(accumulate((q.end - q.start for q in prose.quotations), initial=0))

    def told_before(self, offset: int) -> float:
        """How much has been told up to ``offset``, in characters; what is said between counts for a part only.

        Nobody fades from a scene while the others talk.
        """
        i = bisect_right(self.quotation_starts, offset)
        said = self._said[i]
        if i:
            said -= max(0, self.prose.quotations[i - 1].end - offset)
        return offset - said * (1.0 - _SAID_SHARE)

    @cached_property
    def told_mentions(self) -> tuple[list[int], list[float], list[str]]:
        """Of the mentions of someone known in the narrative: their starts, how much is told before each, and whom."""
        found = [
            (m.start, m.character) for i, m in enumerate(self.cast.mentions) if m.character and not self.is_quoted(i)
        ]
        starts = [start for start, _ in found]
        return starts, [self.told_before(start) for start in starts], [who for _, who in found]

    @cached_property
    def met(self) -> dict[str, int]:
        """Where each character is first mentioned."""
        found: dict[str, int] = {}
        for mention in self.cast.mentions:
            if mention.character is not None:
                found.setdefault(mention.character, mention.start)
        return found

    def person(self, paragraph: int) -> str | None:
        """The person in which a paragraph is told ("first", "third"), where that is known."""
        stretch = self.telling.at(self.prose.paragraphs[paragraph].start)
        return stretch.person if stretch is not None else None

    def token_at(self, offset: int) -> int:
        """Index of the first token that starts at or after ``offset``."""
        return bisect_left(self.tokens.starts, offset)

    def is_quoted(self, mention: int) -> bool:
        """Does a mention stand inside a quotation?"""
        first = self.mention_first[mention]
        return first < len(self.tokens) and bool(self.tokens.quoted[first])

    def mentions_between(self, start: int, end: int) -> range:
        """Indices of the mentions that start in ``text[start:end]``."""
        key = self.cast.mentions
        return range(bisect_left(key, start, key=lambda m: m.start), bisect_left(key, end, key=lambda m: m.start))

    def subject_at(self, token: int) -> tuple[Subject, int] | None:
        """The mention that starts at a token, as a subject, and the index of the token behind it."""
        tokens = self.tokens
        if token >= len(tokens):
            return None
        word = tokens.lower[token]
        owner = self._owner_of_voice(token) if word in ("the", "a") else None
        if owner is not None:
            return self.subject_at(owner)
        held = self.at_token.get(token)
        character = self.cast.mentions[held].character if held is not None else None
        # "my friend", "her mother": the whole mention is the subject, not the possessive that opens it.
        if held is None or self.mention_last[held] == token + 1:
            if word in FIRST:
                who = self.telling.narrator_at(tokens.starts[token])
                return Subject("first", who, None, tokens.starts[token], tokens.ends[token]), token + 1
            shown = "he" if word in HE else "she" if word in SHE else "they" if word in THEY else None
            if word == "all" and token and tokens.lower[token - 1][0].isalpha():
                shown = None  # "were all united", "quarrelling all the while"
            if shown is not None:
                return Subject("pronoun", character, shown, tokens.starts[token], tokens.ends[token]), token + 1
        if held is None:
            return None
        mention = self.cast.mentions[held]
        kind: SubjectKind = "name" if _names(mention, self.text) else "nominal"
        pronouns = self.pronouns.get(character) if character else self._shown(mention)
        return Subject(kind, character, pronouns, mention.start, mention.end), self.mention_last[held]

    def _shown(self, mention: Mention) -> str | None:
        """ "He" or "she" for a description of somebody unknown, where its noun tells: "his mother"."""
        words = self.text[mention.start : mention.end].lower().split()
        noun = person_nouns().get(words[-1]) if mention.kind == "nominal" and words else None
        return {"m": "he", "f": "she", None: None}[noun.gender] if noun is not None and not noun.plural else None

    def subject_before(self, end: int, low: int) -> tuple[Subject, int] | None:
        """The mention that ends right before token ``end``, as a subject, and the index of its first token.

        :param low: index of the first token that it may begin at.
        """
        for begin in range(max(low, end - LONGEST_MENTION), end):
            read = self.subject_at(begin)
            if read and read[1] == end:
                return read[0], begin
        return None

    def _owner_of_voice(self, token: int) -> int | None:
        """ "The shaken voice of Ann": where Ann stands; None where there is no voice of anybody's."""
        lower = self.tokens.lower
        for at in range(token + 1, min(token + 4, len(lower) - 1)):
            if lower[at] == "voice":
                return at + 2 if lower[at + 1] == "of" else None
            if not lower[at].isalpha():
                return None
        return None

    @cached_property
    def young(self) -> frozenset[str]:
        """Those whom the story calls children again and again, and seldom anything that only a grown person is."""
        young, grown = Counter[str](), Counter[str]()
        for mention in self.cast.mentions:
            if mention.kind == "nominal" and mention.character:
                described = describe(self.text[mention.start : mention.end])
                young[mention.character] += described.age == "young"
                grown[mention.character] += described.age in ("grown", "old")
        return frozenset(who for who, n in young.items() if n >= _CHILD and n > _CHILD_RATHER * grown[who])

    def is_newcomer(self, character: str, offset: int) -> bool:
        """Was someone without a name brought in ("a tall woman") shortly before ``offset``?"""
        for i in self.mentions_between(offset - _INTRODUCTION, offset + 1):
            if self.cast.mentions[i].character == character:
                opening = self.tokens.lower[self.mention_first[i]] if self.mention_first[i] < len(self.tokens) else ""
                if opening in ("a", "an", "another", "one", "some"):
                    return True
        return False

    def sentence_bounds(self, offset: int) -> tuple[int, int]:
        """First and last token (half-open) of the sentence at ``offset``."""
        i = max(0, self.prose.sentence_at(offset))
        sentence = self.prose.sentences[i]
        return sentence.first, sentence.last

    def last_token_before(self, offset: int) -> int:
        """Index of the last token that ends at or before ``offset``; -1 if there is none."""
        return bisect_right(self.tokens.ends, offset) - 1
