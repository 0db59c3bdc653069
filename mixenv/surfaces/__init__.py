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
    `mixenv.replica`); "synthetic:KIND:DOMAINS:INSTANCE" is a formula with a known optimum, such as
    "synthetic:deceptive:5:0"; "fitted:FILE" is a surface that `FittedSurface.save` wrote. Raises
    ValueError for another name, FileNotFoundError naming the command to run where a file is
    missing.
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
    if is_synthetic(name):
        from mixenv.surfaces.synthetic_maker import make_synthetic

        return make_synthetic(name)
    raise ValueError(
        f"surface: expected one of {', '.join(NAMES)}, synthetic:KIND:DOMAINS:INSTANCE, "
        f"fitted:FILE, got {name!r}"
    )


def is_synthetic(name: str) -> bool:
    """Whether the name is that of a synthetic surface, from which it can be made again."""
    return name.partition(":")[0] == "synthetic"


__all__ = ["NAMES", "RecordedSurface", "Surface", "is_synthetic", "load_surface"]
