"""The page: sections in one HTML file that needs nothing else, from a template that escapes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.html.bundle import bundle, licence, packed
from benchmarks.html.parts import Figure, Group, Key, Part, Plot, Section
from benchmarks.html.sorting import numeric_columns, sort_value

_HERE = Path(__file__).parent


def page(title: str, lead: str, provenance: str, sections: Sequence[Section], foot: str) -> str:
    """The file's text. Whatever comes from records is escaped on its way in."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    numbers = {id(plot): n for n, plot in enumerate(_plots(sections))}
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.globals |= {
        "sort_value": sort_value, "numeric_columns": numeric_columns, "dashes": _dashes,
        "number": lambda plot: numbers[id(plot)],
    }  # fmt: skip
    template = environment.from_string(_read("page.html"))
    return template.render(
        title=title, lead=lead, provenance=provenance, sections=sections, foot=foot,
        css=Markup(_read("page.css")), js=Markup(_read("page.js")), licence=Markup(licence()),
        bundle=Markup(bundle()), figures=Markup(_figures(sections)),
    )  # fmt: skip


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _figures(sections: Sequence[Section]) -> str:
    """Every plot by its element's id, as deflated JSON."""
    plots = {
        f"plot-{n}": {"data": plot.traces, "layout": plot.layout}
        for n, plot in enumerate(_plots(sections))
    }
    return packed(json.dumps(plots, separators=(",", ":"), allow_nan=False).encode())


def _plots(sections: Sequence[Section]) -> Iterator[Plot]:
    for section in sections:
        for part in section.parts:
            yield from _inside(part)


def _inside(part: Part) -> Iterator[Plot]:
    if isinstance(part, Figure):
        yield from part.plots
    elif isinstance(part, Group):
        for inner in part.parts:
            yield from _inside(inner)


def _dashes(key: Key) -> str:
    return " ".join(f"{2.2 * length:.3g}" for length in key.dash or ())
