"""`Block`: the last experiments of many episodes in one piece of memory."""

from __future__ import annotations

import pickle

import numpy as np

from mixenv.batch.block import Block

WIDTHS = (3, 1, 4)


def filled(n, start=1.0):
    """Arrays [n, width] of different numbers."""
    sizes = [n * w for w in WIDTHS]
    numbers = np.arange(start, start + sum(sizes), dtype=np.float32)
    return [part.reshape(n, -1) for part in np.split(numbers, np.cumsum(sizes)[:-1])]


def test_what_is_written_is_read_and_the_rest_is_kept():
    block, first, second = Block.zeros(5, WIDTHS), filled(5), filled(5, 100.0)
    assert [a.shape for a in block.arrays] == [(5, w) for w in WIDTHS]
    assert all((a == 0).all() for a in block.arrays)
    block.write(first, np.ones(5, dtype=bool))
    done = np.array([True, False, True, True, False])
    block.write(second, done)
    for now, old, new in zip(block.arrays, first, second, strict=True):
        np.testing.assert_array_equal(now[done], new[done])
        np.testing.assert_array_equal(now[~done], old[~done])
    block.clear(np.array([0, 4]))
    for now, new in zip(block.arrays, second, strict=True):
        np.testing.assert_array_equal(now[[0, 4]], 0)
        np.testing.assert_array_equal(now[2:4], new[2:4])


def test_copies_are_contiguous_and_nobody_elses():
    block = Block.zeros(4, WIDTHS)
    block.write(filled(4), np.ones(4, dtype=bool))
    copies = block.copies()
    assert all(c.flags["C_CONTIGUOUS"] and c.flags["WRITEABLE"] for c in copies)
    for copy in copies:
        copy[...] = -1
    for ours, expected in zip(block.arrays, filled(4), strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_it_pickles():
    block = Block.zeros(2, WIDTHS)
    block.write(filled(2), np.ones(2, dtype=bool))
    copied = pickle.loads(pickle.dumps(block))
    copied.clear(np.array([0]))
    np.testing.assert_array_equal(copied.arrays[0], [[0, 0, 0], filled(2)[0][1]])
    np.testing.assert_array_equal(block.arrays[0], filled(2)[0])
