"""How much a file may hold before it is refused."""

from __future__ import annotations

import msgspec

MEGABYTE = 1_000_000


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds that hold before anything is unpacked or read.

    :ivar max_file: bytes of the file itself. The longest novel is under 10 MB as text.
    :ivar max_unpacked: bytes of everything that is unpacked from it together.
    :ivar max_entries: files in an archive.
    :ivar max_ratio: how many times larger than its archive the unpacked content may be, above one megabyte; text
        packs about 3 to 1, a repetitive page perhaps 20 to 1.
    """

    max_file: int = 50 * MEGABYTE
    max_unpacked: int = 200 * MEGABYTE
    max_entries: int = 10_000
    max_ratio: int = 200


def megabytes(size: int) -> str:
    """A size in bytes as it is shown: "52.4 MB"; "312 bytes" under a tenth of a megabyte."""
    return f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE / 10 else f"{size} bytes"
