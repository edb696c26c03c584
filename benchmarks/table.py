"""A table that reads well in a terminal and is Markdown as it stands."""

from __future__ import annotations

import msgspec

Cell = str | int | float | None
"""A fraction is shown with three decimals, an integer with thousands separated, None as an empty cell."""


class Table(msgspec.Struct, frozen=True):
    """A titled table; ``note`` says below it what a reader needs to know of the figures."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def __str__(self) -> str:
        return render(self)


def render(table: Table) -> str:
    """Write a table with its title and its note."""
    return f"## {table.title}\n\n{body(table)}\n" + (f"\n{table.note}\n" if table.note else "")


def body(table: Table) -> str:
    """Write a table as Markdown with padded columns: the first one to the left, the others to the right."""
    cells = [tuple(table.columns), *(tuple(map(_show, row)) for row in table.rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(table.columns))]
    lines = [
        "| " + " | ".join(_pad(cell, w, i) for i, (cell, w) in enumerate(zip(row, widths, strict=True))) + " |"
        for row in cells
    ]
    rule = "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _show(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.3f}"
    return f"{cell:,}" if isinstance(cell, int) else cell.replace("|", "\\|")


def _pad(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column == 0 else cell.rjust(width)
