"""Where fetched files lie, their sha256, and copying them so that no half file is ever left."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path


def cache_dir() -> Path:
    """The folder of fetched files: `MIXENV_DATA`, else the platform's cache folder."""
    if chosen := os.environ.get("MIXENV_DATA"):
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", "~")).expanduser() / "mixenv" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "mixenv"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mixenv"


def sha256(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy(path: Path, target: Path) -> None:
    """Copy a file to `target`, which appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        shutil.copyfile(path, unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
