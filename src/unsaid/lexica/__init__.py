"""Word lists as data: plain text files, one entry a line, ``#`` starts a comment that gives origin and licence."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

_IRREGULAR = {
    "begin": ("begins", "began", "begun", "beginning"),
    "bid": ("bids", "bade", "bid", "bidding"),
    "bite": ("bites", "bit", "bitten", "biting"),
    "break": ("breaks", "broke", "broken", "breaking"),
    "burst": ("bursts", "burst", "burst", "bursting"),
    "come": ("comes", "came", "come", "coming"),
    "cut across": ("cuts across", "cut across", "cut across", "cutting across"),
    "cut in": ("cuts in", "cut in", "cut in", "cutting in"),
    "feel": ("feels", "felt", "felt", "feeling"),
    "forget": ("forgets", "forgot", "forgotten", "forgetting"),
    "go on": ("goes on", "went on", "gone on", "going on"),
    "grind": ("grinds", "ground", "ground", "grinding"),
    "hold forth": ("holds forth", "held forth", "held forth", "holding forth"),
    "know": ("knows", "knew", "known", "knowing"),
    "lie": ("lies", "lied", "lied", "lying"),
    "put in": ("puts in", "put in", "put in", "putting in"),
    "quoth": ("quoth", "quoth", "quoth", "quoth"),
    "read": ("reads", "read", "read", "reading"),
    "say": ("says", "said", "said", "saying"),
    "shriek": ("shrieks", "shrieked", "shrieked", "shrieking"),
    "sing": ("sings", "sang", "sung", "singing"),
    "speak": ("speaks", "spoke", "spoken", "speaking"),
    "spit": ("spits", "spat", "spat", "spitting"),
    "strike in": ("strikes in", "struck in", "struck in", "striking in"),
    "swear": ("swears", "swore", "sworn", "swearing"),
    "tell": ("tells", "told", "told", "telling"),
    "think": ("thinks", "thought", "thought", "thinking"),
    "throw in": ("throws in", "threw in", "thrown in", "throwing in"),
    "weep": ("weeps", "wept", "wept", "weeping"),
    "write": ("writes", "wrote", "written", "writing"),
}


@cache
def word_list(name: str) -> frozenset[str]:
    """The entries of ``lexica/NAME.txt``, as they stand there."""
    text = (files(__package__) / f"{name}.txt").read_text(encoding="utf-8")
    lines = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return frozenset(line for line in lines if line)


def inflect(lemma: str) -> tuple[str, str, str, str]:
    """The forms of a verb: third person singular, past, past participle, present participle.

    Regular English spelling, with the irregular verbs of the word lists; of a phrasal verb the first word changes.

    >>> inflect("cry"), inflect("stammer")[1], inflect("go on")[1]
    (('cries', 'cried', 'cried', 'crying'), 'stammered', 'went on')
    """
    if lemma in _IRREGULAR:
        return _IRREGULAR[lemma]
    head, _, particle = lemma.partition(" ")
    if particle:
        third, past, participle, present = (f"{form} {particle}" for form in inflect(head))
        return third, past, participle, present
    if head.endswith("e"):
        return head + "s", head + "d", head + "d", head[:-1] + "ing"
    if head.endswith("y") and head[-2] not in "aeiou":
        return head[:-1] + "ies", head[:-1] + "ied", head[:-1] + "ied", head + "ing"
    stem = head + head[-1] if head in word_list("doubling_verbs") else head
    third = head + ("es" if head.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")
    return third, stem + "ed", stem + "ed", stem + "ing"


@cache
def finite_forms(name: str) -> frozenset[str]:
    """Third person and past forms, and the lemma itself, of every verb in ``lexica/NAME.txt``."""
    return frozenset(form for lemma in word_list(name) for form in (lemma, *inflect(lemma)[:2]))
