"""The encoder's model: three files, opened only where a story is read with it."""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from unsaid import models
from unsaid.encoder.batches import ROWS, alone, batched
from unsaid.encoder.dequantized import dequantized
from unsaid.encoder.windows import Window
from unsaid.errors import MissingExtra, NoEncoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from unsaid.encoder.batches import Batch
    from unsaid.encoder.heads import Floats
    from unsaid.encoder.windows import Pieces

Precision = Literal["int8", "float32"]
"""The network's numbers: of eight bits, as the package has them, or of 32."""

FOLDER = Path(__file__).parent / "model"
"""Where the package's own model lies."""
FILES = ("encoder.onnx", "heads.npz", "tokenizer.json")
MANIFEST = "model.json"
"""Names the model's files with their SHA-256 digests, so that a damaged one is known."""
KNOWN = 200_000
"""Words whose wordpieces are kept from one story to the next, about."""
_AGAIN = "install Unsaid again, or read without the encoder"
_ON_CPU = "read on the processor (device cpu)"
_ON_GPU = "a GPU of NVIDIA is used with `pip install 'unsaid[cuda]'` (docs/corpora.md); or read on the processor"
_EXTRAS = {"cpu": "encoder", "cuda": "cuda"}


class Model:
    """A model that is open: words to wordpieces, wordpieces to vectors, and the heads.

    :ivar digest: SHA-256 of the model's manifest, with the precision where it is not the package's own.
    :ivar heads: for mentions, links and events; ``speakers`` those for speakers and addressees, if the model has any.
    :ivar threads: how many windows or batches are read at a time.
    :ivar rows: windows of full length in a batch; 0: each window is read by itself.
    """

    def __init__(
        self,
        digest: str,
        tokenizer: Any,
        session: Any,
        arrays: Mapping[str, Floats],
        *,
        threads: int = 1,
        rows: int = 0,
    ) -> None:
        from unsaid.encoder.heads import Heads  # noqa: PLC0415 - it brings NumPy
        from unsaid.encoder.speakers import PREFIX, SpeakerHeads  # noqa: PLC0415

        self.digest, self.threads, self.rows = digest, threads, rows
        self.heads = Heads(arrays)
        self.speakers = SpeakerHeads(arrays) if any(name.startswith(PREFIX) for name in arrays) else None
        self._tokenizer, self._session = tokenizer, session
        self._known: dict[str, Pieces] = {}

    def pieces(self, words: Sequence[str]) -> list[Pieces]:
        """Each word's wordpieces."""
        if len(self._known) > KNOWN:  # whoever reads a corpus meets new words as long as it lasts
            self._known.clear()
        new = sorted(set(words) - self._known.keys())
        spelled = self._tokenizer.encode_batch(new, add_special_tokens=False)
        self._known.update(zip(new, (tuple(s.ids) for s in spelled), strict=True))
        return [self._known[word] for word in words]

    def vectors(self, ids: Sequence[int]) -> Floats:
        """The vectors of one window's wordpieces, read by itself: (wordpieces, width)."""
        vectors: Floats = self._run(next(alone([Window(0, 0, tuple(ids), ())])))[0]
        return vectors

    def read(self, windows: Iterable[Window]) -> Iterator[tuple[Window, Floats]]:
        """Windows in their order, of one story or of many, each with the vectors of its words.

        In eight bits windows are read one by one: their numbers are scaled by all that is read at once, so that a
        window's vectors would hang on its neighbours. In 32 bits they are read in batches, which does not change them.
        """
        done: dict[int, tuple[Window, Floats]] = {}
        turn = 0
        for batch, vectors in self._ahead(batched(windows, self.rows) if self.rows else alone(windows)):
            for row, (number, window) in enumerate(batch.windows):
                done[number] = window, vectors[row][list(window.at)]
            while turn in done:
                yield done.pop(turn)
                turn += 1

    def _ahead(self, batches: Iterable[Batch]) -> Iterator[tuple[Batch, Floats]]:
        """Batches with the vectors of their wordpieces (rows, length, width); those behind are read meanwhile.

        A core for each is faster than all cores for one: what they have to tell each other costs time.
        """
        ahead: deque[tuple[Batch, Future[Floats]]] = deque()
        with ThreadPoolExecutor(self.threads) as pool:
            for batch in batches:
                ahead.append((batch, pool.submit(self._run, batch)))
                if len(ahead) > 2 * self.threads:
                    first, vectors = ahead.popleft()
                    yield first, vectors.result()
            for first, vectors in ahead:
                yield first, vectors.result()

    def _run(self, batch: Batch) -> Floats:
        asked = batch.arrays() if self.rows else {"ids": batch.arrays()["ids"]}  # by itself it needs no mask
        vectors: Floats = self._session.run(None, asked)[0]
        return vectors


def digest_in(device: str = "cpu", precision: Precision | None = None, *, folder: Path = FOLDER) -> str:
    """The digest that a model would have, without opening it; whether there is such a device is not looked at.

    :raises NoEncoder: if a file is missing or damaged, or the device knows no such precision.
    """
    held = _checked(folder)
    return held if precision_on(device, precision) == "int8" else f"{held}-float32"


def precision_on(device: str, precision: Precision | None = None) -> Precision:
    """The precision that a device reads in, unless another one is asked for.

    :raises NoEncoder: if it has no such one.
    """
    if device != "cpu" and precision == "int8":
        raise NoEncoder(f"the device {device} has no operations in eight bits", "read in float32 there")
    return precision or ("int8" if device == "cpu" else "float32")


def require(device: str) -> None:
    """Make sure that ONNX Runtime has been installed, for this device.

    :raises NoEncoder: if it has not been for this one; :raises MissingExtra: if it, or the tokenizer's, is not at all.
    """
    if not models.has(device, what="reading with the encoder", extra=_EXTRAS.get(device, "encoder")):
        raise NoEncoder(f"ONNX Runtime has no device {device!r} here", _ON_GPU if device in ROWS else _ON_CPU)


@cache
def load(folder: Path = FOLDER, *, device: str = "cpu", precision: Precision | None = None, threads: int = 0) -> Model:
    """Open the model in a folder; a second call returns the same one.

    :param device: "cpu", or "cuda" where ONNX Runtime has been installed for it.
    :param precision: "int8" on the processor, "float32" on a GPU; "float32" can be asked for on the processor, too,
        and is read in batches there as on a GPU.
    :param threads: how many windows or batches are read at a time; 0: one for each core. What is read is the same.
    :raises NoEncoder: if a file is missing or damaged, or there is no such device; says what to do.
    :raises MissingExtra: if ONNX Runtime, the tokenizer's library or what another precision needs is not installed.
    """
    digest = digest_in(device, precision, folder=folder)
    require(device)
    rows = ROWS[device] if precision_on(device, precision) == "float32" else 0
    network: Path | bytes = folder / FILES[0]
    try:
        if rows:
            network = dequantized(folder / FILES[0], extra="float32" if device == "cpu" else _EXTRAS[device])
        session = models.session(network, device, threads=1)
        tokenizer = models.tokenizer(folder / FILES[2])
        at_once = 1 if device != "cpu" else threads or os.cpu_count() or 1
        return Model(digest, tokenizer, session, _arrays(folder / FILES[1]), threads=at_once, rows=rows)
    except MissingExtra:
        raise
    except models.NoDevice as error:
        raise NoEncoder(str(error), _ON_GPU) from error
    except Exception as error:  # each of the three libraries raises its own, the last one a bare Exception
        said = " ".join(str(error).split())[:120]
        raise NoEncoder(f"the model in {folder} cannot be opened ({said})", _AGAIN) from error


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
