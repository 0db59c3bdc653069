"""A table of text: columns, rows and notes; for a terminal (rich) or as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.table import Table as RichTable


@dataclass(frozen=True)
class Table:
    """A title, column heads, rows and notes; the first `words` columns hold words, not numbers."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    words: int = 1

    def rich(self) -> RichTable:
        """For a terminal."""
        table = RichTable(
            title=self.title,
            caption="\n".join(self.notes),
            box=box.SIMPLE_HEAD,
            title_justify="left",
            caption_justify="left",
            title_style="bold",
            caption_style="dim",
        )
        for i, column in enumerate(self.columns):
            word = i < self.words
            table.add_column(column, justify="left" if word else "right", no_wrap=word)
        shown: Sequence[str] = ()
        for row in self.rows:
            if self.words > 1 and shown and row[0] != shown[0]:
                table.add_section()
            table.add_row(*row)
            shown = row
        return table

    def markdown(self) -> str:
        """As Markdown."""
        rule = [":---" if i < self.words else "---:" for i in range(len(self.columns))]
        lines = "\n".join(f"| {' | '.join(row)} |" for row in (self.columns, rule, *self.rows))
        return "\n\n".join([f"### {self.title}", lines, *self.notes])
