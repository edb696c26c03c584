"""Errors come whole out of another process: workers hand them on."""

from __future__ import annotations

import pickle

import pytest

from unsaid import errors


@pytest.mark.parametrize(
    "error",
    [
        errors.SourceError("tale.txt", "empty"),
        errors.CorrectionError("tale.txt", "no line holds 'so'"),
        errors.MissingExtra("reading with the encoder", "encoder", "onnxruntime"),
        errors.NoSuchCharacter("Anne", ["Ann", "Bram"]),
        errors.NotAStory("no text"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_says_and_holds_the_same_behind_a_pickle(error: errors.UnsaidError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
