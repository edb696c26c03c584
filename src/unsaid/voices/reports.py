"""Words that report a turn: a verb of speech or thought in the narrative, its subject, and to whom it is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from unsaid.lexica import finite_forms, inflect, word_list
from unsaid.voices.field import FIRST, LONGEST_MENTION, NOMINATIVE, OBLIQUE, REFLEXIVES, Subject

if TYPE_CHECKING:
    from unsaid.voices.field import Field

Where = Literal["after", "before", "between", "introduced"]
REACH = 30  # tokens: a cue farther from its quotation than this reports something else
SENTENCE_ENDS = frozenset((".", "!", "?", ";", "…", "...", "....", ". . ."))
AUXILIARIES = frozenset(
    "had has have would could should did was were is am be been then now also only just never at last again once "
    "always will 'd presently finally suddenly slowly softly quietly still even soon not hardly almost merely somewhat "
    "rather quite more very too thus".split()
)
REPLY_NOUNS = frozenset(
    "reply answer retort response rejoinder comment remark question exclamation cry whisper greeting explanation "
    "observation verdict conclusion command order warning suggestion words thought reflection declaration "
    "reasoning address ejaculation assurance protest inquiry enquiry plea entreaty advice reminder objection "
    "announcement assertion statement reproach".split()
)
VOICES = frozenset("voice voices tone tones".split())
UTTERED = (
    REPLY_NOUNS | VOICES | frozenset("murmur mutter shout yell scream shriek bellow roar growl groan call".split())
)
"""What comes from whoever speaks: "came Ann's voice", "a cry from Ann"."""
ARTICLES = frozenset("a an the".split())
_SOMEBODY = frozenset("someone somebody everyone everybody anyone anybody voices".split())
_SOME_OF = frozenset("one some several most many two three half".split())
_SOME_VOICE = frozenset("a an another some several other many".split())
# What speaks for nobody in the room; by a telephone or a radio it is whoever is at the other end.
_THINGS = frozenset(
    "wireless tannoy loudspeaker loudspeakers television tv telly computer machine recording tape voicemail satnav "
    "alarm gps megaphone".split()
)
_A_THING, _FARTHEST_THING = frozenset("the a an his her my their your our".split()), 3
_FARTHEST_VOICE = 4  # tokens: "a low, tired voice"
PREPOSITIONS = frozenset(
    "to at with of for from by on in into upon toward towards after before behind beside near over past about against "
    "between among through than like".split()
)
_GOVERNING = PREPOSITIONS - {"for"}  # "…, for Ann cried out" opens a clause
_PLAIN_SUBJECTS = frozenset(("i", "we", "you", "they"))
COMES_TO = frozenset("used began begins went ventured proceeded managed continued hastened paused".split())
"""Verbs that, with "to" and a verb of speech, say that somebody speaks: "she used to say"."""
HEARS = frozenset("hear heard hears hearing overheard overhears".split())
_NEAR_WHO = 6  # tokens
_LONGEST_HEARD = 7  # tokens
_NEAR_SELF = 3  # tokens: "said Ann softly to herself"
_GOING_ON = frozenset("kept keeps keep heard was were is are began started went stood sat".split())
_MODALS = frozenset("would could should did didn't to might must will can shall may don't does let".split())


class Found(msgspec.Struct, frozen=True):
    """A cue: its span, who speaks by it (None where the words name nobody known), to whom, and where it stands.

    :ivar to_self: they speak "to themselves".
    """

    start: int
    end: int
    verb: str
    subject: Subject | None
    addressee: Subject | None
    where: Where
    to_self: bool = False

    @property
    def is_strangers(self) -> bool:
        """Whether it says that somebody speaks, and not who."""
        return self.subject is not None and self.subject.kind == "stranger"


def _verbs() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Finite forms that report (speech and thought), those that are the bare lemma, and present participles."""
    lemmas = word_list("speech_verbs") | word_list("thought_verbs")
    finite = finite_forms("speech_verbs") | finite_forms("thought_verbs")
    past = {inflect(lemma)[1] for lemma in lemmas}
    participles = frozenset(inflect(lemma)[3] for lemma in lemmas)
    return finite, frozenset(lemmas - past), participles


class Reports:
    """Finds the verbs that report a turn, and whose they are; holds the verb forms and the field they are in."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.finite, self.bare, self.participles = _verbs()
        self.participled = frozenset(inflect(lemma)[2] for lemma in word_list("speech_verbs"))
        self.gestures = finite_forms("gesture_verbs")
        self.firsts = frozenset(v.split()[0] for v in self.finite)

    def verb_at(self, token: int) -> int:
        """How many tokens a reporting verb takes at ``token``; 0 if there is none.

        A bare lemma ("answer") is a verb only after a subject or auxiliary that takes one.
        """
        lower = self.field.tokens.lower
        word = lower[token]
        if word in self.participles and token and (lower[token - 1] in _GOING_ON or self._is_heard(token, HEARS)):
            return 1
        if word not in self.firsts:
            return 0
        if token + 1 < len(lower) and f"{word} {lower[token + 1]}" in self.finite:
            return 2
        if word not in self.finite:
            return 0
        if word in self.bare:
            previous = lower[token - 1] if token else ""
            return int(previous in _PLAIN_SUBJECTS or previous in _MODALS or self._is_heard(token))
        return 1

    def _is_heard(self, token: int, by: frozenset[str] = HEARS | {"did", "does", "do"}) -> bool:
        """Whether the bare verb is what somebody is heard to do, or did: "heard Ann say", "did Ann at last answer"."""
        lower = self.field.tokens.lower
        for at in range(token - 2, max(-1, token - _LONGEST_HEARD), -1):
            if lower[at] in by:
                read = self.field.subject_at(at + 1)
                return (
                    read is not None
                    and lower[at + 1] not in REFLEXIVES  # "Ann heard herself saying" is of Ann
                    and all(lower[t].endswith("ly") for t in range(read[1], token))
                    and read[1] <= token
                )
        return False

    def _sentence_end(self, first: int) -> int:
        """Index of the token that ends the sentence or clause of ``first``; the stop of "Mr." ends nothing."""
        words = self.field.tokens.words
        if first >= len(words):
            return first
        limit = min(self.field.sentence_bounds(self.field.tokens.starts[first])[1], first + REACH)
        at = first
        while at < limit and (words[at] not in SENTENCE_ENDS or (words[at] == "." and at + 1 < limit)):
            at += 1
        return at

    def _clause_start(self, floor: int, last: int) -> int:
        """Index of the first token of the sentence that token ``last - 1`` stands in, no quotation in between."""
        tokens = self.field.tokens
        floor = max(floor, self.field.sentence_bounds(tokens.starts[last - 1])[0]) if last else floor
        at = last - 1
        while at > floor and not tokens.quoted[at - 1]:
            at -= 1
        return at

    def _before_verb(self, verb: int, low: int, skipped: frozenset[str] = AUXILIARIES) -> int:
        """The token before a verb, its auxiliaries (or other words) and adverbs skipped."""
        lower = self.field.tokens.lower
        at = verb - 1
        while at > low and (lower[at] in skipped or lower[at].endswith("ly")):
            at -= 1
        return at

    def _adjacent_subject(self, verb: int, low: int, *, introduces: bool = False) -> Subject | None:
        """A mention right before the verb, auxiliaries and adverbs skipped, that can be its subject.

        :param introduces: the verb introduces a quotation, so that it may stand in a relative clause.
        """
        lower = self.field.tokens.lower
        at = self._before_verb(verb, low)
        relative = introduces and lower[at] == "who" and at > low + 1
        if relative:
            at -= 2 if lower[at - 1] == "," else 1  # "…by Ann, who now said"
        if relative and self._mention_before(at + 1, low) is None:  # "…looked at Ann for leave, who now said"
            at = next((end - 1 for end in range(at, low, -1) if self._mention_before(end, low)), at)
        for begin in range(at, max(low, at - LONGEST_MENTION) - 1, -1):
            read = self.field.subject_at(begin) or (self.someone(begin) if introduces and begin == low else None)
            if read and read[1] == at + 1:
                governed = begin > low and lower[begin - 1] in _GOVERNING and not relative
                governed = governed and not (lower[begin - 1] == "of" and lower[begin - 2] in VOICES)
                heard = begin > low and lower[begin - 1] in HEARS
                return None if governed or (lower[begin] in OBLIQUE and not heard) else read[0]
        return None

    def someone(self, at: int) -> tuple[Subject, int] | None:
        """The stranger who begins at a token, and the token behind: "someone", "a voice", "one of the men", "the
        loudspeaker"."""
        behind = self._behind_somebody(at) or self._behind_sound(at)
        if behind is None:
            return None
        return Subject("stranger", None, None, self.field.tokens.starts[at], self.field.tokens.ends[behind - 1]), behind

    def _behind_somebody(self, at: int) -> int | None:
        """The token behind "someone" or "one of the men"."""
        lower = self.field.tokens.lower
        if lower[at] in _SOMEBODY:
            return at + 1 + (lower[at + 1 : at + 2] == ("else",))
        if lower[at] not in _SOME_OF or lower[at + 1 : at + 2] != ("of",) or at + 2 >= len(lower):
            return None
        read = self.field.subject_at(at + 2)
        return read[1] if read else None

    def _behind_sound(self, at: int) -> int | None:
        """The token behind "a voice", but not behind "a voice of Ann" or "a Voice", or behind "the loudspeaker"."""
        tokens, lower = self.field.tokens, self.field.tokens.lower
        if lower[at] in _SOME_VOICE:
            near = range(at + 1, min(at + _FARTHEST_VOICE, len(lower)))
            voice = next((t for t in near if tokens.words[t] in VOICES), None)
            if voice is not None and lower[voice + 1 : voice + 2] != ("of",):
                return voice + 1
        if lower[at] in _A_THING:
            for t in range(at + 1, min(at + _FARTHEST_THING, len(lower) - 1)):
                if lower[t] in _THINGS:  # "the wireless operator" is no wireless
                    alone = not lower[t + 1][0].isalpha() or lower[t + 1] in PREPOSITIONS or self.verb_at(t + 1)
                    return t + 1 if alone else None
        return None

    def _mention_before(self, end: int, low: int) -> tuple[Subject, int] | None:
        """Somebody named or described right before a token, and where that begins."""
        held = self.field.subject_before(end, low)
        return held if held and held[0].kind in ("name", "nominal") else None

    def _found(self, first: int, verb: int, subject: Subject | None, behind: int, last: int, where: Where) -> Found:
        tokens = self.field.tokens
        end = max(behind, verb + 1)
        addressee = self._addressee(end, last)
        stop = max(tokens.ends[end - 1], addressee.end if addressee else 0)
        return Found(
            tokens.starts[first], stop, tokens.lower[verb], subject, addressee, where, self._to_self(end, last)
        )

    def open_from(self, cue: Found) -> int:
        """Where what may report the next turn begins behind a cue: what reports the turn before does not report this
        one, too, but in "…," he said to Ann, who replied: "…" Ann is told of by both."""
        if cue.addressee is None or cue.addressee.end > cue.end:
            return cue.end
        at = self.field.token_at(cue.end)
        lower = self.field.tokens.lower
        for t in range(at, min(at + _NEAR_WHO, len(lower))):
            if lower[t] == "who":
                return cue.addressee.start
            if lower[t] in SENTENCE_ENDS - {";"} or self.field.tokens.quoted[t]:
                break
        return cue.end

    def _to_self(self, behind: int, last: int) -> bool:
        """Whether "to himself" stands right behind a cue's verb and subject."""
        lower = self.field.tokens.lower
        reach = range(behind, min(last, behind + _NEAR_SELF))
        return any(lower[at] == "to" and lower[at + 1] in REFLEXIVES for at in reach if at + 1 < len(lower))

    def _addressee(self, behind: int, last: int) -> Subject | None:
        """ "to Anna", "told Anna", "asked the old man": the mention right behind the verb or a "to"."""
        lower = self.field.tokens.lower
        for at in range(behind, min(last, behind + 6)):
            if lower[at] in (",", "and"):
                return None
            if lower[at] in ("to", "of", "at") or (at == behind and lower[at] not in FIRST):
                place = at + 1 if lower[at] in ("to", "of", "at") else at
                read = self.field.subject_at(place) if place < last and lower[place] not in REFLEXIVES else None
                if read and lower[place] not in ("his", "their", "my") and lower[place] not in NOMINATIVE:
                    return read[0]
        return None
