"""Neural models that lie in a folder: their files are known to be whole before they are opened, on one device.

What a model is made of and what is asked of it stands in the room that has it: ``encoder/model.py``,
``library/vectors.py``.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from unsaid.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
"""What ONNX Runtime calls the devices."""
_SLOWER = ("SkipLayerNormFusion",)
"""What ONNX Runtime would make of a network and had better not: its sum and norm in one takes 1.2 ms for 384 vectors of
384 where the two take 0.3 (1.31, one core, measured in MiniLM)."""
_SETTINGS = {
    # All 32 bits of the numbers: by default a GPU of today leaves out 13 of them, and reads a little otherwise.
    "cuda": {"use_tf32": "0", "arena_extend_strategy": "kSameAsRequested"},
}


class NoDevice(Exception):
    """ONNX Runtime knows a device and cannot use it here."""


def digest_of(file: Path) -> str:
    """The SHA-256 digest of a file.

    :raises OSError: if it cannot be read.
    """
    with file.open("rb") as held:
        return hashlib.file_digest(held, "sha256").hexdigest()


def altered(folder: Path, digests: Mapping[str, str]) -> Path | None:
    """The first file of a folder that is not the one that was meant, if any.

    :param digests: what :func:`digest_of` says of each file that is meant.
    :raises OSError: if one is missing or cannot be read.
    """
    return next((folder / name for name, wanted in digests.items() if digest_of(folder / name) != wanted), None)


def has(device: str, *, what: str, extra: str) -> bool:
    """Whether ONNX Runtime has a device here.

    :param what: what it is needed for; ``extra`` has it.
    :raises MissingExtra: if ONNX Runtime or the tokenizers' library is not installed.
    """
    try:
        import onnxruntime  # noqa: PLC0415 - half a second, only where a model is asked
        import tokenizers  # noqa: F401, PLC0415
    except ModuleNotFoundError as error:
        raise MissingExtra(what, extra, str(error.name)) from error
    return PROVIDERS.get(device) in onnxruntime.get_available_providers()


def session(network: Path | bytes, device: str = "cpu", *, threads: int = 0) -> Any:
    """A network, in a file or in memory, open on a device that :func:`has` knows; it logs nothing but errors.

    :param threads: how many threads a single question to it is answered with; 0: one for each core.
    :raises NoDevice: if the device cannot be used: no GPU is there, or a library of its maker's is missing.
    :raises Exception: ONNX Runtime's own, if the file holds no network.
    """
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    # Threads that wait in a loop for more work take the processor from whatever else runs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if device == "cuda" and hasattr(onnxruntime, "preload_dlls"):
        onnxruntime.preload_dlls()  # CUDA's own libraries, where pip has installed them
    provider = PROVIDERS[device]
    source = network if isinstance(network, bytes) else str(network)
    opened = onnxruntime.InferenceSession(
        source,
        options,
        providers=[(provider, _SETTINGS.get(device, {}))],
        disabled_optimizers=list(_SLOWER) if device == "cpu" else None,
    )
    if provider not in opened.get_providers():  # it goes on without a word, on the processor
        raise NoDevice(f"ONNX Runtime cannot use the device {device!r} here: no such GPU, or no library for it")
    return opened


def tokenizer(file: Path, longest: int | None = None) -> Any:
    """A tokenizer that adds nothing to what it is given, and cuts it where it is longer than ``longest`` wordpieces.

    :raises Exception: a bare one of the tokenizers' library, if the file holds none.
    """
    import tokenizers  # noqa: PLC0415

    made = tokenizers.Tokenizer.from_file(str(file))
    made.no_padding()
    if longest is None:
        made.no_truncation()
    else:
        made.enable_truncation(longest)
    return made
