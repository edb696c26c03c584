"""How the story itself writes its words: in lower case, capitalised inside a sentence, or only where one begins."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from unsaid.lexica import finite_forms, inflect, word_list
from unsaid.people import lexicon
from unsaid.prose import labels, often_labelled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unsaid.prose import Label, Prose

# After these a capital says nothing: a sentence, a speech or an aside may begin here.
_OPENING = frozenset("\"'“”‘’«»„‹›([_*") | {
    ".",
    "!",
    "?",
    ":",
    "…",
    "...",
    "....",
    "--",
    "---",
    "—",
    "–",
    "-",
    "!!",
    "??",
}
# A word that is written so in one of three places is a name where it stands capitalised inside a sentence.
_OFTEN_NAME = 0.3
_MOSTLY_NAME = 0.6
SAYING = frozenset("said says cried asked replied answered whispered shouted".split())
"""Verbs of speech whose subject is somebody whatever else the word is."""
_QUOTES = frozenset("\"'“‘«„—–-")
_TO_ONE = frozenset(
    "i i'm i've i'd i'll you you're you've you'd you'll are aren't do don't did didn't can can't could will would "
    "won't have haven't what what's who who's where where's when why how how's come go tell look listen wait stop let "
    "let's get give take please is it's that's there's we we're this".split()
)
"""What follows on somebody's name right where it is called."""
_TO_READER = frozenset("i i'm i've i'd i'll you you're you've please sorry".split())
_CONTRACTIONS = ("n't", "'ll", "'d", "'ve", "'re", "'m")


class Usage(msgspec.Struct, frozen=True):
    """How often each word (in lower case) is written how, and which tokens begin something.

    :ivar low: counts of the word in lower case.
    :ivar inside: counts of the word capitalised where no sentence begins.
    :ivar first: counts of the word capitalised where one begins.
    :ivar initial: per token, 1 where a sentence, a speech or an aside begins.
    :ivar told: words that the file's header gives as names of characters.
    :ivar speaking: words for places and things that here speak, and so are somebody's name ("said Turkey").
    :ivar cued: words that are the subject of a cue of direct speech at least once ("said Dell").
    :ivar labels: where lines of a chat begin, again and again, with what is no word ("juli: is he hot"): the end of
        each such name, exclusive, and how it is written, by its first token.
    """

    low: Counter[str]
    inside: Counter[str]
    first: Counter[str]
    initial: bytes
    told: frozenset[str]
    speaking: frozenset[str] = frozenset()
    cued: frozenset[str] = frozenset()
    labels: dict[int, tuple[int, str]] = {}

    def share(self, word: str) -> float:
        """How much of the word's use where capitals mean something is capitalised, from 0 to 1."""
        inside, low = self.inside[word], self.low[word]
        return inside / (inside + low) if inside else 0.0


_NEAR_BEGIN = 12  # tokens: "[2:15] no.juli.no:"


def survey(prose: Prose, told: frozenset[str] = frozenset()) -> Usage:
    """Count how the story writes its words."""
    words, lower = prose.tokens.words, prose.tokens.lower
    initial = bytearray(len(words))
    for sentence in prose.sentences:
        if sentence.first < len(initial):
            initial[sentence.first] = 1
    low: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    first: Counter[str] = Counter()
    titles, honorifics = lexicon.titles(), lexicon.honorifics()
    previous, before = ".", ""
    labelled = labels(prose)
    begun = _tokens_of(prose, labelled)
    heads = {token for first, (last, _) in begun.items() for token in range(first, last)}
    for i, word in enumerate(words):
        char = word[0]
        if char.islower():
            low[word] += i not in heads  # "nadia: are you up" is no word
        elif char.isupper():
            if previous in _OPENING and not (previous == "." and (before in titles or len(before) == 1)):
                initial[i] = 1
            if len(word) == 1 or not word.isupper():
                (first if initial[i] else inside)[lower[i]] += 1
                base, _, suffix = lower[i].rpartition("-")
                if suffix in honorifics:
                    inside[base] += 1  # "Shun-senpai" is called Shun, wherever in a sentence
        before, previous = previous.lower() if previous.isalpha() else before, word
    said = _said(prose)
    # A word that names no person as a rule has to be the subject of more than one cue, "June" of a single one.
    known = lexicon.first_names()
    speaking = frozenset(word for word, n in said.items() if word in lexicon.not_persons() and (n > 1 or word in known))
    often = often_labelled(labelled.values())
    typed = {first: (last, head) for first, (last, head) in begun.items() if head in often and not _is_word(head)}
    told |= {head.lower() for _, head in typed.values()}
    return Usage(low, inside, first, bytes(initial), told, speaking, frozenset(said), typed)


def _tokens_of(prose: Prose, begun: Mapping[int, Label]) -> dict[int, tuple[int, str]]:
    """Where the labels stand by which lines begin as those of a chat do, each as in :attr:`Usage.labels`."""
    tokens, found = prose.tokens, dict[int, tuple[int, str]]()
    for index, label in begun.items():
        paragraph = prose.paragraphs[index]
        start = prose.text.find(label.head, paragraph.start, paragraph.end)
        end = start + len(label.head)
        near = range(paragraph.first, min(paragraph.last, paragraph.first + _NEAR_BEGIN))
        within = [t for t in near if start <= tokens.starts[t] and tokens.ends[t] <= end]
        if within and " " not in label.head and any(map(str.isalpha, label.head)):
            found[within[0]] = within[-1] + 1, label.head
    return found


def _is_word(head: str) -> bool:
    return head.lower() in lexicon.common_words() or head.lower() in lexicon.not_persons()


def _said(prose: Prose) -> Counter[str]:
    """How often each capitalised word is the subject of a cue of direct speech: "said Dell", "Dell said"."""
    lower, words, quoted = prose.tokens.lower, prose.tokens.words, prose.tokens.quoted
    said: Counter[str] = Counter()
    for i in range(1, len(lower) - 1):
        if lower[i] not in SAYING or quoted[i]:
            continue
        if quoted[i - 1] and words[i + 1][0].isupper() and not quoted[i + 1]:
            said[lower[i + 1]] += 1
        elif i > 1 and quoted[i - 2] and words[i - 1][0].isupper() and not quoted[i - 1]:
            said[lower[i - 1]] += 1
    return said


def name_like(usage: Usage, lower: tuple[str, ...], i: int) -> bool:
    """Whether token ``i``, which is capitalised, is written like a name here."""
    word = lower[i]
    if word in usage.told:
        return True
    if word.endswith(_CONTRACTIONS) or (len(word) == 1 and word in "io"):
        return False
    first_name = word in lexicon.first_names()
    share = usage.share(word)
    if not usage.initial[i]:
        return share >= _OFTEN_NAME or first_name
    if word in lexicon.common_words():
        return usage.inside[word] >= (1 if word in usage.cued else 2) and share >= _MOSTLY_NAME + 0.1
    if usage.inside[word]:
        return share >= _MOSTLY_NAME
    seldom = first_name or usage.first[word] >= 2 or _acts(lower, i) or _is_called(lower, i)
    return usage.low[word] == 0 and seldom


def opens_note(prose: Prose, first: int, after: int) -> bool:
    """Whether the tokens ``first`` to ``after`` open a paragraph written to somebody: "Kate, I don't know how"."""
    lower, paragraph = prose.tokens.lower, prose.paragraph_at(prose.tokens.starts[first])
    if paragraph < 0 or prose.paragraphs[paragraph].first != first or prose.tokens.quoted[first]:
        return False
    return lower[after : after + 1] == (",",) and _TO_READER.issuperset(lower[after + 1 : after + 2] or ("",))


def _acts(lower: tuple[str, ...], i: int) -> bool:
    after = lower[i + 1] if i + 1 < len(lower) else ""
    return after == "'s" or after in lexicon.person_verbs() or after in _doing() or has_done(lower, i + 1)


def has_done(lower: tuple[str, ...], at: int) -> bool:
    """Whether an auxiliary and a verb of speech or a gesture stand at a token: "had shouted", "was saying"."""
    return at + 1 < len(lower) and lower[at] in _AUXILIARIES and lower[at + 1] in _done()


_AUXILIARIES = frozenset("had has was is".split())


@cache
def _done() -> frozenset[str]:
    """What stands behind an auxiliary where somebody speaks or makes a gesture: "shouted", "said", "coughing"."""
    verbs = word_list("gesture_verbs") | word_list("speech_verbs")
    return frozenset(form for verb in verbs for form in inflect(verb)[2:])


def _is_called(lower: tuple[str, ...], i: int) -> bool:
    """Whether a word opens what is said and is followed by what one says to somebody: "Zed, are you there?"."""
    before = lower[i - 1] if i else ""
    return before in _QUOTES and lower[i + 1 : i + 2] == (",",) and _TO_ONE.issuperset(lower[i + 2 : i + 3] or ("",))


@cache
def _doing() -> frozenset[str]:
    """Gestures and ways to speak in the past or present: "coughed", "announces"."""
    forms = finite_forms("gesture_verbs") | finite_forms("speech_verbs")
    return frozenset(form for form in forms if form.endswith(("ed", "s")))
