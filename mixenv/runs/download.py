"""One file of a source from the network into the cache; pooch is needed here and only here."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from mixenv.runs.catalogue import File, Source

_TIMEOUT = 30  # seconds without an answer


class DownloadError(OSError):
    """No address of a file gave the file."""


def download(source: Source, file: File, target: Path, trust: bool, progress: bool) -> None:
    """Download a file to `target`, trying each address until one gives the pinned sha256.

    With `trust` the first answer is taken. Raises DownloadError, in one line saying what was wanted
    and what to run, and ModuleNotFoundError without pooch.
    """
    pooch = _pooch(source)
    failures = []
    for address in source.addresses(file):
        try:
            pooch.retrieve(
                address,
                known_hash=None if trust else f"sha256:{file.sha256}",
                fname=target.name,
                path=target.parent,
                downloader=pooch.HTTPDownloader(progressbar=progress, timeout=_TIMEOUT),
            )
        except (OSError, ValueError) as error:  # no answer; another sha256
            failures.append(f"{address} ({_reason(error)})")
        else:
            return
    raise DownloadError(
        f"{source.name}: could not download {' nor '.join(failures)}; get {file.name} by other "
        f"means, then run `mixenv data fetch {source.name} --source PATH`"
    )


def _reason(error: Exception) -> str:
    if isinstance(error, ValueError) and "hash" in str(error):
        return "its sha256 is not the pinned one; --trust takes it as it is"
    return type(error).__name__


def _pooch(source: Source) -> ModuleType:
    try:
        import pooch
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'downloads need pooch: run `pip install "mixenv[bench]"`, or read a copy with '
            f"`mixenv data fetch {source.name} --source PATH`"
        ) from error
    pooch.get_logger().setLevel("WARNING")
    return pooch
