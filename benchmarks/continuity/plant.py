"""Errors planted at random, by seed, into an untouched novel: one of each kind, such that a reader could find it."""

from __future__ import annotations

import contextlib
import datetime
import random
import re
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from benchmarks.continuity import wording

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from unsaid.story import Character, Story

PAGE = 280
"""Words of narration whose person is shifted: a page."""
_ENDS = 0.04  # of the blocks at either end nothing is planted: titles, prefaces, licences
_APART = 4  # blocks between two errors
_GOES_ON = re.compile(r"(?:He|She|His|Her)\b")
"""How a block begins that goes on about whoever the one before it ended with."""
_QUOTES = re.compile(r"[“\"][^“”\"]*[”\"]")


class Planted(msgspec.Struct, frozen=True):
    """An error of a kind, and where it stands in the planted text."""

    kind: str
    spans: tuple[tuple[int, int], ...]


class CannotPlant(Exception):
    """The novel has no place for an error of this kind."""


class Soil:
    """A novel's blocks (paragraphs without their line breaks), its people, and which blocks are taken."""

    def __init__(self, story: Story, rng: random.Random) -> None:
        self.rng = rng
        self.blocks = [" ".join(b.split()) for b in re.split(r"\n\s*\n", story.text) if b.strip()]
        words = set(re.findall(r"\w+", story.text))
        named = Counter(word for c in story.characters for word in {w for name in c.names for w in name.split()})
        self.people = [
            c
            for c in story.characters
            if c.kind == "person"
            and c.pronouns in {"he", "she"}
            and c.name.isalpha()
            and c.names.get(c.name, 0) >= 12
            and named[c.name] == 1  # of two Charleses no reader could say which is meant
            and c.name.lower() not in words
        ][:12]
        self.free = set(range(int(_ENDS * len(self.blocks)), int((1 - _ENDS) * len(self.blocks))))
        self.edits: dict[int, str] = {}
        self.plants: list[tuple[str, list[tuple[int, str]]]] = []
        self.said = {u.speaker: u.end / len(story.text) for u in story.utterances if u.speaker is not None}
        self.person: str = story.scenes[len(story.scenes) // 2].person if story.scenes else "third"
        self.mark = "“" if story.text.count("“") > story.text.count('"') else '"'

    def last_said(self, who: str) -> float:
        """About which block holds someone's last line."""
        return self.said.get(who, 0.0) * len(self.blocks)

    def someone(self) -> Character:
        """One of the people that the novel often names."""
        if not self.people:
            raise CannotPlant
        return self.rng.choice(self.people)

    def fill(self, template: str, who: Character, **more: object) -> str:
        """A sentence about someone."""
        he, his = ("he", "his") if who.pronouns == "he" else ("she", "her")
        marks = {"o": self.mark, "c": "”" if self.mark == "“" else '"'}
        return template.format(N=who.name, he=he, his=his, His=his.capitalize(), **marks, **more)

    def narration(self) -> list[int]:
        """Free blocks of narration."""
        return [
            i
            for i in sorted(self.free)
            if len(self.blocks[i].split()) >= 20
            and self.blocks[i].endswith((".", "!", "?"))
            and not re.search('[“”"‘]|^[^a-z]+$', self.blocks[i])
        ]

    def place(self, fits: Callable[[int], bool] = lambda _: True) -> int:
        """A free block of narration that fits."""
        fitting = [i for i in self.narration() if fits(i)]
        if not fitting:
            raise CannotPlant
        return self.rng.choice(fitting)

    def pair(self, most: int, *, without: str = "", least: int = 1) -> tuple[int, int]:
        """Two free blocks of narration close to one another, no heading between them.

        :param without: a pattern that is found in none of the blocks from the one to the other.
        """
        places = self.narration()
        pairs = [
            (a, b)
            for n, a in enumerate(places)
            for b in places[n + 1 : n + 6]
            if least <= b - a <= most
            and not any(_is_heading(self.blocks[i]) for i in range(a, b))
            and not (without and any(re.search(without, self.blocks[i]) for i in range(a, b + 1)))
            and not (without and any(_GOES_ON.match(self.blocks[i]) for i in (a + 1, b)))
        ]
        if not pairs:
            raise CannotPlant
        return self.rng.choice(pairs)

    def add(self, block: int, sentence: str) -> tuple[int, str]:
        """Put a sentence at the end of a block; the block and its neighbours are taken then."""
        self.edits[block] = f"{self.edits.get(block, self.blocks[block])} {sentence}"
        self.take(block)
        return block, sentence

    def take(self, block: int) -> None:
        """Keep the other errors away."""
        self.free -= set(range(block - _APART, block + _APART + 1))

    def planted(self) -> tuple[str, tuple[Planted, ...]]:
        """The novel with its errors, and where they stand."""
        pieces, starts, at = [], [], 0
        for number, untouched in enumerate(self.blocks):
            text = self.edits.get(number, untouched)
            pieces.append(text)
            starts.append(at)
            at += len(text) + 2
        found = []
        for kind, passages in self.plants:
            spans = []
            for block, passage in passages:
                offset = starts[block] + pieces[block].rindex(passage)
                spans.append((offset, offset + len(passage)))
            found.append(Planted(kind, tuple(spans)))
        return "\n\n".join(pieces), tuple(found)


def _is_heading(block: str) -> bool:
    if block.upper().startswith("CHAPTER "):
        return True
    open_end = not block.endswith((".", "”", '"', "!", "?", ",", ";", "'"))
    return len(block.split()) < 8 and (open_end or block.upper().startswith(("CHAPTER", "BOOK", "VOLUME", "PART")))


def trait(soil: Soil) -> list[tuple[int, str]]:
    """Eyes or hair of two colours."""
    kind = soil.rng.choice(["eyes", "hair"])
    table = wording.EYES if kind == "eyes" else wording.HAIR
    who, value = soil.someone(), soil.rng.choice(sorted(table))
    other = soil.rng.choice(table[value])
    first, second = soil.rng.sample(wording.TRAIT[kind], 2)
    return [
        soil.add(soil.place(), soil.fill(first, who, v=value)),
        soil.add(soil.place(), soil.fill(second, who, v=other)),
    ]


def relative(soil: Soil) -> list[tuple[int, str]]:
    """One's mother or father under two names that the novel does not know."""
    who, kin = soil.someone(), soil.rng.choice(wording.KIN)
    known = " ".join(soil.blocks)
    names = [name for name in wording.RELATIVES[kin] if name not in known]
    if len(names) < 2:
        raise CannotPlant
    one, other = soil.rng.sample(names, 2)
    first, second = soil.rng.sample(wording.RELATIVE, 2)
    return [
        soil.add(soil.place(), soil.fill(first, who, kin=kin, R=one)),
        soil.add(soil.place(), soil.fill(second, who, kin=kin, R=other)),
    ]


def duration(soil: Soil) -> list[tuple[int, str]]:
    """Two spans since one event, told within a few paragraphs."""
    who, kin = soil.someone(), soil.rng.choice(wording.KIN)
    low = soil.rng.randint(2, 6)
    values = [wording.NUMBERS[low], wording.NUMBERS[soil.rng.randint(2 * low + 1, 2 * low + 6)]]
    soil.rng.shuffle(values)
    first, second = soil.rng.choice(wording.DURATION)
    a, b = soil.pair(3)
    return [
        soil.add(a, soil.fill(first, who, kin=kin, a=values[0])),
        soil.add(b, soil.fill(second, who, kin=kin, b=values[1])),
    ]


def age(soil: Soil) -> list[tuple[int, str]]:
    """Two ages of one person within a few paragraphs."""
    who, low = soil.someone(), soil.rng.randint(11, 15)
    values = [wording.NUMBERS[low], f"twenty-{wording.NUMBERS[soil.rng.randint(3, 9)]}"]
    soil.rng.shuffle(values)
    first, second = soil.rng.choice(wording.AGE)
    a, b = soil.pair(3)
    return [soil.add(a, soil.fill(first, who, a=values[0])), soil.add(b, soil.fill(second, who, b=values[1]))]


def weekday(soil: Soil) -> list[tuple[int, str]]:
    """A weekday off by one: beside its date, or on the day after another."""
    days = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
    if soil.rng.random() < 0.5:
        date = datetime.date(1900, 1, 1) + datetime.timedelta(days=soil.rng.randrange(40_000))
        if soil.rng.random() < 0.5:
            date = date.replace(year=date.year - 100, day=min(date.day, 28))
        wrong = days[(date.weekday() + soil.rng.choice([-1, 1])) % 7]
        suffix = "th" if 10 < date.day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(date.day % 10, "th")
        template = soil.rng.choice(wording.DATED)
        facts = {"day": wrong, "n": f"{date.day}{suffix}", "d": date.day, "month": f"{date:%B}", "year": date.year}
        return [soil.add(soil.place(), template.format(**facts))]
    first, second = soil.rng.choice(wording.NEXT_DAY)
    one = soil.rng.randrange(7)
    two = days[(one + soil.rng.choice([2, 0])) % 7]
    block = soil.place()
    return [soil.add(block, first.format(one=days[one])), soil.add(block, second.format(two=two))]


def dead(soil: Soil) -> list[tuple[int, str]]:
    """Someone dies after their last line, and then has another."""
    last = {c.id: soil.last_said(c.id) for c in soil.people}
    dying = [c for c in soil.people if last[c.id] < 0.85 * len(soil.blocks)]
    if not dying:
        raise CannotPlant
    who = soil.rng.choice(dying)
    death = soil.place(lambda i: i > last[who.id] + 10)
    first = soil.add(death, soil.fill(soil.rng.choice(wording.DEATH), who))
    block = soil.place(lambda i: i > death + 6)
    sentence = soil.fill(soil.rng.choice(wording.LINE), who)
    soil.edits[block] = f"{soil.blocks[block]}\n\n{sentence}"
    soil.take(block)
    return [(block, sentence), first]


def places(soil: Soil) -> list[tuple[int, str]]:
    """Someone is in two places at once: in one, and "meanwhile" in another."""
    who = soil.someone()
    one, other = soil.rng.sample(wording.PLACES, 2)
    first, second = soil.rng.choice(wording.STAY), soil.rng.choice(wording.MEANWHILE)
    a, b = soil.pair(3, without=rf"{who.name}|{wording.TIME_PASSES}")
    return [soil.add(b, soil.fill(second, who, q=other)), soil.add(a, soil.fill(first, who, p=one))]


def gone(soil: Soil) -> list[tuple[int, str]]:
    """Someone leaves, and some paragraphs on, in the same scene, has a line."""
    who = soil.someone()
    a, b = soil.pair(9, without=rf"{who.name}|{wording.TIME_PASSES}", least=3)
    left = soil.add(a, soil.fill(soil.rng.choice(wording.LEAVES), who))
    sentence = soil.fill(soil.rng.choice(wording.LINE[:3]), who)
    soil.edits[b] = f"{soil.blocks[b]}\n\n{sentence}"
    soil.take(b)
    return [(b, sentence), left]


def turn(soil: Soil) -> list[tuple[int, str]]:
    """A turn amid dialogue is lost, and its empty line stays."""
    spoken = [b.startswith(("“", '"')) for b in soil.blocks]
    places = [i for i in sorted(soil.free) if all(spoken[i - 1 : i + 2]) and i + 1 in soil.free]
    if not places:
        raise CannotPlant
    block = soil.rng.choice(places)
    soil.edits[block] = ""
    soil.take(block)
    return [(block - 1, soil.blocks[block - 1][-20:]), (block + 1, soil.blocks[block + 1][:20])]


def doubled(soil: Soil) -> list[tuple[int, str]]:
    """A paragraph stands twice: right after itself, or somewhere later."""
    block = soil.place(lambda i: len(soil.blocks[i].split()) >= 32)
    text = soil.blocks[block]
    target = block if soil.rng.random() < 0.5 else soil.place(lambda i: i > block + 5)
    soil.edits[target] = f"{soil.blocks[target]}\n\n{text}"
    soil.take(block)
    soil.take(target)
    return [(target, text)]


def misspelt(soil: Soil) -> list[tuple[int, str]]:
    """One letter of a name is left out, doubled, changed or in the wrong place."""
    named = [c for c in soil.people if len(c.name) >= 5]
    if not named:
        raise CannotPlant
    name = soil.rng.choice(named).name
    places = [i for i in sorted(soil.free) if re.search(rf"\b{name}\b", soil.blocks[i])]
    if not places:
        raise CannotPlant
    block, at = soil.rng.choice(places), soil.rng.randrange(1, len(name) - 1)
    slips = [
        name[:at] + name[at + 1 :],
        name[:at] + name[at] + name[at:],
        name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        name[:at] + soil.rng.choice("aeiounrst") + name[at + 1 :],
    ]
    wrong = soil.rng.choice([slip for slip in slips if slip != name])
    soil.edits[block] = re.sub(rf"\b{name}\b", wrong, soil.blocks[block], count=1)
    soil.take(block)
    return [(block, wrong)]


_TO_FIRST = {"he": "I", "she": "I", "him": "me", "his": "my", "himself": "myself", "herself": "myself", "hers": "mine"}
_TO_THIRD = {
    "i": "{he}", "me": "{him}", "my": "{his}", "myself": "{him}self", "mine": "{his}", "i'm": "{he} was",
    "i'd": "{he}'d", "i'll": "{he}'ll", "i've": "{he} had",
}  # fmt: skip
SEEN = 0.03
"""A page that is shifted to the first person says "I" in this share of its words, as the rule asks of any."""


def person(soil: Soil) -> list[tuple[int, str]]:
    """A page of narration in another person."""
    runs = []
    for start in sorted(soil.free):
        words, end = 0, start
        while end in soil.free and words < PAGE and not _is_heading(soil.blocks[end]):
            words += len(_QUOTES.sub("", soil.blocks[end]).split())
            end += 1
        if words >= PAGE and end - start < 16:
            runs.append((start, end))
    third = soil.person == "third"
    telling = [r for r in runs if _share(soil, *r, third=third) >= (0.05 if third else 0.03)]
    if not telling or not soil.people:
        raise CannotPlant
    seen = [
        (run, who) for run in telling if _shows(soil, *run, who := _shifted_to(soil, *run, third=third), third=third)
    ]
    if not seen:
        raise CannotPlant
    (start, end), who = soil.rng.choice(seen)
    for i in range(start, end):
        soil.edits[i] = _shifted(soil.blocks[i], who, third=third)
        soil.take(i)
    return [(i, soil.edits[i]) for i in range(start, end)]


def _shifted_to(soil: Soil, start: int, end: int, *, third: bool) -> Character:
    """Who tells a page that is told in the third person, the most named there; else anybody whom "I" turns into."""
    page = " ".join(soil.blocks[start:end])
    return max(soil.people, key=lambda c: len(re.findall(rf"\b{c.name}\b", page))) if third else soil.someone()


def _shows(soil: Soil, start: int, end: int, who: Character, *, third: bool) -> bool:
    """Whether a reader can see the shift: the page says "I" often enough then, or no "we" is left of a first person."""
    words = _words([_shifted(soil.blocks[i], who, third=third) for i in range(start, end)])
    if third:
        return sum(w in {"i", "me", "my"} for w in words) >= SEEN * len(words)
    return not {"we", "us", "our", "i", "me", "my"}.intersection(words)


def _words(blocks: Sequence[str]) -> list[str]:
    """The words of the narration in some blocks, in lower case."""
    return [w.lower() for block in blocks for w in re.findall(r"[\w']+", _QUOTES.sub("", block.replace("’", "'")))]


def _share(soil: Soil, start: int, end: int, *, third: bool) -> float:
    words = _words(soil.blocks[start:end])
    told = {"he", "she", "him", "his", "her"} if third else {"i", "me", "my"}
    return sum(w in told for w in words) / max(1, len(words))


def _shifted(block: str, who: Character, *, third: bool) -> str:
    """A block with its narration in the other person; what is quoted stays."""
    he = who.pronouns or "he"
    forms = {"he": he, "him": "him" if he == "he" else "her", "his": "his" if he == "he" else "her"}

    def change(match: re.Match[str]) -> str:
        word = match.group()
        low = word.lower()
        if third:
            same = low in ({"he", "him", "his", "himself"} if he == "he" else {"she", "herself", "hers"})
            if low == "her" and he == "she":
                return "my" if re.match(r"\s+[a-z]", match.string[match.end() :]) else "me"
            if same:
                new = _TO_FIRST[low]
                return new.capitalize() if word[0].isupper() else new
            return "I" if word == who.name else word
        if low not in _TO_THIRD:
            return word
        made = _TO_THIRD[low].format(**forms)
        return made.capitalize() if match.start() == 0 or match.string[: match.start()].rstrip().endswith(".") else made

    pieces, at = [], 0
    for quote in _QUOTES.finditer(block):
        pieces += [re.sub(r"[\w']+", change, block[at : quote.start()]), quote.group()]
        at = quote.end()
    return "".join([*pieces, re.sub(r"[\w']+", change, block[at:])])


PLANTERS: dict[str, tuple[Callable[[Soil], list[tuple[int, str]]], tuple[str, ...]]] = {
    "person": (person, ("V102",)),
    "turn": (turn, ("X101",)),
    "doubled": (doubled, ("X103",)),
    "misspelt": (misspelt, ("N101",)),
    "dead": (dead, ("C103",)),
    "weekday": (weekday, ("T103",)),
    "age": (age, ("T102",)),
    "duration": (duration, ("T101",)),
    "relative": (relative, ("C102",)),
    "trait": (trait, ("C101",)),
    "places": (places, ("C104",)),
    "gone": (gone, ("C105",)),
}
"""Every kind, with the rules that are to find it; those that need the most room are planted first."""


def plant(story: Story, seed: str) -> tuple[str, tuple[Planted, ...]]:
    """A novel with one error of each kind that it has a place for."""
    soil = Soil(story, random.Random(seed))
    for kind, (planter, _rules) in PLANTERS.items():
        with contextlib.suppress(CannotPlant):
            soil.plants.append((kind, planter(soil)))
    return soil.planted()
