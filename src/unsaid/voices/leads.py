"""What introduces a turn: 'Anna turned and said, "…"', 'then came Ann's answer: "…"'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.people.lexicon import person_verbs
from unsaid.voices import quotatives
from unsaid.voices.field import OBLIQUE
from unsaid.voices.reports import (
    ARTICLES,
    AUXILIARIES,
    HEARS,
    PREPOSITIONS,
    REPLY_NOUNS,
    SENTENCE_ENDS,
    UTTERED,
    VOICES,
    Found,
    Reports,
)

if TYPE_CHECKING:
    from unsaid.voices.field import Subject

_JOINS = frozenset("and but while when then so as".split())
_SUBORDINATES = frozenset("when while as if after before though although since because until whenever once".split())
# What tells of something beside: "Ann saw Ben, as he went by, and called". "…, when Ben turned, and said" goes on.
_ASIDE = _SUBORDINATES - {"when"}
_OPENING = _SUBORDINATES | frozenset("that till and but so than where , ; : -- —".split())
_INTRODUCING = frozenset((",", ":", "--", "—", "–", "-", ",--", ":--"))
_ANNOUNCING = frozenset((":", "--", "—", "–", ":--"))
_WHO_ASIDE = ("who", ",")  # "called by Ann, who, rising, took it, and said"
_PARTING = frozenset((",", ";", ":", "--", "—"))
_ENDS_PHRASE = _PARTING | ARTICLES | PREPOSITIONS
_OWNING = frozenset("his her my their our".split())
_FINITE = frozenset("had was were made gave took".split())
_FINITE_AUXILIARIES = frozenset("had has have would could should might did was were is are".split())
_SPEAKERS = frozenset("speaker voice answer".split())
_THAT_WITHIN = 12  # tokens
_FARTHEST_BACK = 60  # tokens
_NEAR_WITH = 4  # tokens: "Ann soon interrupted him with “…”"
_FARTHEST_RELATIVE = 7  # tokens from "who" back to whom it is said of
_THEN = frozenset("then now soon presently suddenly finally at last once again afterwards".split())


class Leads(Reports):
    """Finds the cue before a turn."""

    def _before(self, low: int, start: int) -> Found | None:
        """A cue that introduces a quotation: 'Anna turned and said, "…"', 'She answered: "…"'."""
        tokens, lower = self.field.tokens, self.field.tokens.lower
        floor, last = self._stretch(low, start)
        if last <= floor:
            return None
        mark = tokens.words[last - 1]
        if mark in SENTENCE_ENDS or mark in ('"', "”", ")"):
            return None
        last = self._before_aside(floor, last)
        if last <= floor:
            return None
        begin = self._clause_start(floor, last)
        if self._goes_on(begin, last):
            return None
        verb = next((t for t in range(last - 1, begin - 1, -1) if self._introducing_verb(t, begin, last)), None)
        announced = self._announced(begin, last) or self._coming_from(begin, last)
        if announced:
            return announced
        if verb is None or tokens.quoted[verb] or last - verb > 25:
            return self._introduced(begin, last, start) if mark == ":" else None
        if not self._leads_in(verb, last):
            return None
        subject = self._behind(verb, last) or self._owner_of(verb, begin) or self._whose(verb, begin, introduces=True)
        if subject is None:
            return None
        addressee = self._addressee(verb + 1, last)
        alone = self._to_self(verb + 1, last)
        return Found(tokens.starts[begin], tokens.ends[last - 1], lower[verb], subject, addressee, "before", alone)

    def _stretch(self, low: int, start: int) -> tuple[int, int]:
        """First token, and the one behind the last, of what may introduce a quotation at ``start``."""
        last = self.field.last_token_before(start) + 1
        return max(self.field.token_at(low), last - _FARTHEST_BACK), last

    def _leading(self, begin: int, last: int, word: str, subject: Subject) -> Found:
        """A cue of the tokens up to ``last`` that says nothing of whom the words are spoken to."""
        tokens = self.field.tokens
        return Found(tokens.starts[begin], tokens.ends[last - 1], word, subject, None, "before")

    def _quotative(self, low: int, start: int) -> Found | None:
        """ "And Ann was like, “…”"."""
        tokens = self.field.tokens
        floor, last = self._stretch(low, start)
        word = quotatives.before(tokens.lower, last) if last > floor and not tokens.quoted[last - 1] else None
        if word is None:
            return None
        begin = self._clause_start(floor, last)
        subject = quotatives.subject(self.field, begin, word)
        return self._leading(begin, last, tokens.lower[word], subject) if subject else None

    def _told_apart(self, low: int, start: int) -> Found | None:
        """A sentence of its own before a quotation that says who speaks: "It was Ann who spoke.", "Ben was interrupted
        by Ann.", "A cry came from Ann."."""
        tokens, lower = self.field.tokens, self.field.tokens.lower
        floor, last = self._stretch(low, start)
        if last <= floor or tokens.words[last - 1] != ".":
            return None
        begin = self._clause_start(floor, last)
        held = self._mention_before(last - 1, begin)
        subject, verb = self._cleft(begin, last), last - 2
        if subject is None and held is not None and held[1] - 2 > begin:
            at = held[1] - 1
            stopped = lower[at] == "by" and lower[at - 1] in self.participled
            came = lower[at] == "from" and not UTTERED.isdisjoint(lower[begin:at])
            subject, verb = (held[0], at - 1) if stopped or came else (None, verb)
        return self._leading(begin, last, lower[verb], subject) if subject else None

    def _cleft(self, first: int, last: int) -> Subject | None:
        """Who speaks in "It was Ann who answered", "It was Ann's voice", "The speaker was Ann"."""
        lower = self.field.tokens.lower
        if first + 3 >= last:
            return None
        named = lower[first] == "the" and lower[first + 1] in _SPEAKERS and lower[first + 2] == "was"
        if not named and lower[first : first + 2] not in (("it", "was"), ("it", "is")):
            return None
        at = first + 2 + named
        read = self.field.subject_at(at) if at < last else None
        if read is None:
            return None
        behind = read[1]
        after = (*lower[behind : behind + 2], "", "")
        if after[0] == "'s":
            return read[0] if named or after[1] in VOICES else None
        if after[0] in ("who", "that"):
            verb = next((t for t in range(behind + 1, min(last, behind + 4)) if self.verb_at(t)), None)
            return read[0] if verb is not None else None
        return read[0] if named and behind >= last - 1 else None

    def _leads_in(self, verb: int, last: int) -> bool:
        """Whether a verb reports what stands behind ``last``: it is near, a mark leads from it, or a "that" does, as in
        'Ann told everybody that she had "never seen the like"'."""
        lower = self.field.tokens.lower
        mark = self.field.tokens.words[last - 1]
        near = last - verb <= 2 or mark in _INTRODUCING or (mark == "with" and last - verb <= _NEAR_WITH)
        return near or "that" in lower[verb + 1 : verb + _THAT_WITHIN]

    def _goes_on(self, begin: int, last: int) -> bool:
        """Whether what stands here goes on from a cue, without a subject of its own: "…," Ann began, and then saw Ben
        and cried, "…"."""
        lower = self.field.tokens.lower
        if lower[begin : begin + 2] != (",", "and") or ";" in lower[begin:last]:
            return False
        at = begin + 2
        while at < last and (lower[at] in _THEN or lower[at].endswith("ly")):
            at += 1
        return at < last and (lower[at] in person_verbs() or bool(self.verb_at(at)))

    def _introducing_verb(self, token: int, begin: int, last: int) -> bool:
        """Whether a verb can introduce a quotation: it reports or is a participle; not "at being asked"."""
        lower = self.field.tokens.lower
        if lower[token] in self.participled and lower[token - 1] == "being":
            return False
        if self.verb_at(token) or lower[token] in self.participles:
            return True
        if lower[token] not in self.bare or self.field.tokens.words[last - 1] not in _INTRODUCING:
            return False
        if token == last - 2 and self._mention_before(token, begin):  # "and heard Ann reply:"
            return True
        return lower[token - 1] == "and"  # "had time to look up and ask Ann:"

    def _before_aside(self, floor: int, last: int) -> int:
        """The index behind what introduces: 'Ann went on (and Ben saw that she was asking herself why), "…"'."""
        words = self.field.tokens.words
        if last - 2 <= floor or words[last - 2] != ")":
            return last
        return next((t for t in range(last - 3, floor - 1, -1) if words[t] == "("), last)

    def _behind(self, verb: int, last: int) -> Subject | None:
        """The subject behind its verb: "and thus spoke Mary:", "he was interrupted by Mary,"."""
        lower = self.field.tokens.lower
        agent = verb + 1 < last and lower[verb + 1] == "by" and lower[verb] in self.participled
        if not agent and (not verb or lower[verb - 1] not in ("thus", "then", "so", "here")):
            return None
        if not agent and (lower[verb + 1] in OBLIQUE or lower[verb + 1] == "her"):  # "thus accosted her"
            return None
        read = self.field.subject_at(verb + 1 + agent)
        return read[0] if read and read[1] == last - 1 else None

    def _whose(self, verb: int, begin: int, *, introduces: bool = False) -> Subject | None:
        """The subject of a verb, however far before it: "Ann, who had been late, smiled and at last replied"."""
        return (
            self._adjacent_subject(verb, begin, introduces=introduces)
            or self._acting(begin, verb)
            or self._parted(begin, verb)
            or self._first_subject(self._last_clause(begin, verb), verb)
            or self._parted(begin, verb, at_last=True)
        )

    def _owner_of(self, verb: int, begin: int) -> Subject | None:
        """Whose saying it is: "he was stopped by Ann's saying, with a smile", "by her calling out"."""
        lower = self.field.tokens.lower
        if lower[verb - 1] in ("his", "her") and lower[verb] in self.participles:
            read = self.field.subject_at(verb - 1)
            return read[0] if read else None
        owns = verb - 2 if lower[verb - 1] in VOICES else verb - 1  # "Ann's saying", "heard Ann's voice saying"
        if owns > begin and lower[owns] in ("his", "her") and owns < verb - 1:
            read = self.field.subject_at(owns)
            return read[0] if read else None
        if lower[owns] != "'s" or owns <= begin:
            return None
        held = self._mention_before(owns, begin)
        return held[0] if held else None

    def _acting(self, begin: int, verb: int) -> Subject | None:
        """Who did what the verb goes on from: "…, so that Ann collected herself and asked", "till Ben came to say"."""
        lower = self.field.tokens.lower
        joint = self._before_verb(verb, begin)
        if lower[joint] not in ("and", "to") or lower[joint - 1] == ",":
            return None
        for at in range(joint - 1, begin - 1, -1):
            if lower[at] in _PARTING:
                return None
            read = self.field.subject_at(at)
            if read is not None and lower[at - 1] in HEARS:
                return read[0]
            if read is None or read[1] >= joint or lower[at] in OBLIQUE or lower[at] in _OWNING:
                continue
            if lower[at - 1] not in PREPOSITIONS and self._does(read[1], joint):
                return read[0]
        return None

    def _does(self, at: int, end: int) -> bool:
        """Whether a finite verb stands right behind somebody, adverbs and auxiliaries skipped."""
        lower = self.field.tokens.lower
        while at < end and (lower[at] in AUXILIARIES or lower[at].endswith("ly")):
            if lower[at] in _FINITE_AUXILIARIES:
                return True
            at += 1
        word = lower[at]
        return at < end and (word in person_verbs() or word in self.finite or word in _FINITE or word.endswith("ed"))

    def _parted(self, begin: int, verb: int, *, at_last: bool = False) -> Subject | None:
        """A subject that an aside parts from its verb: "till Ann, looking at the clock, exclaimed", "by Ann, who, late,
        cried". In "Ann turned to Ben, who was reading, and said" it is not Ben.
        """
        lower = self.field.tokens.lower
        at = self._before_verb(verb, begin)
        aside, joined = lower[at] == ",", lower[at] == "and"
        apart = joined and lower[at - 1] == ","
        for comma in range(at - 1, begin, -1) if aside or joined else ():
            if lower[comma] == ";":
                return None
            if apart and lower[comma + 1 : comma + 3] != _WHO_ASIDE and not (at_last and lower[comma + 1] == "who"):
                continue
            held = self._mention_before(comma, begin) if lower[comma] == "," else None
            if held is None and lower[comma : comma + 2] == (",", "who"):  # "met Ann on the stairs, who, late, cried"
                ends = range(comma - 1, max(begin, comma - _FARTHEST_RELATIVE), -1)
                held = next((held for end in ends if (held := self._mention_before(end, begin))), None)
            if held is None:
                continue
            subject, first = held
            opens = first == begin or lower[first - 1] in _OPENING
            if lower[comma + 1] == "who" or (aside and opens and self._opens_aside(comma + 1)):
                return subject
        return None

    def _opens_aside(self, token: int) -> bool:
        word = self.field.tokens.lower[token]
        return word in PREPOSITIONS or word.endswith(("ing", "ed", "ly")) or word in ("as", "still", "without")

    def _announced(self, begin: int, last: int) -> Found | None:
        """A noun that announces: "Ann's answer was, soon afterwards, “…”", "Ann's repeated question of “…”"."""
        tokens, lower = self.field.tokens, self.field.tokens.lower
        of = lower[last - 1] == "of"
        if not of and tokens.words[last - 1] not in _INTRODUCING:
            return None
        nearest = last - 3 if lower[last - 2] == "of" else last - 2
        noun = next((t for t in range(last - 2, max(begin, last - 9), -1) if lower[t] in REPLY_NOUNS), None)
        if noun is None or not (noun == nearest or (not of and lower[noun + 1] in ("was", "is", "were", "being"))):
            return None
        for at in range(noun - 1, max(begin - 1, noun - 8), -1):
            if lower[at] in _ENDS_PHRASE:
                break  # "said in her usual tone of reproach", "waved her on with the remark": hers it is not
            read = self.field.subject_at(at)
            if read and read[1] <= noun and (lower[read[1]] == "'s" or (lower[at] in _OWNING and read[1] == at + 1)):
                if at > begin and lower[at - 1] == "for":
                    return None  # "without waiting for his reply"
                return self._leading(begin, last, lower[noun], read[0])
        return self._with_words(begin, noun, last) if noun == nearest else None

    def _with_words(self, begin: int, noun: int, last: int) -> Found | None:
        """Whose words a noun announces that says not whose: "Ann waved him on with the remark: “…”"."""
        lower = self.field.tokens.lower
        opens = next((t for t in range(noun - 1, max(begin, noun - 6), -1) if lower[t] in ARTICLES), None)
        if opens is None or lower[opens - 1] != "with":
            return None
        subject = self._first_subject(self._last_clause(begin, opens), opens)
        return self._leading(begin, last, lower[noun], subject) if subject else None

    def _coming_from(self, begin: int, last: int) -> Found | None:
        """Whom the words come from: "From Ann: “…”", "she had this news from Ann: “…”"."""
        tokens, lower = self.field.tokens, self.field.tokens.lower
        held = self._mention_before(last - 1, begin) if tokens.words[last - 1] in _ANNOUNCING else None
        if held is None or held[1] < begin or lower[held[1] - 1] != "from" or held[1] - 1 < begin:
            return None
        return self._leading(begin, last, "from", held[0])

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

    def _last_clause(self, begin: int, verb: int) -> int:
        """Where the verb's own clause begins: "…; and Anna, after a pause, added" has a new subject behind its stop."""
        lower = self.field.tokens.lower
        joint = self._before_verb(verb, begin, _THEN)  # the "and" of "and then, at last, added"
        further = lower[joint] == "and" and lower[joint - 1] == ","  # "Ann saw Ben, as he went by, and called"
        for at in range(verb - 1, begin, -1):
            if further and lower[at - 1] == "," and lower[at] in _ASIDE:
                continue
            if lower[at] == "when" and self._was_doing(begin, at) and self._does_at(at + 1, verb):
                return at + 1
            start = self._opens_at(at, begin, verb)
            if start is not None and self._is_told_of(start, verb, lower[joint] == "and"):
                return start
        return begin

    def _was_doing(self, begin: int, at: int) -> bool:
        """Whether what stands before "when" went on or was hardly done: "Ann was reading when Ben came in, calling"."""
        lower = self.field.tokens.lower
        for t in range(at - 1, begin, -1):
            if lower[t] in _PARTING:
                return False
            if lower[t] in ("hardly", "scarcely") or (lower[t].endswith("ing") and self._before_verb(t, begin) < t - 1):
                return True
        return False

    def _opens_at(self, at: int, begin: int, verb: int) -> int | None:
        """Where the subject of a clause that opens at a token stands, what joins it skipped; None if none opens."""
        lower = self.field.tokens.lower
        comma = lower[at - 1] == ","
        joined = lower[at] in _JOINS
        reason = comma and lower[at] == "for" and self._does_at(at + 1, verb)
        bare = comma and not (joined or reason)
        if bare and not (self._is_subordinate(begin, at - 1) or self._acts(at, verb)):
            return None
        if not (comma or lower[at - 1] in (";", ":", "--", "—")):
            return None
        start = at + (joined or reason)
        while start < verb and (lower[start] in _THEN or lower[start - 1 : start + 1] == ("and", "when")):
            start += 1
        read = self.field.subject_at(start)
        return start if read is not None and (not bare or self._opens_clause(read[1])) else None

    def _is_told_of(self, start: int, verb: int, joined: bool) -> bool:
        """Whether somebody at a token is a subject of a verb further on, and no item of a list and no mere owner."""
        lower = self.field.tokens.lower
        read = self.field.subject_at(start)
        if read is None or read[1] >= verb or lower[start] in OBLIQUE:
            return False
        if lower[start - 2 : start] == ("and", "when") and not joined and self._does(read[1], verb):
            return False  # "Ann listened, and when he had done, replied"
        heard = "voice" in lower[read[1] + 1 : read[1] + 4]  # "and May's kind voice broke out" tells of May
        return heard or lower[read[1]] not in ("and", "'s", "or")

    def _is_subordinate(self, begin: int, end: int) -> bool:
        """Whether what a comma ends is a clause beside: "When Ann had gone, Ben looked up, and said", "…; and as"."""
        lower = self.field.tokens.lower
        first = next((t + 1 for t in range(end - 1, begin, -1) if lower[t] == ";"), begin)
        while first < end and (lower[first] in _JOINS - _SUBORDINATES or lower[first] in _THEN or lower[first] == ","):
            first += 1
        return lower[first] in _SUBORDINATES

    def _does_at(self, at: int, end: int) -> bool:
        """Whether somebody at a token does something right there."""
        read = self.field.subject_at(at)
        return read is not None and self._does(read[1], end)

    def _acts(self, at: int, verb: int) -> bool:
        """Whether somebody named at a token does something right there: "…, Ann made no comment, but said"."""
        read = self.field.subject_at(at)
        if read is None or read[0].kind not in ("name", "nominal") or read[1] >= verb - 1:
            return False
        lower = self.field.tokens.lower
        behind = read[1] + (lower[read[1]] in AUXILIARIES and lower[read[1]] not in _FINITE)
        never = lower[behind - 1] == "never" and lower[behind].endswith("ed")  # "…, Ann never ceased to rejoice"
        return lower[behind] in person_verbs() or lower[behind] in _FINITE or never

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
            governed = governed and not (lower[at - 1] == "for" and at - 1 == begin and lower[behind] in _FINITE)
            governed = governed and lower[at - 2 : at] != (",", "than")  # "no sooner had he gone, than Ann said"
            possessive = behind < end and lower[behind] == "'s"
            if lower[at] not in OBLIQUE and not governed:
                if not possessive and lower[at] not in ("his", "her", "my", "their"):
                    return subject
                fallback = fallback or subject
            at = behind
        return fallback
