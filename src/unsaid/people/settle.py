"""The cast once it is known who speaks: "I", "you", "my father" and words of address find their people."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, deque
from typing import TYPE_CHECKING

import msgspec

from unsaid.people import lexicon
from unsaid.people.kin import is_kin, plain
from unsaid.people.layer import Cast
from unsaid.people.pronouns import PRONOUNS
from unsaid.story import Character, Mention, Relation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from unsaid.narration.layer import Stretch, Telling
    from unsaid.prose import Prose
    from unsaid.story import Utterance
    from unsaid.voices.layer import Voices

_INVERSE = {
    ("father", "he"): ("son", "daughter", "child"), ("mother", "she"): ("son", "daughter", "child"),
    ("son", "he"): ("father", "mother"), ("daughter", "she"): ("father", "mother"),
    ("husband", "he"): ("wife",), ("wife", "she"): ("husband",),
    ("brother", "he"): ("brother", "sister"), ("sister", "she"): ("brother", "sister"),
    ("uncle", "he"): ("nephew", "niece"), ("aunt", "she"): ("nephew", "niece"),
    ("nephew", "he"): ("uncle", "aunt"), ("niece", "she"): ("uncle", "aunt"),
}  # fmt: skip
_MANY = re.compile(
    r" +(?:all|both|two|three|four|lot|guys|girls|boys|children|kids|lads|fellows|people|folks?|gentlemen|ladies)\b"
)
# How many mentions back a pronoun in speech finds someone other than those who talk.
_BACK = 24


class _Floor(msgspec.Struct, frozen=True):
    """Who has the word at a place, the speaker or narrator, and to whom, the likeliest first: ids of characters."""

    speaker: str | None
    addressees: tuple[str, ...]
    spoken: bool

    @property
    def addressee(self) -> str | None:
        """The one addressed, where there is exactly one."""
        return self.addressees[0] if len(self.addressees) == 1 else None


def settle(prose: Prose, cast: Cast, telling: Telling, voices: Voices) -> Cast:
    """Resolve what hangs on who speaks, and count the cast again. Ids stay as they are."""
    floors = _floors(cast.mentions, telling, voices.utterances)
    people = {c.id: c for c in cast.characters}
    kin = _Kin(people.values())
    kin.tell(prose, cast.mentions, floors)
    recent: deque[str] = deque(maxlen=_BACK)
    mentions = []
    for mention, floor in zip(cast.mentions, floors, strict=True):
        who = voices.subjects.get((mention.start, mention.end)) or _meant(prose, mention, floor, (kin, people, recent))
        if who is not None:
            recent.append(who)
        mentions.append(mention if who == mention.character else Mention(mention.start, mention.end, mention.kind, who))
    counts = Counter(m.character for m in mentions if m.character is not None)
    settled = [
        msgspec.structs.replace(c, mentions=counts[c.id], relations=(*c.relations, *kin.told.get(c.id, ())))
        for c in cast.characters
    ]
    settled.sort(key=lambda c: -c.mentions)
    return Cast(tuple(settled), tuple(mentions))


def _floors(mentions: Iterable[Mention], telling: Telling, utterances: Iterable[Utterance]) -> list[_Floor]:
    """Who has the word at each mention."""
    spoken = sorted(
        ((start, end, u) for u in utterances if u.is_direct for start, end in u.parts),
        key=lambda part: (part[0], part[1]),
    )
    starts = [part[0] for part in spoken]
    said = [_Floor(u.speaker, u.addressees, spoken=True) for _, _, u in spoken]
    stretches = [s.start for s in telling.stretches]
    told = [_Floor(s.narrator, _told_to(s), spoken=False) for s in telling.stretches]
    told.append(_Floor(None, (), spoken=False))  # before the first stretch
    floors = []
    for mention in mentions:
        i = bisect_right(starts, mention.start) - 1
        if i >= 0 and mention.start < spoken[i][1]:
            floors.append(said[i])
        else:
            floors.append(told[bisect_right(stretches, mention.start) - 1])
    return floors


def _told_to(stretch: Stretch) -> tuple[str, ...]:
    """Whom "you" means in the narration: nobody, but where it is told in the second person."""
    return (stretch.narrator,) if stretch.person == "second" and stretch.narrator is not None else ()


class _Kin:
    """Who is whose father, aunt, friend: by holder and kin word."""

    def __init__(self, people: Iterable[Character]) -> None:
        self.of: dict[tuple[str, str], str] = {}
        self.told: dict[str, tuple[Relation, ...]] = {}
        known = list(people)
        gender = {c.id: c.pronouns for c in known}
        for character in known:
            for relation in character.relations:
                kind = plain(relation.kind)
                self.of.setdefault((relation.to, kind), character.id)
                for (inverse, pronoun), kinds in _INVERSE.items():
                    if kind in kinds and gender.get(relation.to) == pronoun:
                        self.of.setdefault((character.id, inverse), relation.to)

    def tell(self, prose: Prose, mentions: Iterable[Mention], floors: Iterable[_Floor]) -> None:
        """A narrator's "my father" is someone the narrator is related to."""
        for mention, floor in zip(mentions, floors, strict=True):
            if mention.kind != "nominal" or mention.character is None or floor.spoken or floor.speaker is None:
                continue
            words = prose.text[mention.start : mention.end].lower().split()
            kind = plain(words[-1])
            if (
                words[0] == ("your" if floor.addressees else "my")
                and is_kin(words[-1])
                and mention.character != floor.speaker
            ):
                if (floor.speaker, kind) not in self.of:
                    relation = Relation(kind, floor.speaker, mention.start, mention.end)
                    self.told[mention.character] = (*self.told.get(mention.character, ()), relation)
                self.of.setdefault((floor.speaker, kind), mention.character)

    def find(self, holder: str | None, word: str) -> str | None:
        """The holder's relation that the word names, if the text has told of one."""
        return self.of.get((holder, plain(word))) if holder is not None else None


def _is_called(text: str, mention: Mention) -> bool:
    """Whether a mark stands on either side: "Yes, Mother." but not "Mother is out" or "for Mother."."""
    after, before = text[mention.end : mention.end + 1], text[max(0, mention.start - 2) : mention.start].strip()
    return not (after.isalnum() or after in (" ", "'", "’")) and not before[-1:].isalnum()


def _meant(
    prose: Prose, mention: Mention, floor: _Floor, known: tuple[_Kin, dict[str, Character], deque[str]]
) -> str | None:
    """Whom a mention means, by who has the word; ``known``: whose relations, everybody, and who was meant last."""
    kin, people, recent = known
    if mention.kind == "pronoun":
        return _pronoun(prose.text, mention, floor, people, recent)
    if mention.kind == "name" or mention.character is not None:
        return mention.character
    return _whom(prose, mention, floor, kin, people)


def _whom(prose: Prose, mention: Mention, floor: _Floor, kin: _Kin, people: dict[str, Character]) -> str | None:
    """Whom a nominal means that was nobody's, now that it is known who has the word."""
    words = prose.text[mention.start : mention.end].lower().split()
    if not words:
        return None
    if words[0] in ("my", "your") and len(words) > 1 and is_kin(words[-1]):
        return kin.find(floor.speaker if words[0] == "my" else floor.addressee, words[-1])
    if len(words) == 1 and floor.spoken:
        to = floor.addressee
        if to is not None and not _fits(people, to, _address_gender(words[0])):
            to = None
        if is_kin(words[0]):
            return kin.find(floor.speaker, words[0]) or (to if _is_called(prose.text, mention) else None)
        return to
    return None


def _pronoun(
    text: str, mention: Mention, floor: _Floor, people: dict[str, Character], recent: deque[str]
) -> str | None:
    """Whom a pronoun means. "You" is the one addressed, of several the likeliest, unless it is said to be many."""
    word, behind = text[mention.start : mention.end].lower(), text[mention.end : mention.end + 20]
    kind = PRONOUNS.get(word)
    if kind is None:
        return mention.character
    if kind.of == "I":
        return floor.speaker
    if kind.of == "you":
        return next(iter(floor.addressees), None) if not _MANY.match(behind) else None
    talking = {floor.speaker, *floor.addressees}
    if kind.of in ("he", "she") and mention.character in talking:
        # Nobody is "he" to themselves, nor to whom they talk to.
        return next((r for r in reversed(recent) if r not in talking and _is(people, r, kind.of)), None)
    return mention.character


def _is(people: dict[str, Character], who: str, pronoun: str) -> bool:
    return who in people and people[who].pronouns == pronoun


def _fits(people: dict[str, Character], who: str, gender: str | None) -> bool:
    return who in people and (gender is None or people[who].pronouns in (gender, None))


def _address_gender(word: str) -> str | None:
    """The pronoun of whom a word of address can mean."""
    if word in ("sir", "mister", "monsieur", "signor"):
        return "he"
    if word in ("madam", "ma'am", "ma’am", "madame", "miss", "mademoiselle", "milady"):
        return "she"
    noun = lexicon.person_nouns().get(word)
    return {"m": "he", "f": "she", None: None}[noun.gender] if noun is not None else None
