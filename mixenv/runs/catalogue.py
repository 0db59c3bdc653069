"""Every public source that mixenv reads: where its files are, pinned by sha256, and its licence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from mixenv.facts import facts

_RAW = "https://raw.githubusercontent.com/{repository}/{commit}/{path}"


@dataclass(frozen=True)
class File:
    """One file of a source: its path in the repository, its sha256 and its size in bytes."""

    path: str
    sha256: str
    bytes: int

    def __post_init__(self) -> None:
        if not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise ValueError(
                f"{self.path}: expected a sha256 of 64 hexadecimal digits, got {self.sha256!r}"
            )

    @property
    def name(self) -> str:
        """The file's name without its folders; unique within a source."""
        return PurePosixPath(self.path).name


@dataclass(frozen=True)
class Source:
    """A public source: `files` of a repository at any of `commits` (the hash decides).

    `runs` is the number of training runs, None for a model. `licence` is as its owner states it.
    """

    name: str
    repository: str
    commits: tuple[str, ...]
    licence: str
    runs: int | None
    description: str
    files: tuple[File, ...]

    def __post_init__(self) -> None:
        if not self.commits or not self.files:
            raise ValueError(
                f"source {self.name!r}: expected at least one commit and one file, "
                f"got {len(self.commits)} and {len(self.files)}"
            )

    def addresses(self, file: File) -> tuple[str, ...]:
        """The raw address of one file at each commit, in the order to try."""
        return tuple(
            _RAW.format(repository=self.repository, commit=commit, path=file.path)
            for commit in self.commits
        )


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Source]:
    """Every source by its name."""
    return {name: _source(name, found) for name, found in facts()["sources"].items()}


def source(name: str) -> Source:
    """The source of that name. Raises ValueError, listing the names, for another one."""
    known = catalogue()
    if name not in known:
        raise ValueError(f"expected a source among {', '.join(known)}, got {name!r}")
    return known[name]


def _source(name: str, found: dict[str, Any]) -> Source:
    files = tuple(File(**file) for file in found["files"])
    return Source(name=name, **found | {"commits": tuple(found["commits"]), "files": files})
