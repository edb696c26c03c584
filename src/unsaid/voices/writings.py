"""Letters, notes, messages and diary entries that stand inside the story, each with its sender and recipient.

A writing is one direct utterance of kind *writing* (Semino and Short 2004), from its salutation to its signature.
A line that it quotes on a paragraph of its own is another, by the one who is quoted.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from unsaid.narration import letter_blocks, name_words, profiles
from unsaid.story import Utterance, Writing
from unsaid.voices.chats import labelled, sent
from unsaid.voices.correspondence import Told, answer_told, fate_after, named_in, reader_of, told_before
from unsaid.voices.field import Field
from unsaid.voices.inline import inline
from unsaid.voices.notes import NOTE_WORDS, Found, announced, by_cue, note, quoted, utterance
from unsaid.voices.papers import papers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.narration import Block, Profile, Telling
    from unsaid.people import Cast
    from unsaid.prose import Prose
    from unsaid.story import WritingStatus

__all__ = ["find_writings"]

BEFORE = 3
"""So many paragraphs before a writing are read for its sender and recipient; ``AFTER`` behind it for its fate."""
AFTER = 2

_GENERIC = frozenset(
    "sir sirs madam ma'am friend brother sister niece nephew cousin aunt uncle mother father mom mum son daughter boy "
    "girl child one all love husband wife lord lady heart fellow dear dearest".split()
)
_BUZZ = frozenset("buzzed vibrated pinged chimed beeped dinged buzzes vibrates pings".split())
_PHONE = frozenset("phone telephone mobile cell online email screen text texts message messages chat inbox".split())
_LABELLED, _BARE = "message: name before it", "message: bare line behind a phone"
_HEADER = re.compile(r"^(?:from|sender|to|subject|date)\s*:", re.IGNORECASE)
_QUOTED_BEFORE = re.compile(
    r"\b(?P<who>you|i|he|she|they|we)\s+(?:\w+\s+){0,2}?"
    r"(?P<verb>said|told|wrote|asked|promised|whispered|say|tell|used to say)\b"
    r"(?:\s+(?P<whom>me|you|him|her|us|them))?",
    re.IGNORECASE,
)


def find_writings(prose: Prose, cast: Cast, telling: Telling) -> tuple[tuple[Writing, ...], tuple[Utterance, ...]]:
    """Every writing in the story with its id, and the utterances that stand in them (ids empty), in order."""
    field = Field(prose, cast, telling)
    names = _Names(field)
    blocks = letter_blocks(prose, name_words(cast))
    found = [_letter(field, names, block) for block in blocks]
    known = _correspondents(found)
    for i, (block, letter) in enumerate(zip(blocks, found, strict=True)):
        to = letter.writing.recipient
        if letter.writing.sender is None and to is not None:
            found[i] = _letter(field, names, block, _by_initial(field, block.by, known[to]))
    inside = [(f.writing.start, f.writing.end) for f in found]
    shape = profiles(prose)
    found_so_far = (
        *announced(field, shape), *quoted(field), *_chats(field, names), *_messages(field, names),
        *_inline(field, inside),
    )  # fmt: skip
    for extra in (*found_so_far, *_papers(field, shape, names, inside, found_so_far)):
        if not _overlaps(inside, extra.writing.start, extra.writing.end):
            found.append(extra)
            inside.insert(
                bisect_left(inside, (extra.writing.start, extra.writing.end)), (extra.writing.start, extra.writing.end)
            )
    found.sort(key=lambda f: f.writing.start)
    writings = _with_replies([msgspec.structs.replace(f.writing, id=f"w{n}") for n, f in enumerate(found, start=1)])
    return writings, tuple(u for f in found for u in f.utterances)


def _correspondents(found: Sequence[Found]) -> defaultdict[str, set[str]]:
    """With whom everyone exchanges letters."""
    known: defaultdict[str, set[str]] = defaultdict(set)
    for letter in found:
        one, other = letter.writing.sender, letter.writing.recipient
        if one is not None and other is not None:
            known[one].add(other)
            known[other].add(one)
    return known


def _by_initial(field: Field, by: str, correspondents: set[str]) -> str | None:
    """Who signs with initials alone ("J. L."): the one correspondent of that first letter."""
    words = by.replace(".", " ").split()
    if not words or any(len(word) > 1 for word in words):
        return None
    fitting = [who for who in correspondents if any(name.startswith(words[0]) for name in field.by_id[who].names)]
    return fitting[0] if len(fitting) == 1 else None


def _overlaps(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    index = bisect_right(spans, (start, end))
    return (index > 0 and spans[index - 1][1] > start) or (index < len(spans) and spans[index][0] < end)


def _with_replies(writings: Sequence[Writing]) -> tuple[Writing, ...]:
    """A letter back to the sender of the last one between the same two answers it."""
    done = list(writings)
    last: dict[tuple[str, str], int] = {}
    for index, writing in enumerate(done):
        if writing.sender is None or writing.recipient is None:
            continue
        asked = last.pop((writing.recipient, writing.sender), None)
        if asked is not None:
            done[asked] = msgspec.structs.replace(done[asked], answered=True)
            done[index] = msgspec.structs.replace(writing, reply_to=done[asked].id)
        last[writing.sender, writing.recipient] = index
    return tuple(done)


class _Names:
    """Characters by the words they are called."""

    def __init__(self, field: Field) -> None:
        self._characters = field.cast.characters
        self._best: dict[str, tuple[int, str]] = {}
        for character in field.cast.characters:
            for name, count in character.names.items():
                if not name[:1].isupper() and " " in name:
                    continue  # a description; one word in lower case is what somebody is called in a chat
                whole = name.lower()
                for weight, form in ((count + 0.5, whole), *((count, word) for word in whole.split() if len(word) > 2)):
                    if weight > self._best.get(form, (0, ""))[0]:
                        self._best[form] = int(weight), character.id

    def find(self, name: str) -> str | None:
        """Who a written name is: the whole of it, else the last of its words that is anybody's.

        A name with an initial ("B. Lowe") is that of the one most often called by the surname, if the initial allows.
        """
        whole = name.lower().strip(" .,")
        words = whole.replace(".", " ").split()
        if len(words) > 1 and len(words[0]) == 1:
            return self._initialled(words[0], words[-1]) or self._best.get(whole, (0, None))[1]
        if whole in self._best:
            return self._best[whole][1]
        known = [self._best[word][1] for word in (w.strip(".,'’") for w in whole.split()) if word in self._best]
        return known[-1] if known else None

    def _initialled(self, initial: str, surname: str) -> str | None:
        """The most mentioned character of a surname whose first name, if any is known, begins with the initial."""
        fitting = []
        for character in self._characters:
            bearing = [form for form in (n.lower().split() for n in character.names) if form[-1:] == [surname]]
            firsts = {word[0] for form in bearing for word in form[:-1] if not word.endswith(".") and word != "miss"}
            if bearing and (not firsts or initial in firsts):
                fitting.append((character.mentions, character.id))
        return max(fitting)[1] if fitting else None


# --- letters ----------------------------------------------------------------------------------------------------------


def _letter(field: Field, names: _Names, block: Block, known: str | None = None) -> Found:
    """A letter; ``known``: who must have signed it."""
    paragraphs = field.prose.paragraphs
    start, end = paragraphs[block.first].start, paragraphs[block.last].end
    # What stands before a break leads up to nothing behind it.
    leading = range(block.first - 1, max(-1, block.first - 1 - BEFORE), -1)
    begun = next((i for i in leading if paragraphs[i].after_break), max(0, block.first - BEFORE))
    told = told_before(field, paragraphs[begun].start, start) if block.first else Told()
    narrator = field.telling.narrator_at(start)
    signed = None
    if block.signature is not None and block.by:
        initial = len(block.by.replace(".", " ").split()[0]) == 1
        named = None if initial else _mentioned(field, paragraphs[block.signature].start, end, block.by)
        signed = named or names.find(block.by)
    greeted = _mentioned(field, paragraphs[block.salutation].start, paragraphs[block.salutation].start + 90, block.to)
    generic = all(word.strip(".,'’").lower() in _GENERIC for word in block.to.split())
    greeted = greeted or (names.find(block.to) if not generic else None)
    diary = block.to.lower().startswith(("diary", "journal"))
    signed = _agreed(field, signed, told.sender, block.by) or known
    sender = signed or (narrator if diary else None) or told.sender
    recipient = None if diary else greeted or told.recipient or _reader(field, block.last)
    if sender is None and narrator is not None and recipient is not None and recipient != narrator:
        sender = narrator if told.status == "unknown" else None
    if recipient is None and not diary and narrator is not None and sender not in {None, narrator}:
        recipient = narrator
    if recipient == sender:
        recipient = None
    rule = "letter: signature" if signed else "letter: the narration before" if sender else "letter"
    span = paragraphs[block.salutation].start, end
    body = utterance(span, sender, recipient, rule, "explicit" if signed else "anaphoric")
    fate, answered = _fate(field, block.last)
    answered = None if diary else answered
    status = told.status if told.status != "unknown" else fate
    status = "sent" if answered is not None and status == "unknown" else status
    kind = "diary" if diary else "letter"
    writing = Writing("", start, end, kind, sender, recipient, status, answered=answered)
    return Found(writing, (body, *_quoted_inside(field, block, sender, recipient)))


def _agreed(field: Field, signed: str | None, told: str | None, by: str) -> str | None:
    """Who signs "M. SCHLEGEL": the one the narration has writing, if the initials and the name allow it."""
    words = by.replace(".", ". ").split()
    if told is None or not words or len(words[0].rstrip(".")) != 1:
        return signed
    names = field.by_id[told].names
    return told if any(name.lower().startswith(words[0][0].lower()) for name in names) else signed


def _reader(field: Field, last: int) -> str | None:
    """Whoever reads the letter in the paragraph behind it."""
    if last + 1 >= len(field.prose.paragraphs):
        return None
    following = field.prose.paragraphs[last + 1]
    return reader_of(field, following.start, following.end)


def _fate(field: Field, last: int) -> tuple[WritingStatus, bool | None]:
    """What the paragraphs behind a letter say became of it, and whether it was answered."""
    paragraphs = field.prose.paragraphs
    if last + 1 >= len(paragraphs):
        return "unknown", None
    behind = paragraphs[last + 1].start, paragraphs[min(len(paragraphs) - 1, last + AFTER)].end
    return fate_after(field, *behind), answer_told(field, *behind)


def _mentioned(field: Field, start: int, end: int, within: str = "") -> str | None:
    """The first character named in ``text[start:end]``; only inside ``within`` where that is given."""
    if within:
        at = field.text.rfind(within, start, end + len(within))
        start, end = (at, at + len(within)) if at >= 0 else (start, start)
    return named_in(field, start, end)


def _quoted_inside(field: Field, block: Block, sender: str | None, recipient: str | None) -> Iterator[Utterance]:
    """Paragraphs that are one quotation amid a letter without quotation marks: what somebody once said."""
    paragraphs, tokens = field.prose.paragraphs, field.tokens
    inner = range(block.salutation + 1, block.last)
    whole = [i for i in inner if all(tokens.quoted[paragraphs[i].first : paragraphs[i].last])]
    if any(paragraphs[i].start == paragraphs[block.salutation + 1].start for i in whole):
        return
    whole = [i for i in whole if i - 1 not in whole and field.text[paragraphs[i].end - 1] in "\"”'’"]
    for index in whole:
        before = paragraphs[index - 1]
        tail = field.text[max(before.start, before.end - 160) : before.end]
        cues = list(_QUOTED_BEFORE.finditer(tail))
        who = {"you": recipient, "i": sender}.get(cues[-1]["who"].lower()) if cues else None
        whom = {"me": sender, "you": recipient}.get((cues[-1]["whom"] or "").lower()) if cues else None
        span = paragraphs[index].start, paragraphs[index].end
        yield utterance(span, who, whom, "quoted in a letter", "anaphoric")


def _inline(field: Field, inside: Sequence[tuple[int, int]]) -> Iterator[Found]:
    """What is written inside a paragraph, in italics or without any mark."""
    for found in inline(field, inside):
        span = found.start, found.end
        if found.cue is not None and found.told.sender is not None:
            yield by_cue(field, span, found.kind, found.told, found.cue, found.named)
        else:
            yield note(field, found.kind, span, found.told, "note: set apart")


# --- messages ---------------------------------------------------------------------------------------------------------


def _chats(field: Field, names: _Names) -> Iterator[Found]:
    """Text messages on lines of their own: behind a phone that buzzes or somebody who types, or a name and a colon."""
    for found, rule in ((labelled(field, names.find), _LABELLED), (sent(field), _BARE)):
        for message in found:
            paragraph = field.prose.paragraphs[message.paragraph]
            told = Told(message.sender, message.recipient, "sent")
            yield note(field, "message", (paragraph.start, paragraph.end), told, rule)


def _papers(
    field: Field, shape: Sequence[Profile], names: _Names, inside: Sequence[tuple[int, int]], found: Sequence[Found]
) -> Iterator[Found]:
    """What is written on paper and set bare on the page."""
    taken = sorted([*inside, *((f.writing.start, f.writing.end) for f in found)])
    for paper in papers(field, shape, taken, names.find):
        rule = "note: signature" if paper.signed else "note: what is done with it"
        yield note(field, paper.kind, (paper.start, paper.end), paper.told, rule)


# --- messages set as lines --------------------------------------------------------------------------------------------


def _messages(field: Field, names: _Names) -> Iterator[Found]:
    """The line below "From: Ann", and the one in marks behind a phone's buzz."""
    paragraphs = field.prose.paragraphs
    sender = None
    for index, paragraph in enumerate(paragraphs):
        line = field.text[paragraph.start : min(paragraph.end, paragraph.start + 400)]
        head, _, body = line.partition(":")
        if _HEADER.match(line):
            sender = (
                (names.find(body.split("\n")[0].strip()), index)
                if head.strip().lower() in {"from", "sender"}
                else sender
            )
            continue
        if sender is not None and sender[1] >= index - 3:
            if paragraph.end - paragraph.start <= 400 and not _is_narration(field, index):
                told = Told(sender[0], field.telling.narrator_at(paragraph.start), "received")
                yield note(field, "message", (paragraph.start, paragraph.end), told, "message: header")
            sender = None
        elif _buzzed(field, index) and _stands_apart(field, index):
            told = told_before(field, paragraphs[index - 1].start, paragraphs[index - 1].end)
            told = Told(told.sender, told.recipient, "received")
            yield note(field, "message", (paragraph.start, paragraph.end), told, "message: behind a phone's buzz")


def _is_narration(field: Field, index: int) -> bool:
    paragraph = field.prose.paragraphs[index]
    return any(word in {"he", "she", "said"} for word in field.tokens.lower[paragraph.first : paragraph.last])


def _buzzed(field: Field, index: int) -> bool:
    if not index:
        return False
    before = field.prose.paragraphs[index - 1]
    words = field.tokens.lower[before.first : before.last]
    return any(w in _BUZZ for w in words) and any(w in _PHONE for w in words)


def _stands_apart(field: Field, index: int) -> bool:
    """Whether a short paragraph is wholly quoted or wholly in italics."""
    paragraph = field.prose.paragraphs[index]
    if paragraph.last - paragraph.first > NOTE_WORDS:
        return False
    if all(field.tokens.quoted[paragraph.first : paragraph.last]):
        return True
    emphasis = field.prose.emphasis
    at = bisect_right(emphasis, paragraph.start + 1, key=lambda e: e.start) - 1
    return at >= 0 and emphasis[at].kind == "italic" and emphasis[at].end >= paragraph.end - 1
