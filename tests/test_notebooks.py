"""The notebooks of docs/ run from top to bottom, and what they show is there."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "docs").glob("*.ipynb"))


@pytest.mark.filterwarnings("default")  # the kernel's own libraries warn of their futures
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_a_notebook_runs_and_shows_its_values(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs for cell in code)
    shown = [output.data for cell in code for output in cell.outputs if output.output_type == "execute_result"]
    cards = [data["text/html"] for data in shown if "text/html" in data]
    assert len(cards) >= 4
    assert "corran-head.txt" in cards[0]


def test_there_is_a_notebook_and_it_holds_no_outputs() -> None:
    assert NOTEBOOKS
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        assert not any(cell.get("outputs") for cell in cells), f"{path.name}: clear its outputs before it is kept"
