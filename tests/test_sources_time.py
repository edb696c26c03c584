"""Loading takes time in proportion to the text, whatever is in it, and never unpacks past its bounds."""

from __future__ import annotations

import time
import zlib

import pytest

from unsaid.sources import Limits, SourceError, load


def seconds(source: bytes, name: str) -> float:
    """The least of three readings: what else the machine does only ever adds to it."""
    found = []
    for _ in range(3):
        start = time.process_time()
        load(source, name=name)
        found.append(time.process_time() - start)
    return min(found)


def assert_linear(unit: str, name: str, size: int) -> None:
    """Eight times the text takes about eight times as long; quadratic time would take sixty-four times."""
    small, large = ((unit * (n // len(unit)) + "\n").encode() for n in (size, 8 * size))
    seconds(small, name)  # whatever is imported on first use
    assert seconds(large, name) < 24 * max(seconds(small, name), 0.01)


@pytest.mark.parametrize(
    "unit",
    [
        "She left, and it rained; ",
        "[A/N ",
        "*a ",
        "_a_b",
        "(A/N: x) ",
        "Chapter 1 ",
        '"So," ',
        "/a",
        "Rating: K ",
        "a\u2019s ",
    ],
)
def test_one_paragraph_takes_linear_time(unit):
    assert_linear(unit, "a.txt", 100_000)


@pytest.mark.parametrize(
    "line", ["A/N: hi", "Chapter 1", "* * *", "Rating: K", "1.", "She left.", "Maren: hello", "review"]
)
def test_many_paragraphs_take_linear_time(line):
    assert_linear(f"{line}\n\n", "a.txt", 20_000)


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        ("<p>*a **b</p>", "a.html"), ("<i>a <b>b", "a.html"), ("a<br><i>b</i><br>", "a.html"), ("<div>a", "a.html"),
        ("*a **b _c ", "a.md"), ("> a\n", "a.md"), ("[a](", "a.md"), ("a\n\n", "a.md"),
    ],
)  # fmt: skip
def test_formatted_text_takes_linear_time(unit, name):
    assert_linear(unit, name, 4_000)


def test_ten_megabytes_in_one_paragraph():
    text = "She left, and it rained on the harbour, he said; " * 200_000
    manuscript = load(text.encode(), name="a.txt")
    assert manuscript.source.words == 200_000 * 10


def test_compressed_data_is_never_unpacked_past_its_bound():
    packed = zlib.compressobj(wbits=31)
    data = packed.compress(bytes(50_000_000)) + packed.flush()
    with pytest.raises(SourceError, match="decompression bomb"):
        load(data, limits=Limits(max_unpacked=1_000_000))
