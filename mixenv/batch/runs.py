"""The runs that episodes have: a search for those at a site, or in a pool a place for each row."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mixenv.arrays import put
from mixenv.batch.site import Site

_WORDS = np.dtype([(name, np.int32) for name in ("episode", "count", "reached", "replicate")])
_SALT = np.uint32(0x9E3779B9)  # what the next episode adds; far from small numbers of rows


class Held(NamedTuple):
    """The runs [...] that an episode has at a site, in a `slot`: the next free one for none.

    `count` of them; the longest has `reached` a position of the ladder and is number `replicate`.
    """

    slot: Any
    count: Any
    reached: Any
    replicate: Any


class Runs(NamedTuple):
    """The runs of an episode in N slots, one for each mixture at a scale that has any.

    `low` [N, ...] is the first word of its identity; `book` [..., N, 4] holds the second, how many
    runs it has, and of the longest, which alone is ever resumed, its position on the ladder and
    its replicate number; all uint32. `used` [...] counts the slots taken: what the others hold
    means nothing. A search reads `low`, slots first, in long rows; `book` keeps what one episode
    writes together, in the cache.

    In NumPy a `salt` [n] of the episode is added to `low`: where an agent asks the same in the next
    episode, what the last one left behind would match at nearly every step.
    """

    low: Any
    book: Any
    used: Any
    salt: Any = None

    @classmethod
    def none(cls, lead: tuple[int, ...], most: int, xp: Any) -> Runs:
        """Empty slots of episodes [...], as many as `most`."""
        low, book = xp.zeros((most, *lead), np.uint32), xp.zeros((*lead, most, 4), np.uint32)
        salt = np.zeros(lead, np.uint32) if xp is np else None
        return cls(low, book, xp.zeros(lead, np.int32), salt)

    def find(self, site: Site, xp: Any) -> Held:
        """What the slots hold of sites [...]: at most one slot is a site's."""
        return self._find(site) if xp is np else self._find_dense(site)

    def _find(self, site: Site) -> Held:
        """Of episodes [n] in NumPy: it looks at slots in use and at the few that match."""
        n, slots = self.book.shape[:2]
        slot, told = self.used.copy(), np.zeros((3, n), np.int32)
        names, live = site.low + self.salt, int(self.used.max())
        spot = (self.low[:live] == names).ravel().nonzero()[0]
        if len(spot):
            at, row = spot // n, spot % n
            book = self.book.reshape(-1, 4).take(row * slots + at, axis=0)
            same = (book[:, 0] == site.high.take(row)) & (at < self.used.take(row))
            if not same.all():
                at, row, book = at[same], row[same], book[same]
            slot[row], told[:, row] = at, book[:, 1:].T
        return Held(slot, *told)

    def _find_dense(self, site: Site) -> Held:
        """Of one episode."""
        same = (self.low == site.low) & (self.book[:, 0] == site.high)
        same &= np.arange(len(self.low), dtype=np.int32) < self.used
        told = (same[:, None] * self.book).sum(axis=0, dtype=np.uint32).astype(np.int32)
        slot, found = same.argmax().astype(np.int32), same.any()
        slot = found * slot + ~found * self.used
        return Held(slot, *(told[i] for i in (1, 2, 3)))

    def write(self, site: Site, old: Held, new: Held, xp: Any) -> Runs:
        """The runs with `new` in the slots [...] of `old` (NumPy: written in place)."""
        told, slot = (site.high, new.count, new.reached, new.replicate), new.slot
        used = self.used + ((new.count > 0) & (old.count == 0))
        if xp is not np:
            book = xp.stack([t.astype(np.uint32) for t in told], axis=-1)
            return Runs(put(self.low, slot, site.low), put(self.book, slot, book), used)
        n, slots = self.book.shape[:2]
        book, row = np.empty((n, 4), np.uint32), np.arange(n)
        for column, words in zip(book.T, told, strict=True):
            column[...] = words
        self.low.reshape(-1)[slot * n + row] = site.low + self.salt  # one index is quicker than two
        _bytes(self.book)[row * slots + slot] = _bytes(book)
        return Runs(self.low, self.book, used, self.salt)

    def forget(self, which: np.ndarray) -> None:
        """NumPy only, in place: the episodes `which` have none."""
        self.used[which] = 0
        self.salt[which] += _SALT


class Recorded(NamedTuple):
    """The same of episodes [n] of a pool of R runs, where a site's row is its slot. NumPy only.

    `book` [n, R] tells of each row the number of the `episode` [n] that wrote it last, and what
    `Held` does: what another episode wrote means nothing.
    """

    book: np.ndarray
    episode: np.ndarray

    @classmethod
    def none(cls, n: int, rows: int) -> Recorded:
        """No runs of n episodes."""
        return cls(np.zeros((n, rows), _WORDS), np.ones(n, np.int32))

    def find(self, site: Site, _xp: Any) -> Held:
        """What the book holds of sites [n], in slots of the flat book."""
        n, rows = self.book.shape
        slot = np.arange(0, n * rows, rows) + site.row
        told = self.book.reshape(-1).take(slot).view(np.int32).reshape(n, 4).T.copy()
        return Held(slot, *(told[1:] * (told[0] == self.episode)))

    def write(self, _site: Site, _old: Held, new: Held, _xp: Any) -> Recorded:
        """The runs with `new`, written in place."""
        told = np.empty(len(self.book), _WORDS)
        told["episode"], told["count"] = self.episode, new.count
        told["reached"], told["replicate"] = new.reached, new.replicate
        self.book.reshape(-1)[new.slot] = told
        return self

    def forget(self, which: np.ndarray) -> None:
        """In place: the episodes `which` have none."""
        self.episode[which] += 1


def _bytes(book: np.ndarray) -> np.ndarray:
    """Entries of four words, flat, as plain bytes: they move sooner than rows of words do."""
    return book.reshape(-1).view("V16")
