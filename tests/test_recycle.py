"""Copies in recycled memory: nobody who holds one sees it change."""

from __future__ import annotations

import pickle

import numpy as np

from mixenv.recycle import Recycler


def arrays(value):
    return {"a": np.full((4, 3), value), "b": np.full(5, value, np.float32)}


def test_copies_that_are_held_do_not_change():
    recycler = Recycler()
    held = [recycler.copy(arrays(i)) for i in range(5)]
    for i, copies in enumerate(held):
        assert (copies["a"] == i).all()
        assert (copies["b"] == i).all()
        assert copies["b"].dtype == np.float32


def test_a_view_holds_the_memory_too():
    recycler = Recycler()
    view = recycler.copy(arrays(1))["a"][1:]
    buffer = memoryview(recycler.copy(arrays(2))["b"])
    for i in range(3, 9):
        recycler.copy(arrays(i))
    assert (view == 1).all()
    assert np.asarray(buffer).tolist() == [2] * 5


def test_what_nobody_holds_is_used_again():
    recycler = Recycler()
    places = {recycler.copy(arrays(i))["a"].ctypes.data for i in range(9)}
    assert len(places) == 1
    kept, last = set(), None
    for i in range(9):  # as a loop does that holds one observation while it asks for the next
        last = recycler.copy(arrays(i))
        kept.add(last["a"].ctypes.data)
    assert len(kept) == 2


def test_dicts_are_new_and_pickles_are_empty():
    recycler = Recycler()
    first = recycler.copy(arrays(1))
    first["c"] = first.pop("a")
    assert set(recycler.copy(arrays(2))) == {"a", "b"}
    assert len(pickle.dumps(recycler)) < 100
    again = pickle.loads(pickle.dumps(recycler))
    assert (again.copy(arrays(3))["a"] == 3).all()
