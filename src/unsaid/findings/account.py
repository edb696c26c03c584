"""Findings about what passes between people: rules ``L1..``, what stays open, and ``K1..``, who knows what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid.findings.places import gone_speak
from unsaid.findings.rules import finding
from unsaid.people import lexicon
from unsaid.prose import concordance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unsaid.ledger import Account
    from unsaid.people import Cast
    from unsaid.prose import Prose
    from unsaid.story import Entry, Finding, Utterance
    from unsaid.voices.layer import Voices

RARE = 4
"""A word that the story uses no more often than this says what a passage is about."""
SHARED, SHARE = 3, 0.4
"""So many rare words, and this share of them, make two passages be about one thing."""
_UNTOLD = frozenset({"secret", "confession"})


def left_open(prose: Prose, cast: Cast, voices: Voices, account: Account) -> tuple[Finding, ...]:
    """Every finding on the ledger, in the order of the text."""
    names = {c.id: c.name for c in cast.characters}
    found = [*_entries(names, account), *_letters(names, voices), *_knowledge(prose, names, voices, account)]
    found += gone_speak(prose, cast, voices, account)
    return tuple(sorted(found, key=lambda f: f.spans[0].start))


def _entries(names: dict[str, str], account: Account) -> Iterator[Finding]:
    """L101 and L102: a promise that is neither kept nor broken, a question that is neither answered nor refused."""
    for entry in account.entries:
        if entry.status != "open" or entry.voice not in {"aloud", "written"}:
            continue
        who = names.get(entry.from_ or "", "somebody")
        whom = f" to {names[entry.to]}" if entry.to in names else ""
        if entry.kind == "promise":
            told = "the story tells neither that it is kept nor that it is broken"
            yield finding("L101", f"what {who} promises{whom} stays open", [(entry.start, entry.end)], told)
        elif entry.kind == "question" and entry.heard is not False:
            told = entry.reason or "nobody answers, and nobody declines to"
            yield finding("L102", f"what {who} asks stays unanswered", [(entry.start, entry.end)], told)


def _letters(names: dict[str, str], voices: Voices) -> Iterator[Finding]:
    """L103: a letter that arrives, or is sent, and that nobody answers, or of which the story says so."""
    for letter in voices.writings:
        between = letter.sender in names and letter.recipient in names
        left = letter.answered is False or (letter.answered is None and between and letter.kind == "letter")
        if left and letter.status in {"sent", "received"}:
            who = names.get(letter.sender or "", "somebody")
            why = "the story says so" if letter.answered is False else "no letter goes back, and nothing is told of one"
            yield finding("L103", f"this {letter.kind} from {who} is never answered", [(letter.start, letter.end)], why)


def _knowledge(prose: Prose, names: dict[str, str], voices: Voices, account: Account) -> Iterator[Finding]:
    """K101: somebody speaks of a secret that was kept in, or told to others, in its own rare words."""
    secrets = [e for e in account.entries if e.kind in _UNTOLD and e.known]
    if not secrets:
        return
    counts = {word: len(places) for word, places in concordance(prose.tokens).lower.items()}
    lines = [u for u in voices.utterances if u.kind == "speech" and u.mode == "direct" and u.speaker in names]
    starts = [u.start for u in lines]
    said: dict[str, list[int]] = {}
    for at, line in enumerate(lines):
        for word in _rare(prose, line.start, line.end, counts):
            said.setdefault(word, []).append(at)
    for secret in secrets:
        about = _rare(prose, secret.start, secret.end, counts)
        if len(about) < SHARED:
            continue
        spoken = {at for word in about for at in said.get(word, ())}
        behind = [lines[at] for at in sorted(spoken) if starts[at] > secret.end]
        told = next((u for u in behind if _tells(prose, u, secret, about, counts)), None)
        if told is not None and told.speaker is not None:
            knowers = ", ".join(names[k.who] for k in secret.known if k.who in names)
            yield finding(
                "K101",
                f"{names[told.speaker]} speaks of what nobody but {knowers} knows",
                [(told.start, told.end), (secret.start, secret.end)],
                f"{names[told.speaker]} was not there when it was said, and nobody is seen to pass it on"
                if secret.voice in {"aloud", "written"}
                else f"it was never said, and nothing tells how {names[told.speaker]} comes to know of it",
            )


def _tells(prose: Prose, line: Utterance, secret: Entry, about: frozenset[str], counts: dict[str, int]) -> bool:
    if line.speaker in {k.who for k in secret.known}:
        return False
    shared = about & _rare(prose, line.start, line.end, counts)
    return len(shared) >= max(SHARED, SHARE * len(about))


def _rare(prose: Prose, start: int, end: int, counts: dict[str, int]) -> frozenset[str]:
    """The rare words of a passage."""
    tokens = prose.tokens
    words: Sequence[str] = [tokens.lower[i] for i in tokens.within(start, end)]
    return frozenset(w for w in words if len(w) > 3 and counts[w] <= RARE and w not in lexicon.titles())
