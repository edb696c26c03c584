"""Cues: what reports a turn in the narrative around it ("she whispered", "said the old man", "was his answer")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from unsaid.lexica import finite_forms, inflect, word_list
from unsaid.people.lexicon import person_verbs
from unsaid.voices.field import FIRST, NOMINATIVE, OBLIQUE, Subject

if TYPE_CHECKING:
    from unsaid.voices.field import Field
    from unsaid.voices.turns import Turn

Where = Literal["after", "before", "between", "introduced"]

_LONGEST_MENTION = 5  # tokens of a name or noun phrase right before a verb
REACH = 30  # tokens: a cue farther from its quotation than this reports something else
_SENTENCE_ENDS = frozenset((".", "!", "?", ";", "…", "...", "....", ". . ."))
_AUXILIARIES = frozenset(
    "had has have would could should did was were is am be been then now also only just never at last again once "
    "always will 'd presently finally suddenly slowly softly quietly still even soon not hardly almost merely".split()
)
_LEADING = frozenset("and but then so at last here there now or as for presently suddenly finally".split())
_REPLY_NOUNS = frozenset(
    "reply answer retort response rejoinder comment remark question exclamation cry whisper greeting explanation "
    "observation verdict conclusion command order warning suggestion words thought reflection declaration "
    "reasoning address ejaculation".split()
)
PREPOSITIONS = frozenset(
    "to at with of for from by on in into upon toward towards after before behind beside near over past about against "
    "between among through than like".split()
)
_DETERMINERS = frozenset("the a an one another his her my our their some this that".split())
_PLAIN_SUBJECTS = frozenset(("i", "we", "you", "they"))
_JOINS = frozenset("and but while when then so as".split())
HEARS = frozenset("hear heard hears hearing overheard overhears".split())
_SUBORDINATES = frozenset("when while as if after before though although since because until whenever once".split())
_INTRODUCING = frozenset((",", ":", "--", "—", "–", "-", ",--", ":--"))
_COMING = frozenset("came comes come burst broke was were".split())
_OWNING = frozenset("his her my their our".split())
_FINITE = frozenset("had was were made gave took".split())
_THEN = frozenset("then now soon presently suddenly finally at last once again afterwards".split())
_TIMES = frozenset("day morning afternoon evening night time moment instant week".split())
_NEAR_SOURCE = 5  # tokens
_LONGEST_HEARD = 7  # tokens
_GOING_ON = frozenset("kept keeps keep heard was were is are began started went stood sat".split())
_MODALS = frozenset("would could should did didn't to might must will can shall may don't does let".split())


class Found(msgspec.Struct, frozen=True):
    """A cue: its span, who speaks by it (None where the words name nobody known), to whom, and where it stands."""

    start: int
    end: int
    verb: str
    subject: Subject | None
    addressee: Subject | None
    where: Where


def _verbs() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Finite forms that report (speech and thought), those that are the bare lemma, and present participles."""
    lemmas = word_list("speech_verbs") | word_list("thought_verbs")
    finite = finite_forms("speech_verbs") | finite_forms("thought_verbs")
    past = {inflect(lemma)[1] for lemma in lemmas}
    participles = frozenset(inflect(lemma)[3] for lemma in lemmas)
    return finite, frozenset(lemmas - past), participles


class Reader:
    """Finds the cues and beats of turns; holds the verb forms and the field they are looked up in."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.finite, self.bare, self.participles = _verbs()
        self.participled = frozenset(inflect(lemma)[2] for lemma in word_list("speech_verbs"))
        self.gestures = finite_forms("gesture_verbs")
        self.firsts = frozenset(v.split()[0] for v in self.finite)

    # --- the verb ----------------------------------------------------------------------------------------------------

    def verb_at(self, token: int) -> int:
        """How many tokens a reporting verb takes at ``token``; 0 if there is none.

        A bare lemma ("answer") is a verb only after a subject or auxiliary that takes one.
        """
        lower = self.field.tokens.lower
        word = lower[token]
        if word in self.participles and token and lower[token - 1] in _GOING_ON:
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

    def _is_heard(self, token: int) -> bool:
        """Whether the bare verb is what somebody is heard to do, or did: "heard Ann say", "did Ann at last answer"."""
        lower = self.field.tokens.lower
        for at in range(token - 2, max(-1, token - _LONGEST_HEARD), -1):
            if lower[at] in HEARS or lower[at] in ("did", "does", "do"):
                read = self.field.subject_at(at + 1)
                return (
                    read is not None
                    and all(lower[t].endswith("ly") for t in range(read[1], token))
                    and read[1] <= token
                )
        return False

    # --- cues --------------------------------------------------------------------------------------------------------

    def cue_of(self, turn: Turn, low: int, high: int) -> Found | None:
        """The cue that reports a turn, looked for between its parts, behind it, and before it.

        :param low: offset where the text before the turn that can be its own begins.
        :param high: offset where the text behind the turn that can be its own ends.
        """
        for (_, end), (start, _) in zip(turn.parts, turn.parts[1:], strict=False):
            if start - end > 1 and self.field.prose.paragraph_at(end) == self.field.prose.paragraph_at(start):
                found = self._after(end, start, "between")
                if found:
                    return found
        after = self._after(turn.end, high, "after")
        if (
            after
            and after.subject
            and not self._may_open(after, turn.end)
            and not self.hands_on((turn.start, turn.end), low, high)
        ):
            return after
        before = self._before(low, turn.start)
        if before and before.subject and before.where == "before":
            return before
        return after if after and (after.subject or not before) else before

    def _may_open(self, after: Found, end: int) -> bool:
        """May what looks like a cue behind a quotation be a sentence of its own, about what the words brought about?"""
        text = self.field.text
        return text[max(0, end - 2) : end - 1] in tuple(".!?…;") and text[after.start].isupper()

    def parts_two(self, start: int, end: int) -> bool:
        """Does the text between two quotations report the first as one person's, the second as another's?

        "…," called Ann, while Ben, thoughtful again, said, "…"
        """
        after = self._after(start, end, "after")
        if after is None or after.subject is None:
            return False
        before = self._before(after.end, end)
        if before is None or before.subject is None:
            return False
        one, other = after.subject, before.subject
        if one.character and other.character:
            return one.character != other.character
        return one.kind != "first" and other.kind in ("name", "nominal")

    def hands_on(self, span: tuple[int, int], low: int, high: int) -> bool:
        """Are a quotation and the next one, at ``high``, introduced alike, each as another person's?

        Ann said, "…"; and Ben, after a pause, answered, "…"
        """
        tokens = self.field.tokens
        at = self.field.token_at(high)
        if at >= len(tokens.words) or not tokens.quoted[at] or tokens.starts[at] != high:
            return False
        own, following = self._before(low, span[0]), self._before(span[1], high)
        if own is None or following is None or not own.where == following.where == "before":
            return False
        one, other = own.subject, following.subject
        if one is None or other is None:
            return False
        if other.kind in ("name", "nominal"):
            return one.character != other.character or other.character is None
        return {one.pronouns, other.pronouns} == {"he", "she"}

    def _after(self, start: int, end: int, where: Where) -> Found | None:
        """A cue that follows a quotation: "said Anna", "Anna said", "was her answer"."""
        tokens = self.field.tokens
        first = self.field.token_at(start)
        last = min(self._sentence_end(first), self.field.token_at(end), first + REACH)
        while first < last and tokens.words[first] in (",", "--", "—", "–", "-"):
            first += 1
        if first >= last:
            return None
        return (
            self._inverted(first, last, where)
            or self._reply_noun(first, last, where)
            or self._source(first, last, where)
            or self._plain(first, last, where, start, end)
        )

    def _sentence_end(self, first: int) -> int:
        """Index of the token that ends the sentence or clause of ``first``; the stop of "Mr." ends nothing."""
        words = self.field.tokens.words
        if first >= len(words):
            return first
        limit = min(self.field.sentence_bounds(self.field.tokens.starts[first])[1], first + REACH)
        at = first
        while at < limit and (words[at] not in _SENTENCE_ENDS or (words[at] == "." and at + 1 < limit)):
            at += 1
        return at

    def _inverted(self, first: int, last: int, where: Where) -> Found | None:
        """Verb before subject: "said Anna to him", "softly said the old man"."""
        lower = self.field.tokens.lower
        at = first
        while at < last and (lower[at].endswith("ly") or lower[at] in ("then", "here", "and", "thus")):
            at += 1
        size = self.verb_at(at) if at < last else 0
        if at == first < last and lower[at] in self.gestures and self.field.tokens.words[at][0].islower():
            read = self.field.subject_at(at + 1)  # "…," nodded Ann
            if read and lower[at + 1] not in OBLIQUE:
                return self._found(first, at, read[0], read[1], last, where)
        if not size or lower[at + size - 1] in NOMINATIVE:
            return None
        for skip in range(3):
            place = at + size + skip
            if place >= last or lower[place] in PREPOSITIONS:
                break
            if lower[place] in OBLIQUE:
                break
            read = self.field.subject_at(place)
            if read:
                return self._found(first, at, read[0], read[1], last, where)
        stranger = self._stranger(at + size, last)
        return self._found(first, at, stranger, at + size, last, where) if stranger else None

    def _stranger(self, first: int, last: int) -> Subject | None:
        """A subject whom the cast does not know: "said the voice", "replied the other", "said Zed"."""
        tokens = self.field.tokens
        if first >= last:
            return None
        if tokens.words[first][:1].isupper():
            return Subject("name", None, None, tokens.starts[first], tokens.ends[first])
        if tokens.lower[first] not in _DETERMINERS or first + 1 >= last:
            return None
        end = next((t for t in range(first + 1, min(last, first + 4)) if not tokens.words[t][0].isalnum()), first + 2)
        return Subject("nominal", None, None, tokens.starts[first], tokens.ends[max(first + 1, end - 1)])

    def _plain(self, first: int, last: int, where: Where, start: int, end: int) -> Found | None:
        """Subject before verb: "she said", "Anna, who had listened, now said".

        A quotation that ended with a full stop is followed by a new sentence; there only a verb close by reports it
        ("He told them a story" does not).
        """
        text, lower = self.field.text, self.field.tokens.lower
        at = first
        while at < last and at < first + 3 and (lower[at] in _LEADING or lower[at].endswith("ly")):
            at += 1
        read = self.field.subject_at(at) if at < last else None
        if read is None or lower[at] in OBLIQUE:
            return None
        subject, behind = read
        finished = text[max(0, start - 2) : start - 1] in tuple(".!?…") and text[subject.start].isupper()
        ended = text[max(0, start - 2) : start - 1] in tuple(".") and text[subject.start].isupper()
        reach = min(last, behind + (4 if ended else REACH))
        # "… I know." She said "But …": after a full stop, a cue that runs into the next quotation belongs to that one.
        open_ended = ended and last == self.field.token_at(end)
        for place in range(behind, reach):
            size = self.verb_at(place)
            gesture = finished and lower[place] in self.gestures
            if size and not gesture and not open_ended and self._reports(place + size, last, ended):
                nearer = self._adjacent_subject(place, behind)
                return self._found(first, place, nearer or subject, place + size, last, where)
            if lower[place] in ("'s",):
                return None
        return None

    def _reports(self, behind: int, last: int, ended: bool) -> bool:
        """Does the verb report the quotation, and not a clause of its own ("said that", "told him about it")?"""
        if behind >= last:
            return True
        word = self.field.tokens.lower[behind]
        if word == "that" and behind + 1 < last and self.field.tokens.lower[behind + 1] in _TIMES:
            return True
        if word in ("that", "nothing", "goodbye", "so", "it", "if", "whether", "about", "of"):
            return False
        return not ended or last - behind <= 12

    def _adjacent_subject(self, verb: int, low: int, *, introduces: bool = False) -> Subject | None:
        """A mention right before the verb, auxiliaries and adverbs skipped, that can be its subject.

        :param introduces: the verb introduces a quotation, so that it may stand in a relative clause.
        """
        lower = self.field.tokens.lower
        at = verb - 1
        while at > low and (lower[at] in _AUXILIARIES or lower[at].endswith("ly")):
            at -= 1
        relative = introduces and lower[at] == "who" and at > low + 1
        if relative:
            at -= 2 if lower[at - 1] == "," else 1  # "…by Ann, who now said"
        for begin in range(at, max(low, at - _LONGEST_MENTION) - 1, -1):
            read = self.field.subject_at(begin)
            if read and read[1] == at + 1:
                governed = begin > low and lower[begin - 1] in PREPOSITIONS and not relative
                heard = begin > low and lower[begin - 1] in HEARS
                return None if governed or (lower[begin] in OBLIQUE and not heard) else read[0]
        return None

    def _reply_noun(self, first: int, last: int, where: Where) -> Found | None:
        """A noun that reports: "was my calm retort", "came Anna's answer"."""
        lower = self.field.tokens.lower
        if lower[first] not in ("was", "came", "is", "comes", "were"):
            return None
        nouns = [t for t in range(first + 1, min(last, first + 8)) if lower[t] in _REPLY_NOUNS]
        if not nouns:
            return None
        subject = None
        for at in range(first + 1, nouns[0] + 5):
            read = self.field.subject_at(at) if at < last else None
            if read and (at < nouns[0] or lower[at - 1] in ("of", "from")):
                subject = read[0]
                break
        return Found(
            self.field.tokens.starts[first], self.field.tokens.ends[nouns[0]], lower[nouns[0]], subject, None, where
        )

    def _source(self, first: int, last: int, where: Where) -> Found | None:
        """Where the words come from: "from the old man", "came from Ann's lips", "loudly whispered by Ann"."""
        lower = self.field.tokens.lower
        for at in range(first, min(last - 1, first + _NEAR_SOURCE)):
            agent = lower[at] == "by" and at > first and lower[at - 1] in self.participled
            told = lower[at] == "to" and at > first and lower[at - 1] == "according"
            if lower[at] == "from" or agent or told:
                read = self.field.subject_at(at + 1)
                person = read is not None and read[0].pronouns != "they"
                return self._found(first, at, read[0], read[1], last, where) if read and person else None
            if not (lower[at] in _COMING or lower[at].endswith("ly") or lower[at] in self.participled):
                return None
        return None

    def _before(self, low: int, start: int) -> Found | None:
        """A cue that introduces a quotation: 'Anna turned and said, "…"', 'She answered: "…"'."""
        tokens, lower = self.field.tokens, self.field.tokens.lower
        last = self.field.last_token_before(start) + 1
        floor = max(self.field.token_at(low), last - 60)
        if last <= floor:
            return None
        mark = tokens.words[last - 1]
        if mark in _SENTENCE_ENDS or mark in ('"', "”", ")"):
            return None
        last = self._before_aside(floor, last)
        if last <= floor:
            return None
        begin = self._clause_start(floor, last)
        verb = next(
            (t for t in range(last - 1, begin - 1, -1) if self.verb_at(t) or lower[t] in self.participles), None
        )
        announced = self._announced(begin if verb is None else verb + 1, last)
        if announced:
            return announced
        if verb is None or tokens.quoted[verb] or last - verb > 25:
            return self._introduced(begin, last, start) if mark == ":" else None
        if last - verb > 2 and mark not in _INTRODUCING:
            return None
        subject = (
            self._behind(verb, last)
            or self._adjacent_subject(verb, begin, introduces=True)
            or self._first_subject(self._last_clause(begin, verb), verb)
        )
        if subject is None:
            return None
        addressee = self._addressee(verb + 1, last)
        return Found(tokens.starts[begin], tokens.ends[last - 1], lower[verb], subject, addressee, "before")

    def _before_aside(self, floor: int, last: int) -> int:
        """The index behind what introduces: 'Ann went on (and Ben saw that she was asking herself why), "…"'."""
        words = self.field.tokens.words
        if last - 2 <= floor or words[last - 2] != ")":
            return last
        return next((t for t in range(last - 3, floor - 1, -1) if words[t] == "("), last)

    def _behind(self, verb: int, last: int) -> Subject | None:
        """The subject behind its verb: "and thus spoke Mary:"."""
        if not verb or self.field.tokens.lower[verb - 1] not in ("thus", "then", "so", "here"):
            return None
        read = self.field.subject_at(verb + 1)
        return read[0] if read and read[1] == last - 1 else None

    def _announced(self, begin: int, last: int) -> Found | None:
        """A noun that announces: "Ann's answer was, soon afterwards, “…”"."""
        tokens, lower = self.field.tokens, self.field.tokens.lower
        if tokens.words[last - 1] not in _INTRODUCING:
            return None
        noun = next((t for t in range(last - 2, max(begin, last - 9), -1) if lower[t] in _REPLY_NOUNS), None)
        if noun is None or lower[noun + 1] not in ("was", "is", "were", "being"):
            return None
        for at in range(noun - 1, max(begin - 1, noun - 8), -1):
            read = self.field.subject_at(at)
            if read and read[1] <= noun and (lower[read[1]] == "'s" or lower[at] in _OWNING):
                return Found(tokens.starts[begin], tokens.ends[last - 1], lower[noun], read[0], None, "before")
        return None

    def _introduced(self, begin: int, last: int, start: int) -> Found | None:
        """A colon alone introduces a speech by the subject of its sentence."""
        subject = self._first_subject(self._last_clause(begin, last), last)
        if subject is None or self._is_aside(subject, begin, last):
            return None
        tokens = self.field.tokens
        return Found(tokens.starts[begin], tokens.ends[last - 1], ":", subject, None, "introduced")

    def _is_aside(self, subject: Subject, begin: int, last: int) -> bool:
        """Whether all there is before a colon is a clause beside the main one: '"…," and then, as Ben stared: "…"'."""
        tokens = self.field.tokens
        at = self.field.token_at(subject.start)
        if at <= begin or tokens.lower[at - 1] not in _SUBORDINATES or not tokens.quoted[begin - 1]:
            return False
        return "," not in tokens.words[at : last - 1]

    def _clause_start(self, floor: int, last: int) -> int:
        """Index of the first token of the sentence that token ``last - 1`` stands in, no quotation in between."""
        tokens = self.field.tokens
        floor = max(floor, self.field.sentence_bounds(tokens.starts[last - 1])[0]) if last else floor
        at = last - 1
        while at > floor and not tokens.quoted[at - 1]:
            at -= 1
        return at

    def _last_clause(self, begin: int, verb: int) -> int:
        """Where the verb's own clause begins: "…; and Anna, after a pause, added" has a new subject behind its stop."""
        lower = self.field.tokens.lower
        subordinate = lower[begin] in _SUBORDINATES  # "When Ann had gone, Ben looked up, and said"
        for at in range(verb - 1, begin, -1):
            joined = lower[at] in _JOINS and lower[at - 1] == ","
            bare = lower[at - 1] == "," and (subordinate or self._acts(at, verb))
            if not (joined or lower[at - 1] in (";", ":", "--", "—") or bare):
                continue
            start = at + 1 if lower[at] in _JOINS else at
            while start < verb and lower[start] in _THEN:
                start += 1
            read = self.field.subject_at(start)
            if read is None or read[1] >= verb or lower[start] in OBLIQUE or lower[read[1]] in ("and", "'s", "or"):
                continue
            if joined or lower[at - 1] != "," or self._opens_clause(read[1]):
                return start
        return begin

    def _acts(self, at: int, verb: int) -> bool:
        """Whether somebody named at a token does something right there: "…, Ann made no comment, but said"."""
        read = self.field.subject_at(at)
        if read is None or read[0].kind not in ("name", "nominal") or read[1] >= verb - 1:
            return False
        lower = self.field.tokens.lower
        behind = read[1] + (lower[read[1]] in _AUXILIARIES and lower[read[1]] not in _FINITE)
        return lower[behind] in person_verbs() or lower[behind] in _FINITE

    def _opens_clause(self, behind: int) -> bool:
        """Whether a mention behind a bare comma can be a clause's subject and no item of a list, by what follows it."""
        lower = self.field.tokens.lower
        if lower[behind] != ",":
            return True
        after = lower[behind + 1]
        return after in ("who", "after", "with", "without", "still", "having") or after.endswith("ing")

    def _first_subject(self, begin: int, end: int) -> Subject | None:
        """The first mention of a clause that can be its subject: not oblique, not behind a preposition."""
        lower = self.field.tokens.lower
        at, fallback = begin, None
        while at < end:
            read = self.field.subject_at(at)
            if read is None:
                at += 1
                continue
            subject, behind = read
            governed = at > begin and lower[at - 1] in PREPOSITIONS
            governed = governed and not (lower[at - 1] == "of" and lower[at - 2] in ("voice", "voices"))
            possessive = behind < end and lower[behind] == "'s"
            if lower[at] not in OBLIQUE and not governed:
                if not possessive and lower[at] not in ("his", "her", "my", "their"):
                    return subject
                fallback = fallback or subject
            at = behind
        return fallback

    def _found(self, first: int, verb: int, subject: Subject | None, behind: int, last: int, where: Where) -> Found:
        tokens = self.field.tokens
        end = max(behind, verb + 1)
        addressee = self._addressee(end, last)
        stop = max(tokens.ends[end - 1], addressee.end if addressee else 0)
        return Found(tokens.starts[first], stop, tokens.lower[verb], subject, addressee, where)

    def _addressee(self, behind: int, last: int) -> Subject | None:
        """ "to Anna", "told Anna", "asked the old man": the mention right behind the verb or a "to"."""
        lower = self.field.tokens.lower
        for at in range(behind, min(last, behind + 6)):
            if lower[at] in ("to", "of", "at") or (at == behind and lower[at] not in FIRST):
                place = at + 1 if lower[at] in ("to", "of", "at") else at
                read = self.field.subject_at(place) if place < last else None
                if read and lower[place] not in ("his", "their", "my") and lower[place] not in NOMINATIVE:
                    return read[0]
            elif lower[at] in (",", "and"):
                return None
        return None
