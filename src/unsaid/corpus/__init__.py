"""Corpora: many documents read into sharded Parquet, by the processes of this machine or of a cluster.

>>> from unsaid.corpus import run                       # doctest: +SKIP
>>> run(["gutenberg.tar"], "read/")

``runs`` is the order of things. ``documents`` says where documents lie, ``plan`` puts them into chunks, ``chunk`` reads
one and writes its files, ``reader`` has that done in a process of its own, ``local`` and ``cluster`` have many read at
once, and ``manifest`` says at the end what there is. A chunk is done when its receipt stands, so a run that was ended
anywhere goes on with the chunks that have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unsaid.corpus.job import Columns, Quarantined

if TYPE_CHECKING:
    from unsaid.corpus.runs import Options, Progress, run

__all__ = ["Columns", "Options", "Progress", "Quarantined", "run"]


def __getattr__(name: str) -> Any:
    """Load what runs need only when it is asked for: a worker of a cluster must not wait for what it has no use for."""
    if name in ("Options", "Progress", "run"):
        from unsaid.corpus import runs  # noqa: PLC0415 - lazy on purpose

        return getattr(runs, name)
    raise AttributeError(f"module 'unsaid.corpus' has no attribute {name!r}")
