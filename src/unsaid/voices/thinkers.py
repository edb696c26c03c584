"""Who thinks a thought that no cue gives to anybody, by what stands beside it, and to whom it speaks.

What a person says aloud and the thought that stands under it are one person's; behind narration a thought is that of
the one whose view the narration follows. What the thought itself says can overrule both: nobody calls their own
name, and a line that answers another line is the other's.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import msgspec

from unsaid.narration.lexicon import FEMININE, MASCULINE, SECOND, word_list
from unsaid.voices.echoes import answers, is_order
from unsaid.voices.field import OBLIQUE, Field
from unsaid.voices.given import CORRECTED
from unsaid.voices.turns import Turn
from unsaid.voices.viewpoint import Viewpoints
from unsaid.voices.vocatives import address_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.story import Utterance

LOOK_BACK = 6
"""So many paragraphs back the thinker is looked for; persons are, twice as many, within ``REACH`` characters."""
REACH = 6_000
TALK = 8
"""Whom somebody talks with is read from so many spoken lines back."""

_POSSESSIVE = frozenset({"his", "her", "their", "my"})
_GOVERNING = frozenset(
    "to at with of for from by on in into upon toward towards after before behind beside near about than".split()
)
_TAKES_OBJECT = _GOVERNING | frozenset(
    "and or love loved hate hated miss missed need needed want wanted see saw know knew lost left like trust "
    "was is".split()
)
_SHARED = re.compile(r"\b(?:both|the same thought|together|each other|as one)\b", re.IGNORECASE)
_LET = re.compile(r"(?:^[\W_]*|[.,;!?…]\s+)(?:please|let me|let us|don['’]t)\b", re.IGNORECASE)
_MOVES = frozenset(
    "hurt struck stung broke warmed frightened scared pleased startled surprised made shook moved touched cut".split()
)
"""What befalls somebody moves them: "it hurt him more than the last" follows his view, and not that of "it"."""


ANSWERS_THOUGHT = "answers the thought before"
ANSWERS, CALLS = "answers the line before", "the other of two, for it calls one by name"
"""Rules by what the thought itself says: right in the three thoughts of 179 that they give to anybody."""
UNDER = "under the line before"
_BESIDE = frozenset(("the sentence before", "the sentence behind"))
"""What stands right beside a thought says more of whose it is than the whole scene does."""


class Guess(msgspec.Struct, frozen=True):
    """A thinker with the name of the rule that found them, how sure it is, and why nobody was found."""

    who: str | None
    rule: str
    confidence: float
    reason: str | None = None


def guess_thinkers(field: Field, thoughts: Sequence[Utterance], speech: tuple[Utterance, ...]) -> tuple[Utterance, ...]:
    """Give each thought its thinker and addressees, by what stands beside it.

    :param thoughts: what :func:`unsaid.voices.thoughts.find_thoughts` found; those with a thinker keep them.
    :param speech: the story's spoken utterances with their speakers, sorted by start.
    """
    return tuple(Guesser(field, thoughts, speech).assigned())


class Guesser:
    """Walks through the thoughts in order, since a thought leans on the one before it.

    :ivar thoughts: in order of the text. ``speech``: the story's spoken utterances with their speakers, likewise.
    :ivar bare: the paragraphs that are one thought and nothing else. ``views``: whose view each part follows.
    :ivar mutual: the parts in which thoughts speak to a "you": two people may each think under what they say.
    :ivar guesses: what was made of each thought, once :meth:`assigned` has gone through them.
    """

    def __init__(self, field: Field, thoughts: Sequence[Utterance], speech: tuple[Utterance, ...]) -> None:
        self.field = field
        self.thoughts = sorted(thoughts, key=lambda u: u.start)
        self.speech = speech
        self.speech_starts = [u.start for u in speech]
        prose = field.prose
        self.bare = {
            prose.paragraph_at(u.start)
            for u in thoughts
            if prose.paragraphs[max(0, prose.paragraph_at(u.start))].end <= u.end + 1
            and prose.paragraphs[max(0, prose.paragraph_at(u.start))].start >= u.start - 1
        }
        self.done: list[Utterance] = []
        self.guesses: list[Guess] = []
        self.views = Viewpoints(field, thoughts)
        self.mutual = {self.views.part(u.start) for u in thoughts if u.speaker is None and self._is_to_you(u)}

    def assigned(self) -> Sequence[Utterance]:
        """Every thought with its thinker, as far as one is found."""
        for thought in self.thoughts:
            guess = self._known(thought) or self._thinker(thought)
            self.guesses.append(guess)
            self.done.append(self.given_to(thought, guess))
        return self.done

    def given_to(self, thought: Utterance, guess: Guess) -> Utterance:
        """A thought with its thinker, and to whom it speaks."""
        kept = guess.who is not None
        return msgspec.structs.replace(
            thought,
            speaker=guess.who,
            addressees=self.addressees(thought, guess.who) if kept else (),
            evidence=(thought.evidence or "implicit") if kept else None,
            confidence=round(thought.confidence * guess.confidence, 3),
            rule=f"{thought.rule}, {guess.rule}" if guess.rule else thought.rule,
            reason=guess.reason,
        )

    # --- who ----------------------------------------------------------------------------------------------------------

    def _known(self, thought: Utterance) -> Guess | None:
        """The thinker that a cue names, or the narrator in the narrator's own tale."""
        if thought.speaker is not None:
            followed = None if thought.rule == CORRECTED else self._followed(thought)
            return followed or Guess(thought.speaker, "", 1.0)
        narrator = self.field.telling.narrator_at(thought.start)
        if narrator is not None and thought.cue is None:
            return Guess(narrator, "the narrator's", 0.95)
        return None

    def _followed(self, thought: Utterance) -> Guess | None:
        """Whom the narrative paragraph before follows, where a cue says only "he thought" and both are he."""
        paragraph = max(0, self.field.prose.paragraph_at(thought.start))
        span = self.field.prose.paragraphs[paragraph]
        if thought.evidence == "explicit" or thought.start > span.start or not paragraph or paragraph - 1 in self.bare:
            return None
        before = self.field.prose.paragraphs[paragraph - 1]
        if self.speech_in(before.start, before.end) is not None:
            return None
        who, cued = self.view(paragraph - 1), str(thought.speaker)
        alike = who is not None and self.field.pronouns.get(who) == self.field.pronouns.get(cued)
        return Guess(who, "the view of the narration before", 0.85) if alike and who != cued else None

    def _thinker(self, thought: Utterance) -> Guess:
        called = self.called(thought)
        guess = self._from_view(thought, self._from_context(thought))
        if guess.who is None:
            return guess
        other = self._other(thought.start, guess.who)
        if guess.who in called:
            if other is None:
                return Guess(None, guess.rule, 0.5, "the thought calls the likeliest thinker by name")
            return Guess(other, CALLS, 0.85)
        if other is None or other in called:
            return guess
        if self._speaks_of(thought, guess.who, other) > self._speaks_of(thought, other, guess.who):
            return Guess(other, "the other of two, for it speaks of one", 0.8)
        return guess

    def _from_view(self, thought: Utterance, guess: Guess) -> Guess:
        """Whom the whole part of the story follows thinks, whoever has just spoken."""
        who = self.views.at(thought.start)
        if who is None or who == guess.who or guess.rule in _BESIDE:
            return guess
        if self.views.part(thought.start) in self.mutual:
            return guess
        return Guess(who, "the view of the scene", 0.8)

    def _speaks_of(self, thought: Utterance, who: str, other: str) -> int:
        """How surely a thought speaks of somebody in the third person: by name, or by the one pronoun that fits them.

        A pronoun tells only where the other's would be a different one, and no "you" is there to be the other.
        """
        field = self.field
        found = 0
        for i in field.mentions_between(thought.start, thought.end):
            mention = field.cast.mentions[i]
            if mention.kind == "name" and mention.character == who:
                found = 2
        words = self.lower(thought)
        mine, theirs = field.pronouns.get(who), field.pronouns.get(other)
        if found or {mine, theirs} != {"he", "she"} or any(word in SECOND for word in words):
            return found
        spoken_of = {"he": any(w in MASCULINE for w in words), "she": any(w in FEMININE for w in words)}
        return int(spoken_of[str(mine)] and not spoken_of[str(theirs)])

    def _from_context(self, thought: Utterance) -> Guess:
        paragraph = max(0, self.field.prose.paragraph_at(thought.start))
        if paragraph not in self.bare:
            inside = self._within(thought, paragraph)
            if inside is not None:
                return inside
        elif (answer := self._after_thought(thought, paragraph)) is not None:
            return answer
        for index in range(paragraph - 1, max(-1, paragraph - 1 - LOOK_BACK), -1):
            if index in self.bare:
                continue
            guess = self._from_paragraph(thought, index)
            if guess is not None:
                near = 1.0 if paragraph - index == 1 else 0.8
                return msgspec.structs.replace(guess, confidence=guess.confidence * near)
        after = self._subject_after(paragraph)
        return after or Guess(None, "", 0.5, "nobody stands near enough to think it")

    def _within(self, thought: Utterance, paragraph: int) -> Guess | None:
        """A thought inside a paragraph is that of the subject of the sentence before it, or else behind it."""
        span = self.field.prose.paragraphs[paragraph]
        last = self.done[-1] if self.done else None
        if last is not None and last.cue is not None and last.start >= span.start and last.speaker is not None:
            behind = self.field.text[max(last.end, last.cue.end) : thought.start]
            if not behind.strip(" \n\t.,;:*_—-"):
                return Guess(last.speaker, "goes on with the thought before", 0.85)
        before = self.last_subject(span.start, thought.start)
        if before is not None:
            return Guess(before, "the sentence before", 0.8)
        spoken = self.speech_in(span.start, thought.start)
        if spoken is not None and spoken.speaker is not None:
            if answers(self._words(thought), self._words(spoken)):
                return Guess(self._other(thought.start, spoken.speaker), ANSWERS, 0.7)
            return Guess(spoken.speaker, UNDER, 0.75)
        who = self.first_subject(thought.end, span.end)
        return Guess(who, "the sentence behind", 0.75) if who is not None else None

    def _after_thought(self, thought: Utterance, paragraph: int) -> Guess | None:
        """Thought lines on end: one that speaks to "you" behind one that does is its answer, by the other of two."""
        before = self.done[-1] if self.done else None
        if (
            before is None
            or self.field.prose.paragraph_at(before.start) != paragraph - 1
            or paragraph - 1 not in self.bare
        ):
            return None
        if before.speaker is None:
            return None
        if self._is_turned(thought, before):
            other = self._other(thought.start, before.speaker)
            if other is not None:
                return Guess(other, ANSWERS_THOUGHT, 0.8)
        return Guess(before.speaker, "goes on with the thought before", 0.75)

    def _is_turned(self, thought: Utterance, before: Utterance) -> bool:
        """Whether two thoughts on end are two persons': both speak to "you", or the second takes up the first."""
        return (self._says_you(thought) and self._says_you(before)) or answers(
            self._words(thought), self._words(before)
        )

    def _from_paragraph(self, thought: Utterance, index: int) -> Guess | None:
        """The speaker of a spoken line, or the one whose view a narrative paragraph follows."""
        span = self.field.prose.paragraphs[index]
        spoken = self.speech_in(span.start, span.end)
        if spoken is not None:
            if spoken.speaker is None:
                return Guess(None, "the line before", 0.5, "the speaker of the line before is not known")
            if answers(self._words(thought), self._words(spoken)):
                return Guess(self._other(thought.start, spoken.speaker), ANSWERS, 0.7)
            return Guess(spoken.speaker, UNDER, 0.85)
        who = self.view(index)
        if who is None:
            return None
        text = self.field.text[span.start : span.end]
        if _SHARED.search(text[-120:]) and who in self.field.groups:
            return Guess(self._other(thought.start, None), "shared by both", 0.6)
        return Guess(who, "the view of the narration before", 0.75) if who not in self.field.groups else None

    def view(self, paragraph: int) -> str | None:
        """Whose view a narrative paragraph follows: its subjects, the last one and those who feel counting more."""
        field, mental = self.field, word_list("mental")
        span = field.prose.paragraphs[paragraph]
        weights: dict[str, float] = {}
        at = max(0, field.prose.sentence_at(span.start))
        sentences = []
        while at < len(field.prose.sentences) and field.prose.sentences[at].paragraph <= paragraph:
            sentences.append(field.prose.sentences[at])
            at += 1
        for order, sentence in enumerate(sentences):
            who = self._subject(sentence.first, sentence.last)
            # "How could she do this to him?" is asked by him: a question's subject is not the one who asks.
            if who is None or "?" in field.tokens.words[max(sentence.first, sentence.last - 2) : sentence.last]:
                continue
            felt = any(word in mental for word in field.tokens.lower[sentence.first : sentence.last])
            last = order == len(sentences) - 1
            weights[who] = weights.get(who, 0.0) + 1.0 + felt + 1.5 * last
        if sentences and (moved := self._moved(sentences[-1].first, sentences[-1].last)) is not None:
            weights[moved] = weights.get(moved, 0.0) + 3.0
        return max(weights, key=lambda who: weights[who], default=None)

    def _moved(self, first: int, last: int) -> str | None:
        """Whom something hurt or pleased, in a sentence."""
        lower = self.field.tokens.lower
        for at in range(first, last - 1):
            if lower[at] in _MOVES and lower[at + 1] in {"him", "her"}:
                read = self.field.subject_at(at + 1)
                return read[0].character if read is not None else None
        return None

    def _subject_after(self, paragraph: int) -> Guess | None:
        if paragraph + 1 >= len(self.field.prose.paragraphs) or paragraph + 1 in self.bare:
            return None
        span = self.field.prose.paragraphs[paragraph + 1]
        spoken = self.speech_in(span.start, span.end)
        who = spoken.speaker if spoken is not None else self.first_subject(span.start, span.end)
        return Guess(who, "the paragraph behind", 0.6) if who is not None and who not in self.field.groups else None

    def first_subject(self, start: int, end: int) -> str | None:
        """The subject of the first sentence of ``text[start:end]``."""
        first, last = self.field.token_at(start), self.field.last_token_before(end) + 1
        if first >= last:
            return None
        stop = self.field.sentence_bounds(self.field.tokens.starts[first])[1]
        return self._subject(first, min(last, max(stop, first + 1)))

    def last_subject(self, start: int, end: int) -> str | None:
        """The subject of the last sentence of ``text[start:end]``."""
        first, last = self.field.token_at(start), self.field.last_token_before(end) + 1
        if first >= last:
            return None
        begin = self.field.sentence_bounds(self.field.tokens.starts[last - 1])[0]
        return self._subject(max(first, begin), last)

    def _subject(self, first: int, last: int) -> str | None:
        """The first one named outside quotations who is no object; whose eyes or hands act, if nobody else does."""
        lower, quoted, fallback = self.field.tokens.lower, self.field.tokens.quoted, None
        at = first
        while at < last:
            read = None if quoted[at] else self.field.subject_at(at)
            if read is None:
                at += 1
                continue
            subject, behind = read
            governed = at > first and lower[at - 1] in _GOVERNING
            owner = lower[at] in _POSSESSIVE or (behind < last and lower[behind] == "'s")
            opens_with_her = lower[at] == "her" and at == first
            if subject.character is not None and (lower[at] not in OBLIQUE or opens_with_her):
                if not governed and not owner:
                    return subject.character
                fallback = fallback or (subject.character if owner else None)
            at = max(behind, at + 1)
        return fallback

    # --- to whom ------------------------------------------------------------------------------------------------------

    def addressees(self, thought: Utterance, thinker: str | None) -> tuple[str, ...]:
        """To whom a thought speaks: whom it calls, or, where it says "you", whom its thinker talks with."""
        called = tuple(who for who in self.called(thought) if who != thinker)
        if called:
            return called
        first_person = self.field.telling.narrator_at(thought.start) is not None
        if not self._says_you(thought) or thinker is None:
            return ()
        if first_person and not self.recent(thought.start, within=2):
            return ()
        spoken = self._line_before(thought)
        if spoken is not None and spoken.speaker == thinker and spoken.addressees:
            return spoken.addressees
        other = self._other(thought.start, thinker)
        return (other,) if other is not None else ()

    def _is_to_you(self, thought: Utterance) -> bool:
        """Whether a thought speaks to somebody, and does not merely tell its thinker what to do."""
        said = self.field.text[thought.start : thought.end]
        return any(word in SECOND for word in self.lower(thought)) and not is_order(said)

    def _says_you(self, thought: Utterance) -> bool:
        said = self.field.text[thought.start : thought.end]
        return any(word in SECOND for word in self.lower(thought)) or _LET.search(said) is not None or is_order(said)

    def lower(self, thought: Utterance) -> Sequence[str]:
        """The words of a thought, in lower case, from its first to its last."""
        field = self.field
        return field.tokens.lower[field.token_at(thought.start) : field.last_token_before(thought.end) + 1]

    def called(self, thought: Utterance) -> tuple[str, ...]:
        """Whom a thought calls by name."""
        paragraph = max(0, self.field.prose.paragraph_at(thought.start))
        called = address_of(self.field, Turn(thought.parts, paragraph, paragraph, False, True)).called
        return called or self._called_in_passing(thought)

    def _called_in_passing(self, thought: Utterance) -> tuple[str, ...]:
        """A name before a comma that no comma opens ("Wait for me Ann, please"), if it is nobody's object."""
        field, words = self.field, self.field.tokens.lower
        for i in field.mentions_between(thought.start, thought.end):
            mention, first, behind = field.cast.mentions[i], field.mention_first[i], field.mention_last[i]
            if mention.kind != "name" or mention.character is None or not self._says_you(thought):
                continue
            if behind < len(words) and words[behind] == "," and first and words[first - 1] not in _TAKES_OBJECT:
                return (mention.character,)
        return ()

    # --- around -------------------------------------------------------------------------------------------------------

    def speech_in(self, start: int, end: int) -> Utterance | None:
        """The last spoken utterance that begins in ``text[start:end]``."""
        index = bisect_left(self.speech_starts, end) - 1
        found = self.speech[index] if index >= 0 else None
        return found if found is not None and found.start >= start else None

    def _line_before(self, thought: Utterance) -> Utterance | None:
        """The spoken line in the nearest paragraph before, thought lines skipped."""
        paragraph = max(0, self.field.prose.paragraph_at(thought.start))
        index = paragraph - 1
        while index in self.bare and paragraph - index <= LOOK_BACK:
            index -= 1
        if index < 0:
            return None
        span = self.field.prose.paragraphs[index]
        return self.speech_in(span.start, span.end)

    def _words(self, said: Utterance) -> str:
        """What is said or thought, without the cue between its parts; each part a sentence."""
        return ". ".join(self.field.text[start:end].strip("\"“”'‘’_* ") for start, end in said.parts)

    def _other(self, offset: int, than: str | None) -> str | None:
        """The one that ``than`` talks with, or else the one last spoken of, near before ``offset``."""
        floor = max(0, offset - REACH)
        high = bisect_right(self.speech_starts, offset)
        for spoken in reversed(self.speech[max(bisect_left(self.speech_starts, floor), high - TALK) : high]):
            between = (spoken.speaker, *spoken.addressees)
            other = next((who for who in between if who not in {None, than} and who not in self.field.groups), None)
            if other is not None and (than is None or than in between):
                return other
        recent = self.recent(offset, within=2 * LOOK_BACK)
        return next((who for who in recent if who != than), None)

    def recent(self, offset: int, within: int) -> list[str]:
        """Persons named, acting, speaking or spoken to in the last paragraphs, the nearest first."""
        field = self.field
        paragraph = max(0, field.prose.paragraph_at(offset))
        # A story in one paragraph must not be looked through again for every thought in it.
        floor = max(field.prose.paragraphs[max(0, paragraph - within)].start, offset - REACH)
        seen: dict[str, int] = {}
        for i in field.mentions_between(floor, offset):
            mention = field.cast.mentions[i]
            if mention.character is not None and mention.character not in field.groups:
                seen[mention.character] = mention.start
        high = bisect_right(self.speech_starts, offset)
        for spoken in self.speech[bisect_left(self.speech_starts, floor) : high]:
            for who in (*spoken.addressees, spoken.speaker):
                if who is not None and who not in field.groups:
                    seen[who] = max(seen.get(who, 0), spoken.start)
        return sorted(seen, key=lambda who: -seen[who])
