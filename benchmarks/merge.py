"""Stores made apart, in one: a cell is there once, and never by chance."""

from __future__ import annotations

from dataclasses import dataclass, replace

from benchmarks.record import decode, same
from benchmarks.store import Entry, Store


@dataclass(frozen=True)
class Merged:
    """How many cells came, took the place of a failure, and were there already."""

    added: int
    replaced: int
    known: int


def merge(store: Store, other: Store) -> Merged:
    """Copy what `other` holds and `store` lacks, all or nothing.

    A failure never takes a record's place, a record takes a failure's. Raises ValueError naming a
    cell, or a law, of which the two hold different numbers.
    """
    ours = {entry.key: entry for entry in store.entries()}
    theirs = other.entries()
    _check_laws(store, other)
    for entry in theirs:
        _check(store, other, ours.get(entry.key), entry)
    fresh = [e for e in theirs if e.key not in ours]
    better = [e for e in theirs if e.key in ours and ours[e.key].failure and not e.failure]
    _copy(store, other, [*fresh, *better])
    return Merged(len(fresh), len(better), len(theirs) - len(fresh) - len(better))


def _check(store: Store, other: Store, ours: Entry | None, theirs: Entry) -> None:
    if ours is None or ours.failure or theirs.failure:
        return
    one, two = store.blob(ours.key), other.blob(theirs.key)
    if one == two or same(decode(one or b""), decode(two or b"")):
        return
    raise ValueError(
        f"merge: expected equal records of {theirs.name}, got different ones in {store.path} and "
        f"{other.path}; remove one with `mixenv results rm`"
    )


def _check_laws(store: Store, other: Store) -> None:
    ours = store.laws()
    for key, law in other.laws().items():
        if ours.get(key, law) != law:
            raise ValueError(
                f"merge: expected equal laws of task {key[:12]}, got different ones in "
                f"{store.path} and {other.path}; merge neither"
            )


def _copy(store: Store, other: Store, entries: list[Entry]) -> None:
    numbers = {n: store.begin(other.manifest(n)) for n in sorted({e.manifest for e in entries})}
    store.copy((replace(e, manifest=numbers[e.manifest]), other.blob(e.key)) for e in entries)
    known = store.laws()
    for key, law in other.laws().items():
        if key not in known:
            store.add_law(key, law)
