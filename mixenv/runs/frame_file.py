"""A CSV or parquet file in, its columns as text out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from mixenv.runs.problems import Findings, Problem, TableError

Columns = dict[str, list[str]]  # cells by column, as text; "" where one is missing

_PARQUET = (".parquet", ".pq")


def read_columns(path: Path, findings: Findings) -> Columns:
    """The file's cells by column.

    `.parquet` and `.pq` are parquet, `.tsv` is separated by tabs, anything else by commas. Raises
    TableError for a file that does not read as a table or names a column twice, FileNotFoundError
    for none, ModuleNotFoundError for parquet without pyarrow.
    """
    if path.suffix.lower() in _PARQUET:
        return _named(_parquet(path), findings)
    try:
        cells = pd.read_csv(
            path, header=None, dtype=str, encoding="utf-8-sig",
            sep="\t" if path.suffix.lower() == ".tsv" else ",",
        )  # fmt: skip
    except ValueError as error:  # pandas' own errors and those of decoding are ValueErrors
        message = f"expected rows separated by commas, as many cells in each, got {error}"
        raise TableError(str(path), [Problem(None, None, " ".join(message.split()))]) from error
    header = [_text(name) for name in cells.iloc[0]]
    return _named(cells.iloc[1:].set_axis(header, axis=1), findings)


def _parquet(path: Path) -> pd.DataFrame:
    try:
        import pyarrow.parquet as parquet  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{path}: expected pyarrow, which reads parquet, got no such package; run "
            "`pip install 'mixenv[parquet]'` or write the table as CSV"
        ) from error
    with path.open("rb") as file:
        try:
            return parquet.read_table(file).to_pandas()
        except ValueError as error:  # pyarrow's errors of a file are ValueErrors
            message = f"expected a parquet file, got {error}"
            raise TableError(str(path), [Problem(None, None, " ".join(message.split()))]) from error


def _named(frame: pd.DataFrame, findings: Findings) -> Columns:
    """The columns that have a name; problems are raised at once."""
    names = [str(name) for name in frame.columns]
    for name in dict.fromkeys(name for name in names if name and names.count(name) > 1):
        findings.refuse("expected each column once, got two of that name", name, 0)
    if not any(names):
        findings.refuse("expected the names of columns, got none", row=0)
    if not len(frame):
        findings.refuse("expected at least one row below the header, got none")
    findings.check()
    cells = (frame.iloc[:, j].tolist() for j in range(len(names)))
    return {
        name: [_text(c) for c in column] for name, column in zip(names, cells, strict=True) if name
    }


def _text(cell: Any) -> str:
    missing = cell is None or cell is pd.NA or cell is pd.NaT or cell != cell
    return "" if missing else str(cell).strip()
