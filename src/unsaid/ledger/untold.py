"""What narration tells of words that never came out, and of acts whose words it leaves out ("he promised to write")."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from unsaid.ledger.lexicon import lines_of
from unsaid.ledger.promises import past_of
from unsaid.lexica import inflect
from unsaid.story import EntryKind, Utterance, Voice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unsaid.ledger.ground import Ground

_CONTENT_WORDS = 30
"""How many words behind the verb are looked at for what it is about."""
_LONGEST_CLAUSE = 200
"""... and how many for where its clause ends, so that time is linear where a text has no stops at all."""
_NEAR_WORDS = 12
"""... for anything but a request, which may stand at the end of a long clause."""
_BY_VERB: dict[str, EntryKind] = {
    "thank": "thanks",
    "apolog": "apology",
    "confess": "confession",
    "admit": "confession",
    "beg": "request",
    "plead": "request",
    "stop": "request",
    "let on": "secret",
    "finished asking": "question",
    "knew": "secret",
    "from": "secret",
    "secret": "secret",
    "know": "secret",
    "said a word": "secret",
    "question": "question",
    "plea": "request",
    "goodbye": "farewell",
    "good-bye": "farewell",
    "farewell": "farewell",
    "word": "confession",
    "truth": "confession",
    "uns": "confession",
}
_OF_LINES: dict[str, Voice] = {"speech": "aloud", "thought": "thought", "writing": "written"}
_TO_WHOM_IT_IS_SAID = frozenset({"thanks", "apology"})
"""Who says "I never thanked you", or leaves the you out, does so at last."""
_OBLIQUE = frozenset("him her them me us you".split())
_BARE = re.compile(
    r"^(?:so|that|much|more|something|anything|nothing|it|a word|another word|no|yes|which|this|,|\.|$)(?: |$)"
)
_EMPTY = re.compile(r"^(?:anything|nothing|much|more|it|so|another word|no)\b")
_MEANT = ("wanted", "should", "about", "almost", "opened", "wished", "only", "too", "afraid", "stopped")
"""Frames of what somebody had it in mind to tell: who was going to tell a thing confesses it to nobody."""
_PLAIN = frozenset({"farewell", "thanks", "apology", "request"})
_ABOUT = re.compile(r"^(?:if|whether|why|how|what|where|when|who|which)\b")
_ANYONE = re.compile(r"^(?:to )?(?:anyone|anybody|a soul|a living soul|no one|nobody|people)(?: else| at all)? ")
_SO = re.compile(r"^(?:so|it)$")
"""What somebody would rather do than say so, they keep in."""
_WITHHELD = frozenset(
    "told tell telling say said saying ask asked asking thank thanked thanking confess confessed confessing "
    "admit admitted admitting apologise apologize apologised apologized apologising apologizing beg begged "
    "begging plead call cry scream mentioned finished got let stopped knew know from secret word words "
    "question apology confession goodbye good-bye farewell thanks plea truth unsaid unspoken".split()
)
"""Each frame's verb, or noun, is one of these: most sentences have none, and need not be tried."""
_OWNERS = frozenset("his her my their".split())
_STOPS = frozenset({".", "!", "?", ";", ":", "--", "—", "–", '"', "“", "”"})


class Report(msgspec.Struct, frozen=True):
    """An act that is told of and not heard: its tokens (half-open), who would have said it to whom."""

    kind: EntryKind
    first: int
    last: int
    who: str | None
    to: str | None
    voice: Voice
    confidence: float
    rule: str


class _Frame(msgspec.Struct, frozen=True):
    rule: str
    confidence: float
    expression: re.Pattern[str]


@cache
def _frames() -> dict[str, tuple[_Frame, ...]]:
    found: dict[str, list[_Frame]] = {}
    for line in lines_of("untold"):
        rule, cues, confidence, worded = (column.strip() for column in line.split(" ; ", 3))
        frame = _Frame(f"untold: {rule}", float(confidence), re.compile(worded))
        for cue in cues.split():
            found.setdefault(cue, []).append(frame)
    return {cue: tuple(frames) for cue, frames in found.items()}


@cache
def _contents() -> tuple[tuple[EntryKind, re.Pattern[str]], ...]:
    rows = (line.split(" ; ", 1) for line in lines_of("contents"))
    return tuple((kind.strip(), re.compile(worded.strip())) for kind, worded in rows)  # type: ignore[misc]


@cache
def _told_acts() -> tuple[tuple[EntryKind, re.Pattern[str]], ...]:
    rows = (line.split(" ; ", 1) for line in lines_of("told"))
    return tuple((kind.strip(), re.compile(worded.strip())) for kind, worded in rows)  # type: ignore[misc]


def untold(ground: Ground) -> list[Report]:
    """Everything that the story says was never said, or was about to be; in order."""
    found = []
    frames = _frames()
    lower = ground.tokens.lower
    for sentence in dict.fromkeys(sentence for _, sentence in ground.of_words(_WITHHELD)):
        words = frozenset(lower[sentence.first : sentence.last])
        tried = {id(frame): frame for word in words & frames.keys() for frame in frames[word]}
        reports = (_report(ground, sentence.first, sentence.last, frame) for frame in tried.values())
        best = max((r for r in reports if r is not None), key=lambda r: r.confidence, default=None)
        if best is not None:
            found.append(best)
    return found


def _report(ground: Ground, first: int, last: int, frame: _Frame) -> Report | None:
    text = ground.words(first, last)
    match = frame.expression.search(text)
    if match is None:
        return None
    start = first + text.count(" ", 0, match.start())
    verb = first + text.count(" ", 0, match.start("verb"))
    behind = first + text.count(" ", 0, match.end()) + 1
    to, content_at = _addressee(ground, behind, last)
    stop = _clause_end(ground, content_at, last)
    content = ground.words(content_at, min(stop, content_at + _CONTENT_WORDS))
    broken_off = match["verb"].startswith("got as far")
    rest = frame.rule.endswith("rest")
    kind = _of(text, "confession") if broken_off or rest else _kind(match["verb"], content, frame)
    if kind is None:
        return None
    who = ground.doer_of(start, first) or _owner(ground, start, behind, frame)
    speaking = _speaking(ground, ground.tokens.starts[verb])
    if who is None and speaking is not None and "i" in ground.tokens.lower[max(first, start - 4) : start + 1]:
        who = speaking.speaker
    voice: Voice = "never"
    if speaking is not None:
        if ground.tokens.lower[behind : behind + 1] == ("you",) or (to is not None and to in speaking.addressees):
            if kind == "secret" and frame.rule.endswith("wanted"):
                return None  # "I was going to tell you" tells it
            # Told at last to the one it was kept from.
            voice, to = _OF_LINES[speaking.kind], speaking.addressees[0] if speaking.addressees else to
        elif to is None and kind in _TO_WHOM_IT_IS_SAID and speaking.addressees and speaking.kind != "thought":
            voice, to = _OF_LINES[speaking.kind], speaking.addressees[0]
        if "you" in ground.tokens.lower[max(first, start - 3) : start] or (match["verb"] == "say" and to is None):
            return None  # what the other might have said is reproach; "I didn't say that" only denies
    if who is None and (to is None or frame.rule.endswith("not")) and not frame.rule.endswith(("nobody", "without")):
        return None
    return Report(kind, max(first, start - 2), stop, who, to, voice, frame.confidence, frame.rule)


def _owner(ground: Ground, first: int, last: int, frame: _Frame) -> str | None:
    """Whose lips they are on which words die."""
    if not frame.rule.endswith("died"):
        return None
    owners = (ground.who_starts(token) for token in range(first, last) if ground.tokens.lower[token] in _OWNERS)
    return next((who for who in owners if who is not None), None)


def _speaking(ground: Ground, offset: int) -> Utterance | None:
    """The direct line at an offset; None in narration."""
    index = ground.line_before(offset + 1)
    if index >= 0 and any(start <= offset < end for start, end in ground.lines[index].parts):
        return ground.lines[index]
    return None


def _addressee(ground: Ground, at: int, last: int) -> tuple[str | None, int]:
    """Whom the verb has as object, bare or behind "to"; and the token behind it."""
    lower = ground.tokens.lower
    if at < last and lower[at] == "to" and at + 1 < last and ground.starting.get(at + 1) is not None:
        at += 1
    mention = ground.starting.get(at)
    if at >= last or mention is None or (mention.kind == "pronoun" and lower[at] not in _OBLIQUE):
        return None, at
    return mention.character, ground.tokens.within(mention.start, mention.end).stop


def _kind(verb: str, content: str, frame: _Frame) -> EntryKind | None:
    """The kind of what was withheld; None where the sentence does not say what it is."""
    for prefix, kind in _BY_VERB.items():
        if verb.startswith(prefix):
            return kind
    content = _ANYONE.sub("", content)
    bare = content.removeprefix("that ").removeprefix("about ")
    if _EMPTY.search(content):
        return "confession" if frame.rule.endswith(("instead", "tried")) and _SO.search(content) else None
    asked = verb.startswith("ask")
    if asked and _ABOUT.search(content):
        return "question"
    if verb.startswith(("tell", "told")) and frame.rule.endswith(_MEANT):
        plain = (kind for kind, worded in _contents() if kind in _PLAIN and worded.search(_near(bare)))
        return next(plain, "confession")
    near = _near(bare)
    for kind, expression in _contents():
        if expression.search(bare if kind == "request" else near) and (kind != "question" or asked):
            return kind
    if asked:
        return "request" if content.startswith(("to ", "not to ", "for ")) else None
    if verb in {"said", "say", "saying"} and frame.rule not in {"untold: never", "untold: not"}:
        return None  # "I should have said that it was blue" withholds nothing
    if content.startswith(("that ", "about ")) and not _BARE.search(bare):
        return "secret"
    told = verb.startswith(("tell", "told"))
    told = told or frame.rule == "untold: never"
    return "secret" if told and content.startswith(("who ", "what ", "why ", "how ")) else None


def _near(content: str) -> str:
    return " ".join(content.split()[:_NEAR_WORDS])


def _of(text: str, otherwise: EntryKind) -> EntryKind:
    """The kind of what was begun and not finished, from the words around."""
    return next((kind for kind, expression in _contents() if expression.search(text)), otherwise)


def _clause_end(ground: Ground, start: int, last: int) -> int:
    lower = ground.tokens.lower
    last = min(last, start + _LONGEST_CLAUSE)
    for at in range(start, last):
        if lower[at] in _STOPS:
            return at
    return last


_PERFORMATIVES: dict[str, tuple[EntryKind, float]] = {
    "promised": ("promise", 0.75),
    "swore": ("promise", 0.65),
    "sworn": ("promise", 0.65),
    "vowed": ("promise", 0.7),
    "pledged": ("promise", 0.65),
    "apologised": ("apology", 0.75),
    "apologized": ("apology", 0.75),
    "thanked": ("thanks", 0.7),
    "confessed": ("confession", 0.65),
    "begged": ("request", 0.6),
    "implored": ("request", 0.6),
    "asked": ("request", 0.55),
    "accused": ("accusation", 0.65),
}
_SAYING = frozenset(
    "made offered muttered stammered murmured mumbled sent said told bade bid wished waved kissed took asked begged "
    "gave given admitted owned acknowledged confessed".split()
)
"""Verbs that are an act only with what stands behind them."""
_REPORTING = _SAYING | _PERFORMATIVES.keys()
_PRESENT = {
    inflect(lemma)[0]: past_of(lemma)
    for lemma in (
        "promise swear vow pledge apologise apologize thank confess beg implore ask accuse make offer mutter stammer "
        "murmur mumble send say tell bid wish wave kiss take give admit own acknowledge"
    ).split()
}
"""Their forms in stories that are told in the present tense."""
_SAID_CONFIDENCE = 0.6
_SAID = frozenset({"said", "told"})
_WOULD = frozenset({"would", "will"})
_SWEARS_TO = re.compile(
    r"^(?:\S+ ){0,4}?(?:not to|to|that|never|by|as)\b|^, (?:\S+ ){0,20}?that\b"
    r"|^(?:\S+ ){0,24}?that \S+ (?:would|should|will)\b"
)
_ASKED_TO = re.compile(r"^(?:\S+ ){1,4}?(?:not to|to|for) \w+")
_HELD_BACK = frozenset(
    "never not didn't hadn't couldn't would could should if nearly almost might n't wouldn't to".split()
)
_SELVES = frozenset("myself himself herself themselves ourselves".split())
_WH = re.compile(r"^(?:\S+ ){0,9}?(?:if|whether|what|where|when|why|how|who|which)\b")


def reported(ground: Ground) -> Iterator[Report]:
    """Acts that narration reports by their verb: "he promised her to come", "she apologised to the cook"."""
    lower, inside = ground.tokens.lower, ground.inside
    now = any(scene.tense == "present" for scene in ground.scenes)
    for token, sentence in ground.of_words(_REPORTING | _PRESENT.keys() if now else _REPORTING):
        word = lower[token]
        if word in _PRESENT:
            scene = ground.scene_at(ground.tokens.starts[token])
            if scene is None or scene.tense != "present":
                continue
            word = _PRESENT[word]
        held_back = not _HELD_BACK.isdisjoint(lower[max(sentence.first, token - 3) : token])
        if held_back or (inside[token] and word != "asked"):
            continue
        report = _said(ground, token, sentence.first, sentence.last, word) if word in _SAYING else None
        if report is None and word in _PERFORMATIVES:
            report = _performed(ground, token, sentence.first, sentence.last, word)
        if report is not None:
            yield report


def _said(ground: Ground, verb: int, first: int, last: int, word: str) -> Report | None:
    """An act that is told of by what was said or done, not by a verb of its own: "he told her that he loved her".

    :param word: the verb in the past tense.
    """
    stop = min(_clause_end(ground, verb + 1, last), verb + 1 + _CONTENT_WORDS)
    content = f"{word} {ground.words(verb + 1, stop)}"
    kind = next((kind for kind, worded in _told_acts() if worded.match(content)), None)
    who = ground.doer_of(verb, first) if kind is not None else None
    if kind == "promise" and word in _SAID and not _of_oneself(ground, verb, stop, who):
        return None
    if kind is None or who is None or (stop < last and ground.tokens.lower[stop] in {'"', "“"}):
        return None
    to, _ = _addressee(ground, verb + 1, last)
    to = to or next((found for at in range(verb + 2, stop) if (found := _behind_to(ground, at)) is not None), None)
    return Report(kind, max(first, verb - 1), stop, who, to, "aloud", _SAID_CONFIDENCE, f"told: {word}")


def _of_oneself(ground: Ground, verb: int, stop: int, who: str | None) -> bool:
    """Whether "said he would" is said by the very one who would."""
    lower = ground.tokens.lower
    would = next((at for at in range(verb + 1, stop) if lower[at] in _WOULD or lower[at].endswith(("'d", "'ll"))), verb)
    at = would if lower[would].endswith(("'d", "'ll")) else would - 1
    return who is not None and at > verb and ground.who_starts(at) == who


def _behind_to(ground: Ground, at: int) -> str | None:
    return ground.who_starts(at) if ground.tokens.lower[at - 1] in {"to", "of"} else None


def _performed(ground: Ground, verb: int, first: int, last: int, word: str) -> Report | None:
    kind, confidence = _PERFORMATIVES[word]
    who = ground.doer_of(verb, first)
    to, behind = _addressee(ground, verb + 1, last)
    stop = _clause_end(ground, verb + 1, last)
    content = ground.words(verb + 1, min(stop, verb + 1 + _CONTENT_WORDS))
    if ground.inside[verb] and (
        ground.tokens.lower[verb - 1] == "you" or not _ASKED_TO.search("x " + ground.words(behind, stop))
    ):
        return None
    oneself = behind + (ground.tokens.lower[behind : behind + 1] == ("to",))
    if kind == "promise" and set(ground.tokens.lower[oneself : oneself + 1]) & _SELVES:
        return Report(
            "promise", max(first, verb - 1), stop, who, who, "thought", confidence, "told: promised to oneself"
        )
    if (
        who is None
        or (stop < last and ground.tokens.lower[stop] in {'"', "“"})
        or (stop - verb < 2 and kind != "apology")
    ):
        return None
    if kind == "promise" and (not _SWEARS_TO.search(content) if to is None else stop - behind < 2):
        return None
    if word == "asked":
        rest = ground.words(behind, stop)
        if _WH.search(rest) and to is not None:
            kind = "question"
        elif not (to is not None and _ASKED_TO.search("x " + rest)):
            return None
    if kind in {"thanks", "accusation"} and to is None:
        return None
    return Report(kind, max(first, verb - 1), stop, who, to, "aloud", confidence, f"told: {word}")
