"""Sizes as people write them."""

from __future__ import annotations

import re

import click

UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
"""What a size may be counted in; 1 MB is a million bytes."""


def size(value: str) -> int:
    """A size in bytes from ``800000``, ``800k``, ``80MB`` or ``1.5 GB``.

    :raises click.BadParameter: if it is none, or nothing would fit into it.
    """
    found = re.fullmatch(r"(\d{1,12}(?:\.\d{1,6})?)\s*([kmg]?)b?", value.strip().lower())
    count = int(float(found[1]) * UNITS[found[2]]) if found else 0
    if count < 1:
        raise click.BadParameter(f"{value!r} is no size; write it like 80MB")
    return count
