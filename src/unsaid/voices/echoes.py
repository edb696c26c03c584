"""Whether a thought answers a line or goes on with it: questions and their answers, orders and what is done of them.

Only the words are looked at: "Look at me." and "I'm looking." share a verb and change who does it, so they are two
persons'; "I have a cold." and "I haven't got a cold." share it and do not, so one person takes back what they said.
"""

from __future__ import annotations

import re

from unsaid.lexica import finite_forms
from unsaid.narration.lexicon import FIRST, SECOND, word_list

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*")
_STEM = 4
"""Words that share so many first letters are taken for forms of one word ("look", "looking")."""
_COMMON = frozenset(
    "that this with have haven't what when where there their about would could should don't didn't will won't just "
    "then than them they your yours mine some from were been going know into only ever never thing things".split()
)
_REPLY = re.compile(
    r"\W*(?:yes|no|never|of course|always|"
    r"i (?:do|don['’]t|did|didn['’]t|am|was|can['’]t|won['’]t|haven['’]t|hadn['’]t))\b[^?]*$",
    re.IGNORECASE,
)
_SORRY = re.compile(r"\b(?:sorry|forgive me|apologi[sz]e|my fault)\b", re.IGNORECASE)
_PARDON = re.compile(
    r"\b(?:i (?:know and i )?forgive you|i forgave you|it['’]s all right|don['’]t be sorry)\b", re.IGNORECASE
)
_INSULT = re.compile(
    r"\W*(?:you (?:\w+ ){0,3}?)?(?:idiot|fool|liar|coward|moron|clot|ass|donkey|bastard|monster|traitor)\b",
    re.IGNORECASE,
)
_EXCHANGED = {"me": "you", "my": "your", "mine": "yours", "i": "you", "i'm": "you're", "you": "me", "your": "my"}
_IN_FRONT = {**_EXCHANGED, "you": "i", "you're": "i'm", "you'd": "i'd", "you'll": "i'll", "you've": "i've"}
_WHOLE_LINE = 8
_NO_ORDER = frozenset("love hope wish want guess bet think thank god need like be".split())
"""Base forms that open a sentence without an order in it ("Hope he's well", "Love is …")."""


def is_order(text: str) -> bool:
    """Whether a sentence of ``text`` opens with a bare verb, or with "please": something told to somebody."""
    base = word_list("base")
    for sentence in _SENTENCE.findall(text):
        words = [word.lower() for word in _WORD.findall(sentence)]
        if words[:1] == ["please"] and len(words) > 1:
            return True
        if words and words[0] in base and words[0] not in _NO_ORDER and words[0] not in FIRST:
            return True
    return False


def answers(thought: str, line: str) -> bool:
    """Whether a thought is the hearer's reply to what was said, or thought, right before it."""
    if _SORRY.search(line) is not None and _PARDON.search(thought) is not None:
        return True
    last, first = _last_sentence(line), _first_sentence(thought)
    asked = last.rstrip("\"”'’_* ").endswith("?")
    if asked and _INSULT.match(thought) is not None:
        return True
    if asked and _says(last, SECOND) and _REPLY.match(first) is not None and not _says(first, SECOND):
        return True
    return _turned_round(first, last) or _given_back(first, last)


def _given_back(thought: str, line: str) -> bool:
    """Whether a thought holds the line with "I" and "you" exchanged ("It's me." — "I know it's you.")."""
    words = [word.lower().replace("’", "'") for word in _WORD.findall(line)]
    # "You" is turned into "I" where it acts, in front, and into "me" behind the verb.
    turned = [_EXCHANGED.get(word, word) if at else _IN_FRONT.get(word, word) for at, word in enumerate(words)]
    if turned == words or not 1 < len(words) <= _WHOLE_LINE:
        return False
    held = " ".join(word.lower().replace("’", "'") for word in _WORD.findall(thought))
    return f" {' '.join(turned)} " in f" {held} "


def _turned_round(thought: str, line: str) -> bool:
    """Whether one word is in both and "you" (or nobody, in an order) do it in the one, "I" in the other."""
    if not _shared(thought, line):
        return False
    mine, yours = _says(thought, FIRST), _says(thought, SECOND)
    told, telling = _says(line, SECOND) or is_order(line), _says(line, FIRST)
    if mine and not yours:
        return told and not line.rstrip("\"”'’_* ").endswith("?")
    return yours and not mine and telling and not _says(line, SECOND)


def _shared(one: str, other: str) -> bool:
    return bool(_stems(one) & _stems(other))


def _stems(text: str) -> frozenset[str]:
    words = (word.lower() for word in _WORD.findall(text))
    cues = finite_forms("speech_verbs")
    return frozenset(word[:_STEM] for word in words if len(word) >= _STEM and word not in _COMMON and word not in cues)


def _says(text: str, words: frozenset[str]) -> bool:
    return any(word.lower().replace("’", "'") in words for word in _WORD.findall(text))


def _last_sentence(text: str) -> str:
    found = [sentence for sentence in _SENTENCE.findall(text) if _WORD.search(sentence)]
    return found[-1].strip() if found else text


def _first_sentence(text: str) -> str:
    found = [sentence for sentence in _SENTENCE.findall(text) if _WORD.search(sentence)]
    return found[0].strip() if found else text
