"""How much of each scene, and of the whole story, someone is in: by how often they are named there."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unsaid.people import lexicon
    from unsaid.people.characters import Naming
    from unsaid.people.names import Name
    from unsaid.prose import Prose

# The chief man or woman of a scene is named so many times as often as any other.
_CHIEF = 1.5


class Fame:
    """Shares of names by scene. Scenes are parted by breaks and chapters, as the walk counts them."""

    def __init__(self, prose: Prose, names: Sequence[Name], naming: Naming) -> None:
        scenes = scene_starts(prose)
        self.people = naming.people
        self.total: Counter[int] = Counter(naming.of)
        self.by_scene: defaultdict[int, Counter[int]] = defaultdict(Counter)
        for name, who in zip(names, naming.of, strict=True):
            self.by_scene[bisect_right(scenes, name.first)][who] += 1
        self.most = max(self.total.values(), default=1)
        self.most_in = {scene: max(counts.values()) for scene, counts in self.by_scene.items()}
        self.chiefs: dict[tuple[int, lexicon.Gender], int] = {}

    def of(self, who: int, scene: int) -> tuple[float, float]:
        """Someone's share of the scene's and of the story's names, each beside whoever is named most there."""
        most = self.most_in.get(scene)
        return (self.by_scene[scene][who] / most if most else 0.0), self.total[who] / self.most

    def chief(self, scene: int, gender: lexicon.Gender) -> int:
        """The man or woman whom a scene is mostly about, where there is one; else -1."""
        key = (scene, gender)
        if key not in self.chiefs:
            counts = self.by_scene.get(scene) or self.total
            fitting = {
                who: n for who, n in counts.items() if self.people[who].gender == gender and not self.people[who].group
            }
            best = max(fitting, key=lambda w: (fitting[w], -w), default=-1)
            others = max((n for who, n in fitting.items() if who != best), default=0)
            self.chiefs[key] = best if best >= 0 and fitting[best] >= _CHIEF * others else -1
        return self.chiefs[key]


def scene_starts(prose: Prose) -> list[int]:
    """The first token of each scene but the first."""
    return [
        here.first
        for before, here in zip(prose.paragraphs, prose.paragraphs[1:], strict=False)
        if here.after_break or here.chapter != before.chapter
    ]
