"""Cues: what reports a turn in the narrative around it ("she whispered", "said the old man", "was his answer")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.voices.field import NOMINATIVE, OBLIQUE, Subject
from unsaid.voices.leads import Leads
from unsaid.voices.reports import COMES_TO, PREPOSITIONS, REACH, REPLY_NOUNS, UTTERED, VOICES, Found

if TYPE_CHECKING:
    from unsaid.voices.reports import Where
    from unsaid.voices.turns import Turn

_LEADING = frozenset("and then so at last here there now or as for presently suddenly finally".split())
_DETERMINERS = frozenset("the a an one another his her my our their some this that".split())
_BEFORE_NAMES = frozenset("young old poor little dear good".split())
_COMING = frozenset("came comes come burst broke was were at last according".split())
_SOUNDS = frozenset("came comes rang rings rose broke boomed floated drifted sounded".split())
_OUT = frozenset("out back up in down forth".split())
_OWNING = frozenset("his her my".split())
_NEAR_VOICE, _NEAR_ALL = 4, 8  # tokens
_TIMES = frozenset("day morning afternoon evening night time moment instant week".split())
_BESIDE = frozenset("as when after before till until because since if".split())
_CLAUSE_STOPS = frozenset((";", "--", "—"))
_ANSWERING = frozenset("answered replied returned rejoined retorted responded".split())
_NEAR_SOURCE = 5  # tokens
_DENIED = frozenset("didn't doesn't don't not never couldn't can't wouldn't won't".split())
_NEAR_STRANGER = 8  # tokens: "a voice from the top of the stairs asked"
_AS_ONE = frozenset("together in at both simultaneously".split())
_FARTHEST_SUBJECT = 4  # tokens behind its verb: "said the less courteous Edmund"


class Reader(Leads):
    """Finds the cues of turns."""

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
        quotative = self._quotative(low, turn.start)
        if quotative:
            return quotative
        after = self._after(turn.end, high, "after")
        if (
            after
            and after.subject
            and not self._may_open(after, turn.end)
            and not self.hands_on((turn.start, turn.end), low, high)
        ):
            return after
        before = self._before(low, turn.start) or self._told_apart(low, turn.start)
        if before and before.subject and before.where == "before":
            return before
        return after if after and (after.subject or not before) else before

    def _may_open(self, after: Found, end: int) -> bool:
        """May what looks like a cue behind a quotation be a sentence of its own, about what the words brought about?"""
        text = self.field.text
        return text[max(0, end - 2) : end - 1] in tuple(".!?…;") and text[after.start].isupper()

    def parts_two(self, start: int, end: int, *, by_name: bool = False) -> bool:
        """Does the text between two quotations report the first as one person's, the second as another's?

        "…," called Ann, while Ben, thoughtful again, said, "…"

        :param by_name: only where both have a name: the second quotation looks like more of the first.
        """
        after = self._after(start, end, "after")
        if after is None or after.subject is None:
            return False
        before = self._before(self.open_from(after), end)
        if before is None or before.subject is None or self._is_beside(after.end, end):
            return False
        one, other = after.subject, before.subject
        if by_name and not one.kind == other.kind == "name":
            return False
        if one.kind == "first" and other.kind == "pronoun":
            return True  # "…," I said, and on top of me he said, "…"
        if one.character and other.character:
            return one.character != other.character
        return one.kind != "first" and other.kind in ("name", "nominal")

    def _is_beside(self, start: int, end: int) -> bool:
        """Does what stands here tell when or why the words before it were said: "…," cried Ann, as he finished, "…"?"""
        lower = self.field.tokens.lower[self.field.token_at(start) : self.field.token_at(end)]
        return lower[:1] == (",",) and not _BESIDE.isdisjoint(lower[1:2]) and _CLAUSE_STOPS.isdisjoint(lower)

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
        if following.verb in _ANSWERING:  # As Ann cried: "…?" she answered calmly: "…"
            return True
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
            or self._voiced(first, last, where)
            or self._all_said(first, last, where)
            or self._spoken_by(first, last, where)
            or self._goes(first, last, where, start)
            or self._reply_noun(first, last, where)
            or self._source(first, last, where)
            or self._plain(first, last, where, start, end)
        )

    def _inverted(self, first: int, last: int, where: Where) -> Found | None:
        """Verb before subject: "said Anna to him", "softly said the old man"."""
        lower = self.field.tokens.lower
        at = first
        while at < last and (lower[at].endswith("ly") or lower[at] in ("then", "here", "thus")):
            at += 1
        size = self.verb_at(at) if at < last else 0
        if at == first < last and lower[at] in self.gestures and self.field.tokens.words[at][0].islower():
            read = self.field.subject_at(at + 1)  # "…," nodded Ann
            if read and lower[at + 1] not in OBLIQUE:
                return self._found(first, at, read[0], read[1], last, where)
        if not size or lower[at + size - 1] in NOMINATIVE:
            return None
        someone = self.someone(at + size) if at + size < last else None
        if someone:
            return self._found(first, at, someone[0], someone[1], last, where)
        for skip in range(_FARTHEST_SUBJECT):
            place = at + size + skip
            if place >= last or lower[place] in PREPOSITIONS or lower[place] in OBLIQUE:
                break
            if skip > 1 and not lower[place][0].isalpha():
                break
            read = self.field.subject_at(place)
            if read:
                who = self._joined(read[0], read[1], last) or read[0]
                return self._found(first, at, who, read[1], last, where)
        stranger = self._stranger(at + size, last)
        return self._found(first, at, stranger, at + size, last, where) if stranger else None

    def _voiced(self, first: int, last: int, where: Where) -> Found | None:
        """Whose voice is heard: "came Ann's voice", "rang out the voice of Ann"."""
        lower = self.field.tokens.lower
        at = first
        while at < last and (lower[at].endswith("ly") or lower[at] in ("then", "here", "there")):
            at += 1
        if at >= last or lower[at] not in _SOUNDS:
            return None
        at += 1 + (lower[at + 1 : at + 2] != () and lower[at + 1] in _OUT)
        read = self.field.subject_at(at) if at < last else None
        if read is None:
            stranger = self._sound(at, last) if at < last else None
            return self._found(first, at - 1, stranger, at + 1, last, where) if stranger else None
        subject, behind = read
        owned = lower[behind : behind + 1] == ("'s",) or (lower[at] in _OWNING and behind == at + 1)
        heard = UTTERED & set(lower[behind : behind + _NEAR_VOICE]) if owned else VOICES & set(lower[at:behind])
        return self._found(first, at - 1, subject, behind, last, where) if heard else None

    def _sound(self, at: int, last: int) -> Subject | None:
        """Somebody unseen: "came a shriek", "rang out another shout"."""
        tokens = self.field.tokens
        if tokens.lower[at] not in ("a", "an", "another"):
            return None
        heard = next((t for t in range(at + 1, min(last, at + _NEAR_VOICE)) if tokens.lower[t] in UTTERED), None)
        whose = heard is not None and tokens.lower[heard + 1 : heard + 2] == ("of",)
        if heard is None or whose:
            return None
        return Subject("stranger", None, None, tokens.starts[at], tokens.ends[heard])

    def _all_said(self, first: int, last: int, where: Where) -> Found | None:
        """ "was all that Ann said", "was what Ann could answer"."""
        lower = self.field.tokens.lower
        if lower[first] not in ("was", "is", "were") or lower[first + 1 : first + 2] not in (("all",), ("what",)):
            return None
        for verb in range(first + 3, min(last, first + _NEAR_ALL)):
            subject = self._adjacent_subject(verb, first + 1) if self.verb_at(verb) else None
            if subject is not None:
                return self._found(first, verb, subject, verb + 1, last, where)
        return None

    def _goes(self, first: int, last: int, where: Where, start: int) -> Found | None:
        """ "…," goes Ann", "…" I go and run"; "Ann went." behind words that end their sentence is no report."""
        lower = self.field.tokens.lower
        inverted = lower[first] == "goes"
        read = self.field.subject_at(first + inverted) if first + inverted < last else None
        if read is None or lower[first + inverted] in OBLIQUE:
            return None
        subject, behind = read
        if inverted:
            return self._found(first, first, subject, behind, last, where)
        if behind >= last:
            return None
        open_ended = self.field.text[max(0, start - 2) : start - 1] == ","
        going = lower[behind] in ("goes", "go") or (lower[behind] == "went" and open_ended)
        over = behind == last - 1 or (lower[behind] != "went" and lower[behind + 1] == "and")
        if not (going and over):
            return None
        return self._found(first, behind, subject, last, last, where)

    def _spoken_by(self, first: int, last: int, where: Where) -> Found | None:
        """ "It was Ann who spoke.", "The voice was Ann's."."""
        subject = self._cleft(first, last)
        return self._found(first, first + 1, subject, last - 1, last, where) if subject else None

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
        read = (self.field.subject_at(at) or self.someone(at)) if at < last else None
        if read is None and at + 1 < last and lower[at] in _BEFORE_NAMES:
            read = self.field.subject_at(at + 1)  # "…," young Mr. Thorne put in
        if read is None or lower[at] in OBLIQUE:
            return None
        subject, behind = read
        anew = self.field.tokens.words[first][0].isupper()
        mark = text[max(0, start - 2) : start - 1]
        finished = anew and (mark in tuple(".!?…") or (mark in tuple("-—–") and subject.kind == "pronoun"))
        if finished and (at > first or subject.kind == "stranger"):
            return None  # "Go!" And Ann, who had listened, gave a sigh; "Go!" Someone laughed
        ended = finished and mark in tuple(".-—–")
        reach = min(last, behind + (4 if ended else _NEAR_STRANGER if subject.kind == "stranger" else REACH))
        # "… I know." She said "But …": after a full stop, a cue that runs into the next quotation belongs to that one.
        open_ended = ended and last == self.field.token_at(end)
        for place in range(behind, reach):
            size = self.verb_at(place)
            gesture = finished and lower[place] in self.gestures
            wished = lower[place - 1] == "to" and lower[place - 2] not in COMES_TO  # "for her to answer" is no report
            if size and not (gesture or wished or open_ended) and self._reports(place + size, last, ended):
                nearer = self._adjacent_subject(place, behind)
                who = self._together(subject, nearer) or nearer or subject
                return self._found(first, place, who, place + size, last, where)
            if lower[place] in ("'s",) or (finished and lower[place] in _DENIED):
                return None  # "Where?" Ann didn't say.
        return None

    def _joined(self, one: Subject, at: int, last: int) -> Subject | None:
        """Both of "said Ann and Ben", unless Ben does something of his own: "said Ann and Ben laughed"."""
        tokens = self.field.tokens
        read = self.field.subject_at(at + 1) if at + 1 < last and tokens.lower[at] == "and" else None
        if one.kind != "name" or read is None or read[0].kind not in ("name", "first"):
            return None
        behind = tokens.lower[read[1]] if read[1] < last else "."
        return self._together(one, read[0]) if not behind[0].isalnum() or behind in _AS_ONE else None

    def _together(self, one: Subject, other: Subject | None) -> Subject | None:
        """Both of "Ann and Ben said", as "they"."""
        if other is None or self.field.text[one.end : other.start].strip() != "and":
            return None
        return Subject("pronoun", None, "they", one.start, other.end)

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

    def _reply_noun(self, first: int, last: int, where: Where) -> Found | None:
        """A noun that reports: "was my calm retort", "came Anna's answer"."""
        lower = self.field.tokens.lower
        if lower[first] not in ("was", "came", "is", "comes", "were"):
            return None
        nouns = [t for t in range(first + 1, min(last, first + 8)) if lower[t] in REPLY_NOUNS]
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
