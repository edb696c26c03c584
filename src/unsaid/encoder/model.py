"""The encoder's model: three files, opened only where a story is read with it."""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unsaid import models
from unsaid.errors import NoEncoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from unsaid.encoder.heads import Floats, Heads
    from unsaid.encoder.windows import Pieces, Window

FOLDER = Path(__file__).parent / "model"
"""Where the package's own model lies."""
FILES = ("encoder.onnx", "heads.npz", "tokenizer.json")
MANIFEST = "model.json"
"""Names the model's files with their SHA-256 digests, so that a damaged one is known."""
_AGAIN = "install Unsaid again, or read without the encoder"


class Model:
    """A model that is open: words to wordpieces, wordpieces to vectors, and the heads.

    :ivar digest: SHA-256 of the model's manifest.
    :ivar threads: how many windows are read at a time.
    """

    def __init__(self, digest: str, tokenizer: Any, session: Any, heads: Heads, threads: int = 1) -> None:
        self.digest, self.heads, self.threads = digest, heads, threads
        self._tokenizer, self._session = tokenizer, session
        self._known: dict[str, Pieces] = {}

    def pieces(self, words: Sequence[str]) -> list[Pieces]:
        """Each word's wordpieces."""
        new = sorted(set(words) - self._known.keys())
        spelled = self._tokenizer.encode_batch(new, add_special_tokens=False)
        self._known.update(zip(new, (tuple(s.ids) for s in spelled), strict=True))
        return [self._known[word] for word in words]

    def vectors(self, ids: Sequence[int]) -> Floats:
        """The vectors of one window's wordpieces: (wordpieces, width).

        Windows are read one by one: they are nearly of one length, and numbers of eight bits are scaled by all that is
        read at once, so that a window's vectors would hang on its neighbours if it were read with them.
        """
        import numpy as np  # noqa: PLC0415 - with the session, only where the encoder reads

        vectors: Floats = self._session.run(None, {"ids": np.array([ids], dtype=np.int64)})[0][0]
        return vectors

    def read(self, windows: Iterable[Window]) -> Iterator[tuple[Window, Floats]]:
        """Windows in their order, each with the vectors of its words; those behind are read while one is looked at.

        A core for each window is faster than all cores for one: what they have to tell each other
        costs time.
        """
        ahead: deque[tuple[Window, Future[Floats]]] = deque()
        with ThreadPoolExecutor(self.threads) as pool:
            for window in windows:
                ahead.append((window, pool.submit(self.vectors, window.ids)))
                if len(ahead) > 2 * self.threads:
                    yield _of_words(*ahead.popleft())
            while ahead:
                yield _of_words(*ahead.popleft())


def _of_words(window: Window, vectors: Future[Floats]) -> tuple[Window, Floats]:
    return window, vectors.result()[list(window.at)]


@cache
def load(folder: Path = FOLDER, *, device: str = "cpu", threads: int = 0) -> Model:
    """Open the model in a folder; a second call returns the same one.

    :param device: "cpu", or "cuda" where ONNX Runtime has been installed for it.
    :param threads: how many windows are read at a time; 0: one for each core. What is read is the same.
    :raises NoEncoder: if a file is missing or damaged, or there is no such device; says what to do.
    :raises MissingExtra: if ONNX Runtime or the tokenizer's library is not installed.
    """
    digest = _checked(folder)
    if not models.has(device, what="reading with the encoder", extra="encoder"):
        raise NoEncoder(f"ONNX Runtime has no device {device!r} here", "read on the processor (device cpu)")
    from unsaid.encoder.heads import Heads  # noqa: PLC0415 - it brings NumPy

    try:
        session = models.session(folder / FILES[0], device, threads=1)
        heads, tokenizer = Heads(_arrays(folder / FILES[1])), models.tokenizer(folder / FILES[2])
    except Exception as error:  # each of the three libraries raises its own, the last one a bare Exception
        said = " ".join(str(error).split())[:120]
        raise NoEncoder(f"the model in {folder} cannot be opened ({said})", _AGAIN) from error
    return Model(digest, tokenizer, session, heads, threads or os.cpu_count() or 1)


def _checked(folder: Path) -> str:
    """The digest of a folder's manifest, once its files are known to be those that it names."""
    try:
        manifest = (folder / MANIFEST).read_bytes()
        named = json.loads(manifest)["files"]
        altered = models.altered(folder, {name: named[name] for name in FILES})
    except FileNotFoundError as error:
        raise NoEncoder(f"{error.filename} is missing", _AGAIN) from error
    except OSError as error:
        raise NoEncoder(f"{error.filename} cannot be read ({error.strerror})", _AGAIN) from error
    except (ValueError, KeyError, TypeError) as error:
        raise NoEncoder(f"{folder / MANIFEST} is damaged", _AGAIN) from error
    if altered is not None:
        raise NoEncoder(f"{altered} is damaged: its digest is not the manifest's", _AGAIN)
    return hashlib.sha256(manifest).hexdigest()


def _arrays(file: Path) -> dict[str, Floats]:
    import numpy as np  # noqa: PLC0415

    with np.load(file, allow_pickle=False) as held:
        return dict(held)
