"""Tables of recorded runs, by name: fetched files in, `RunTable`s out."""

from __future__ import annotations

from pathlib import Path

from mixenv.runs.admire import read_admire
from mixenv.runs.catalogue import source as _find_source
from mixenv.runs.fetch import locate
from mixenv.runs.regmix import read_regmix
from mixenv.runs.slimpajama import load_slimpajama
from mixenv.runs.slimpajama7 import read_slimpajama7
from mixenv.runs.table import RunTable

__all__ = ["READABLE", "RunTable", "read_table"]

# The sources that `read_table` reads, of those that `mixenv data fetch` knows.
READABLE = ("slimpajama-472", "slimpajama-7", "regmix", "admire")


def read_table(
    name: str,
    source: str | Path | None = None,
    trust: bool = False,
    allow: tuple[str, ...] = (),
) -> RunTable:
    """The run table of a source: from the cache, or from a local copy in `source`.

    `trust` takes a local copy whatever its sha256; `allow` admits globals ("module.name") to the
    reading of a pickle. Raises FileNotFoundError naming the command that fetches missing files,
    ValueError for a name that is not `READABLE` and for files of another schema.
    """
    if name not in READABLE:
        _find_source(name)
        raise ValueError(f"expected a run table among {', '.join(READABLE)}, got {name!r}")
    paths = locate(name, source, trust)
    if name == "slimpajama-472":
        return load_slimpajama(paths[0], allow)
    if name == "regmix":
        return read_regmix(paths)
    return read_admire(paths[0]) if name == "admire" else read_slimpajama7(paths[0])
