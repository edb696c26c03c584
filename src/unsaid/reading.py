"""The corridor: a file in, a :class:`~unsaid.story.Story` out, through each room once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unsaid import findings, narration, people, prose, sources, voices
from unsaid.story import Story

if TYPE_CHECKING:
    from os import PathLike

    from unsaid.sources import Limits, Manuscript


def read(source: str | PathLike[str] | bytes, *, limits: Limits | None = None) -> Story:
    """Read a story.

    :param source: a path; or the text itself: a string that holds a line break or names no file, or a file's bytes.
    :param limits: bounds on the size of the file and of what is unpacked from it.
    :raises SourceError: if there is no such file, or it cannot be read as text; says why in one line.
    """
    return read_manuscript(sources.load(source, limits=limits))


def read_manuscript(manuscript: Manuscript) -> Story:
    """Read a manuscript whose matter is already known: the order of the rooms."""
    composed = prose.compose(manuscript)
    # The learned encoder will stand here: one pass over the prose, its signals shared by the rooms below.
    cast = people.gather(composed, manuscript.metadata)
    cast, telling = narration.tell(composed, cast)
    cast = voices.recognise(composed, cast, telling)
    heard = voices.hear(composed, cast, telling)
    cast = people.settle(composed, cast, telling, heard)
    scenes = narration.stage(composed, cast, telling, heard)
    found = findings.examine(composed, manuscript.matter, cast, scenes, heard)
    return Story(
        source=manuscript.source,
        text=manuscript.text,
        repairs=manuscript.repairs,
        emphasis=manuscript.emphasis,
        metadata=manuscript.metadata,
        matter=manuscript.matter,
        chapters=composed.chapters,
        scenes=scenes,
        gaps=composed.gaps,
        characters=cast.characters,
        mentions=cast.mentions,
        utterances=heard.utterances,
        writings=heard.writings,
        findings=found,
    )
