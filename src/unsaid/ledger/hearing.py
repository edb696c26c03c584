"""Whether a line is heard by the one it is meant for: not by a sleeper, the dead, a closed door or an empty night."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from unsaid.ledger.lexicon import small, worded
from unsaid.prose import covers

if TYPE_CHECKING:
    from unsaid.ledger.ground import Ground
    from unsaid.story import Utterance

_NEAR = 220
"""Code points of narration on either side of a line that may say that nobody hears it."""
_REPLY_WITHIN = 900
_SLEEPS = 3000
"""Code points for which somebody sleeps on without being told to."""
_UNHEARD = worded("hearing", "unheard")
_ASLEEP = frozenset("asleep unconscious sleeping slept dead comatose".split())
_AWAKE = frozenset("woke awoke awake wakes stirred awakened wakened".split())
_COPULAS = 6
"""How many of these may stand in a row: "had been lying fast asleep"."""
_COPULA = frozenset("was were is are lay lies fell falls been still fast sound already be being".split())


class Hearing:
    """Who cannot hear when: sleepers and the dead, from where the story says so to where they wake or speak."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground

    @cached_property
    def _spoken(self) -> dict[str, list[int]]:
        spoken: dict[str, list[int]] = {}
        for line in self.ground.lines:
            if line.kind == "speech" and line.speaker is not None:
                spoken.setdefault(line.speaker, []).append(line.start)
        return spoken

    @cached_property
    def _deaf(self) -> dict[str, list[tuple[int, int]]]:
        """Spans in which each character sleeps or is dead, as narration says."""
        ground, lower = self.ground, self.ground.tokens.lower
        spans: dict[str, list[tuple[int, int]]] = {}
        for token, sentence in ground.of_words(_ASLEEP | _AWAKE):
            word = lower[token]
            if ground.inside[token]:
                continue
            at = token
            while at > max(sentence.first, token - _COPULAS) and lower[at - 1] in _COPULA:
                at -= 1
            copular = at < token or word in {"slept", "woke", "awoke", "wakes", "stirred"}
            who = ground.subject_before(at, sentence.first) if copular else None
            if who is not None:
                self._note(spans, who, ground.tokens.starts[token], asleep=word in _ASLEEP)
        return spans

    def _note(self, spans: dict[str, list[tuple[int, int]]], who: str, offset: int, *, asleep: bool) -> None:
        held = spans.setdefault(who, [])
        if held and held[-1][1] > offset:
            if not asleep:
                held[-1] = (held[-1][0], offset)
            return
        if not asleep:
            return
        scene = self.ground.scene_at(offset)
        end = min(scene.end if scene is not None else len(self.ground.text), offset + _SLEEPS)
        spoken = self._spoken.get(who, [])
        following = bisect_right(spoken, offset)
        held.append((offset, min(end, spoken[following] if following < len(spoken) else end)))

    def cannot_hear(self, who: str, offset: int) -> bool:
        """Is a character asleep or dead at an offset?"""
        return covers(self._deaf.get(who, []), offset)

    def heard(self, line: Utterance, following: Utterance | None) -> bool | None:
        """Is a direct line heard by whom it is meant for? None where the story does not show.

        :param following: the next direct line of speech.
        """
        if line.kind == "thought":
            return False
        if line.kind == "writing":
            return None
        if line.addressees and all(self.cannot_hear(who, line.start) for who in line.addressees):
            return False
        if line.addressees and following is not None and self._replied(line, following):
            return True
        if _UNHEARD.search(small(self._around(line))):
            return False
        scene = self.ground.scene_at(line.start)
        present = scene is not None and any(who in scene.present for who in line.addressees)
        return True if present else None

    def _replied(self, line: Utterance, following: Utterance) -> bool:
        return following.speaker in line.addressees and following.start - line.end < _REPLY_WITHIN

    def _around(self, line: Utterance) -> str:
        """The narration of the line's own paragraph, and the sentences right before and behind it."""
        prose, text = self.ground.prose, self.ground.text
        paragraph = prose.paragraphs[max(0, prose.paragraph_at(line.start))]
        pieces = [text[max(paragraph.start, line.start - _NEAR) : line.start]]
        pieces += [text[a:b] for (_, a), (b, _) in zip(line.parts, line.parts[1:], strict=False)]
        behind = text[line.end : min(max(paragraph.end, line.end), line.end + _NEAR)]
        mark = re.search(r"[\"“]", behind)
        return " | ".join([*pieces, behind[: mark.start()] if mark else behind])
