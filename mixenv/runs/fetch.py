"""Sources in, local files out: downloaded or copied into the cache, pinned by sha256."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from mixenv.runs.cache import cache_dir, copy, sha256
from mixenv.runs.catalogue import File, Source
from mixenv.runs.catalogue import source as find_source
from mixenv.runs.check import Check
from mixenv.runs.download import download

_DEPTH = 3  # how many folders below a local source are searched for a file's name


class HashError(ValueError):
    """A file whose sha256 is not the pinned one."""


def fetch(
    name: str, source: str | Path | None = None, trust: bool = False, progress: bool = True
) -> list[Path]:
    """The files of a source, in the cache: copied from `source` (a folder or file) or downloaded.

    A file already there with the pinned sha256 is kept. `trust` takes files whatever their sha256;
    reading them stays restricted. `progress` shows a bar while downloading. Raises ValueError for
    an unknown name, FileNotFoundError for a file that `source` lacks, HashError for another
    sha256, DownloadError when no address answers, ModuleNotFoundError without pooch.
    """
    found = find_source(name)
    return [_fetch(found, file, source, trust, progress) for file in found.files]


def locate(name: str, source: str | Path | None = None, trust: bool = False) -> list[Path]:
    """The local files of a source: in the cache, or where they lie in `source` (not copied).

    Raises FileNotFoundError naming the command that fetches them, HashError for a file in `source`
    of another sha256 unless `trust`, ValueError for an unknown name.
    """
    found = find_source(name)
    if source is not None:
        return [_local(found, file, Path(source), trust) for file in found.files]
    paths = [cached_path(found, file) for file in found.files]
    missing = [path for path in paths if not path.is_file()]
    if missing:
        raise FileNotFoundError(
            f"{name}: expected {missing[0].name} in {missing[0].parent}, got no such file; "
            f"run `mixenv data fetch {name}`"
        )
    return paths


def verify(name: str, source: str | Path | None = None) -> list[Check]:
    """The sha256 of each file of a source against the pinned one. Raises what `locate` does."""
    paths = locate(name, source, trust=True)
    pairs = zip(find_source(name).files, map(sha256, paths), strict=True)
    return [Check(f"sha256 of {f.name}", f.sha256, got, got == f.sha256) for f, got in pairs]


def cached_path(source: Source, file: File) -> Path:
    """Where a file of a source lies once fetched."""
    return cache_dir() / source.name / file.name


def _fetch(
    found: Source, file: File, source: str | Path | None, trust: bool, progress: bool
) -> Path:
    target = cached_path(found, file)
    if source is not None:
        local = _local(found, file, Path(source), trust)
        if local.resolve() != target.resolve():
            copy(local, target)
    elif not (target.is_file() and (trust or sha256(target) == file.sha256)):
        download(found, file, target, trust, progress)
    return target


def _local(found: Source, file: File, source: Path, trust: bool) -> Path:
    candidates = _candidates(found, file, source)
    if not candidates:
        raise FileNotFoundError(
            f"{found.name}: expected {file.path} (or {file.name}) in {source}, got no such file; "
            f"run `mixenv data fetch {found.name} --source PATH` with the folder that holds it"
        )
    matching = next((c for c in candidates if sha256(c) == file.sha256), None)
    if matching is None and not trust:
        raise HashError(
            f"{candidates[0]}: expected sha256 {file.sha256}, got {sha256(candidates[0])}; fetch "
            f"another copy, or take this one with `mixenv data fetch {found.name} --trust`"
        )
    return matching or candidates[0]


def _candidates(found: Source, file: File, source: Path) -> list[Path]:
    """Files of `source` that may be the wanted one: by its path's tail first, then by its name."""
    if source.is_file():
        return [source] if source.name == file.name or len(found.files) == 1 else []
    parts = PurePosixPath(file.path).parts
    tails = [source.joinpath(*parts[i:]) for i in range(len(parts))]
    below = [
        p for depth in range(_DEPTH + 1) for p in sorted(source.glob("*/" * depth + file.name))
    ]
    return [path for path in dict.fromkeys([*tails, *below]) if path.is_file()]
