"""Every format that a story is written in, and how one is picked: by name, or by what a path ends in.

A format's code is loaded when it is first asked for; so are the libraries that some formats need.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from unsaid.errors import MissingExtra, NoFormatFor, NoSuchFormat, OneWay, SourceError
from unsaid.files import write

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from networkx import MultiDiGraph
    from pyarrow import Table

    from unsaid.story import Story

Files = dict[str, bytes]
"""What a format of several files writes: content by file name, below the folder that is asked for."""


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """A format that stories are written in.

    :ivar name: what ``--format`` calls it.
    :ivar about: what it is for, in one line.
    :ivar media_type: of the file; of its main files, where there are several.
    :ivar endings: what a path ends in that asks for it; the first is given to files in a folder of readings.
    :ivar writer: ``module:function``, from a story to text, bytes, or (for a folder) :data:`Files`.
    :ivar reader: ``module:function`` from what the writer wrote back to a story, where the format holds enough.
    :ivar folder: it is several files, written into a folder.
    :ivar extra: the extra of the package that it needs (``pip install unsaid[tables]``), if any.
    :ivar modules: what has to be there for it to work; with ``extra``.
    :ivar spaced: a blank line parts one from the next on one stream.
    """

    name: str
    about: str
    media_type: str
    endings: tuple[str, ...] = ()
    writer: str
    reader: str | None = None
    folder: bool = False
    extra: str | None = None
    modules: tuple[str, ...] = ()
    spaced: bool = False

    def render(self, story: Story) -> bytes | Files:
        """The story in this format.

        :raises MissingExtra: if a library that it needs is not installed.
        """
        written = _function(self, self.writer)(story)
        return written.encode("utf-8", "backslashreplace") if isinstance(written, str) else written

    def parse(self, data: bytes | Files) -> Story:
        """The story that :meth:`render` wrote.

        :raises NotAStory: if the data is not this format's.
        :raises OneWay: if the format does not hold enough to be read back.
        :raises MissingExtra: if a library that it needs is not installed.
        """
        if self.reader is None:
            raise OneWay(self.name, [f.name for f in FORMATS if f.reader])
        story: Story = _function(self, self.reader)(data)
        return story


FORMATS: tuple[Format, ...] = (
    Format(
        name="json",
        about="the whole reading (unsaid-story/1); what every program should read",
        media_type="application/json",
        endings=(".unsaid.json", ".json"),
        writer="unsaid.formats.contract:write",
        reader="unsaid.formats.contract:read",
    ),
    Format(
        name="script",
        about="the story as a script for people: who says what to whom, the narration in brief",
        media_type="text/plain",
        endings=(".script.txt", ".txt"),
        writer="unsaid.formats.script:script",
        spaced=True,
    ),
    Format(
        name="html",
        about="the report: one page with the text, its people in the margin, plots, the ledger and the findings",
        media_type="text/html",
        endings=(".report.html", ".html", ".htm"),
        writer="unsaid.report:report",
    ),
    Format(
        name="ledger",
        about="what passes between people, for people: questions, promises, confessions, and what answers them",
        media_type="text/plain",
        endings=(".ledger.txt",),
        writer="unsaid.formats.ledger:ledger",
        spaced=True,
    ),
    Format(
        name="unsaid",
        about="what is kept in, by whom, toward whom: only thought, never said, or not heard",
        media_type="text/plain",
        endings=(".unsaid.txt",),
        writer="unsaid.formats.ledger:unsaid",
        spaced=True,
    ),
    Format(
        name="tei",
        about="TEI P5 for scholarly editions: said, mentions, people, letters and matter marked in the text",
        media_type="application/tei+xml",
        endings=(".tei.xml", ".tei"),
        writer="unsaid.formats.tei:tei",
        reader="unsaid.formats.tei_read:from_tei",
    ),
    Format(
        name="annotations",
        about="W3C Web Annotations beside the text, selected by quotation and position, for annotation servers",
        media_type="application/ld+json",
        endings=(".anno.jsonld", ".jsonld"),
        writer="unsaid.formats.annotations:web_annotations",
    ),
    Format(
        name="fountain",
        about="a screenplay, thoughts as voice-over, for screenwriting programs",
        media_type="text/plain",
        endings=(".fountain",),
        writer="unsaid.formats.fountain:fountain",
    ),
    Format(
        name="ssml",
        about="a script for speech synthesis with a voice for each role (SSML 1.1); `unsaid cast` takes a voices file",
        media_type="application/ssml+xml",
        endings=(".ssml",),
        writer="unsaid.formats.cast:ssml",
    ),
    Format(
        name="voice-tags",
        about="the text with [voice:…] around every line, for ebook2audiobook",
        media_type="text/plain",
        endings=(".voices.txt",),
        writer="unsaid.formats.cast:voice_tags",
    ),
    Format(
        name="segments",
        about="every stretch of the text with its kind, speaker, voice and style, for any other synthesis",
        media_type="application/json",
        endings=(".segments.json",),
        writer="unsaid.formats.cast:segments_json",
    ),
    Format(
        name="parquet",
        about="tables for pandas, Polars, DuckDB and R: one Parquet file a layer",
        media_type="application/vnd.apache.parquet",
        writer="unsaid.formats.tables:to_parquet",
        reader="unsaid.formats.tables:from_parquet",
        folder=True,
        extra="tables",
        modules=("pyarrow",),
    ),
    Format(
        name="csv",
        about="the same tables for spreadsheets: one CSV file a layer",
        media_type="text/csv",
        writer="unsaid.formats.tables:to_csv",
        folder=True,
        extra="tables",
        modules=("pyarrow",),
    ),
    Format(
        name="booknlp",
        about="the files of BookNLP 1.0.7 (.tokens, .entities, .quotes, .book), for what was made for it",
        media_type="text/tab-separated-values",
        writer="unsaid.formats.booknlp:booknlp",
        folder=True,
    ),
    Format(
        name="conll",
        about="coreference in the columns of CoNLL-2012, for its scorers",
        media_type="text/tab-separated-values",
        endings=(".conll",),
        writer="unsaid.formats.conll:conll",
    ),
    Format(
        name="litbank",
        about="coreference in LitBank's flavour of the same columns",
        media_type="text/tab-separated-values",
        endings=(".litbank.conll",),
        writer="unsaid.formats.conll:litbank",
    ),
    Format(
        name="graphml",
        about="who speaks to, thinks of and is with whom, for NetworkX, igraph, Gephi and yEd",
        media_type="application/graphml+xml",
        endings=(".graphml",),
        writer="unsaid.formats.graphs:to_graphml",
        extra="graphs",
        modules=("networkx",),
    ),
    Format(
        name="gexf",
        about="the same network scene by scene, for Gephi's timeline",
        media_type="application/gexf+xml",
        endings=(".gexf",),
        writer="unsaid.formats.graphs:to_gexf",
        extra="graphs",
        modules=("networkx",),
    ),
)
"""Every format, in the order in which they are listed."""

WRITTEN = tuple(form.endings[0] for form in FORMATS if form.endings)
"""What the names of Unsaid's own readings end in, in an output folder: they are no stories."""

ENDINGS_FOR_PEOPLE = tuple(form.endings[-1] for form in FORMATS if form.endings)
"""The shortest ending of each format, as messages name them."""


def named(name: str) -> Format:
    """The format of a name.

    :raises NoSuchFormat: if there is none; names those there are.
    """
    for form in FORMATS:
        if form.name == name:
            return form
    raise NoSuchFormat(name, [form.name for form in FORMATS])


def for_path(path: str | PathLike[str]) -> Format | None:
    """The format that a path's ending asks for, the longest ending first; None if it asks for none."""
    name = os.fspath(path).lower()
    fitting = [(len(end), form) for form in FORMATS for end in form.endings if name.endswith(end)]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def save(story: Story, path: str | PathLike[str], *, format: str | None = None) -> None:
    """Write a story to a file, or into a folder where the format has several files, whole or not at all.

    :param format: a format's name; without it, the path's ending tells.
    :raises NoSuchFormat: if there is no such format.
    :raises NoFormatFor: if the path's ending goes with none.
    :raises MissingExtra: if a library that the format needs is not installed.
    :raises CannotWrite: if it cannot be written; what stood there before still stands.
    """
    form = named(format) if format is not None else for_path(path)
    if form is None:
        raise NoFormatFor(os.fspath(path), ENDINGS_FOR_PEOPLE)
    write(Path(path), form.render(story))


def load(path: str | PathLike[str], *, format: str | None = None) -> Story:
    """Read a story back from what :func:`save` wrote.

    :raises SourceError: if the file or folder cannot be read.
    :raises NotAStory: if it is not of the format.
    :raises NoSuchFormat: if there is no such format.
    :raises NoFormatFor: if the path's ending goes with none.
    :raises OneWay: if the format does not hold enough to be read back.
    """
    form = named(format) if format is not None else for_path(path)
    if form is None:
        raise NoFormatFor(os.fspath(path), [f.endings[-1] for f in FORMATS if f.reader and f.endings])
    where = Path(path)
    try:
        data = {p.name: p.read_bytes() for p in sorted(where.iterdir())} if form.folder else where.read_bytes()
    except OSError as error:
        raise SourceError(os.fspath(path), error.strerror or str(error)) from error
    return form.parse(data)


def frames(story: Story) -> dict[str, Table]:
    """The story's Arrow tables; see :meth:`Story.to_frames`."""
    tables: dict[str, Table] = _function(named("parquet"), "unsaid.formats.tables:frames")(story)
    return tables


def network(story: Story, scene: str | None) -> MultiDiGraph:
    """The story's network; see :meth:`Story.network`."""
    return _function(named("graphml"), "unsaid.formats.graphs:network")(story, scene=scene)


def _function(form: Format, where: str) -> Callable[..., Any]:
    module, _, name = where.partition(":")
    try:
        function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        if form.extra is None or (error.name or "").partition(".")[0] not in form.modules:
            raise
        raise MissingExtra(form.name, form.extra, error.name or "") from error
    return function
