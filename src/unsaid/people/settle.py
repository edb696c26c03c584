"""The cast once it is known who speaks: "I" and "you" find their people."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from unsaid.people.layer import Cast
from unsaid.people.pronouns import PRONOUNS
from unsaid.story import Mention

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.narration.layer import Telling
    from unsaid.prose import Prose
    from unsaid.story import Utterance
    from unsaid.voices.layer import Voices


def settle(prose: Prose, cast: Cast, telling: Telling, voices: Voices) -> Cast:
    """Give "I" its speaker or narrator and "you" its addressee, and count the cast again."""
    spoken = sorted(
        ((start, end, u) for u in voices.utterances if u.mode in ("direct", "free-direct") for start, end in u.parts),
        key=lambda part: (part[0], part[1]),
    )
    starts = [part[0] for part in spoken]
    stretches = [s.start for s in telling.stretches]
    mentions = []
    for mention in cast.mentions:
        if mention.kind == "pronoun" and mention.character is None:
            word = prose.text[mention.start : mention.end].lower()
            kind = PRONOUNS.get(word)
            if kind is not None and kind.of in ("I", "you"):
                i = bisect_right(stretches, mention.start) - 1
                narrator = telling.stretches[i].narrator if i >= 0 else None
                who = _who(kind.of, _utterance(spoken, starts, mention.start), narrator)
                if who is not None:
                    mention = Mention(mention.start, mention.end, "pronoun", who)  # noqa: PLW2901
        mentions.append(mention)
    counts = Counter(m.character for m in mentions if m.character is not None)
    people = [msgspec.structs.replace(c, mentions=counts[c.id]) for c in cast.characters]
    people.sort(key=lambda c: -c.mentions)
    return Cast(tuple(people), tuple(mentions))


def _utterance(spoken: Sequence[tuple[int, int, Utterance]], starts: Sequence[int], at: int) -> Utterance | None:
    i = bisect_right(starts, at) - 1
    return spoken[i][2] if i >= 0 and at < spoken[i][1] else None


def _who(of: str, utterance: Utterance | None, narrator: str | None) -> str | None:
    if utterance is None:
        return narrator if of == "I" else None
    if of == "I":
        return utterance.speaker
    return utterance.addressees[0] if len(utterance.addressees) == 1 else None
