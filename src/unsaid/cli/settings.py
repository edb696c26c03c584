"""Settings: ``unsaid.toml``, beside the story or in a folder above it; and the baseline, what is known and accepted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec

from unsaid.errors import UnsaidError
from unsaid.findings.choice import Silence
from unsaid.story import Severity

NAME = "unsaid.toml"
BASELINE_HINT = "no baseline is named; name one with --baseline or in unsaid.toml"


class SettingsError(UnsaidError):
    """A settings file or baseline that cannot be used: one line that says where and why."""


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table ``[check]``."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Severity | None = None
    severities: dict[str, Severity] = {}
    baseline: str | None = None
    silence: tuple[Silence, ...] = ()


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``unsaid.toml`` may hold; ``folder`` is where it stands."""

    check: Check = Check()
    folder: str = "."


class Baseline(msgspec.Struct, frozen=True):
    """Fingerprints of the findings that are known, by the story's path below the baseline's folder."""

    format: Literal["unsaid-baseline/1"] = "unsaid-baseline/1"
    findings: dict[str, tuple[str, ...]] = {}


def settings_for(path: Path | None, given: str | None) -> Settings:
    """The settings that hold for a story: the file that was given, else the nearest one beside or above the story.

    :raises SettingsError: if the file cannot be read, or holds what means nothing.
    """
    found = Path(given) if given is not None else _nearest(path)
    if found is None:
        return Settings()
    try:
        made = msgspec.toml.decode(found.read_bytes(), type=Settings)
    except OSError as error:
        raise SettingsError(f"{found}: {error.strerror or error}") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise SettingsError(f"{found}: {error}; docs/check.md lists the settings") from error
    return msgspec.structs.replace(made, folder=str(found.parent))


def _nearest(path: Path | None) -> Path | None:
    folder = Path(os.path.abspath(path)).parent if path is not None else Path.cwd()
    return next((at / NAME for at in (folder, *folder.parents) if (at / NAME).is_file()), None)


def load_baseline(path: Path) -> Baseline:
    """Read a baseline; an empty one where there is no such file.

    :raises SettingsError: if it is no baseline.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Baseline)
    except FileNotFoundError:
        return Baseline()
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror or error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: no baseline ({error}); write one with --update-baseline") from error


def baseline_text(findings: dict[str, tuple[str, ...]]) -> str:
    """A baseline as it is written: one fingerprint a line, so that a change shows as the lines it is."""
    return msgspec.json.format(msgspec.json.encode(Baseline(findings=findings)), indent=2).decode() + "\n"


def key_of(story: Path | None, baseline: Path) -> str:
    """What a story is called in a baseline: its path from the baseline's folder."""
    if story is None:
        return "-"
    return Path(os.path.relpath(story, baseline.parent)).as_posix()
