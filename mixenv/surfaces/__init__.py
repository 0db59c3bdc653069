"""Surfaces: the mean outcome of a training run, by name."""

from __future__ import annotations

from mixenv.surfaces.protocol import RecordedSurface, Surface

NAMES = (
    "surrogate", "published", "rows:regmix", "rows:slimpajama-472", "rows:slimpajama-7",
    "rows:admire", "rows:replica",
)  # fmt: skip


def load_surface(name: str, source: str | None = None) -> Surface:
    """The surface called `name`.

    "surrogate" ships with the package; "published" is the authors' simulator, from the checkpoint
    file `source` or the download cache; "rows:TABLE" answers from the recorded runs of a table
    that `mixenv data list` names, from `source` or the cache ("rows:replica": synthetic runs, see
    `mixenv.replica`); "fitted:FILE" is a surface that `FittedSurface.save` wrote. Raises ValueError
    for another name, FileNotFoundError naming the command to run where a file is missing.
    """
    from mixenv.surfaces import slimpajama  # surfaces are loaded when first asked for

    if name == "surrogate":
        return slimpajama.surrogate()
    if name == "published":
        from mixenv.runs.fetch import locate

        return slimpajama.published(str(locate("published-simulator", source)[0]))
    if name.startswith("rows:") and name in NAMES:
        from mixenv.surfaces.rows import rows_surface

        return rows_surface(name.removeprefix("rows:"), source)
    if name.startswith("fitted:"):
        from mixenv.surfaces.fitted import FittedSurface

        return FittedSurface.load(name.removeprefix("fitted:"))
    raise ValueError(f"surface: expected one of {', '.join(NAMES)}, fitted:FILE, got {name!r}")


__all__ = ["NAMES", "RecordedSurface", "Surface", "load_surface"]
