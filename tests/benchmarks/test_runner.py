"""The runner: only what is missing is played; executors, order and a kill change nothing."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.cell import cells
from benchmarks.law import Law
from benchmarks.record import WALL_CLOCK
from benchmarks.runner import plan, run
from benchmarks.store import Store
from benchmarks.worker import SINGLE_THREAD
from benchmarks.workers import available, processes


class Stop(Exception):
    """Ends a run as Ctrl-C would."""


@pytest.fixture
def store(tmp_path, suite):
    with Store(tmp_path / "bench.sqlite") as store:
        store.add_law(cells(suite)[0].task_key, Law(100, {"0.5": 50, "0.25": 20, "0.1": 10}))
        yield store


def play_all(store, todo, executor, stop_after=10**6):
    seen = []

    def tick(word):
        seen.append(word)
        if len(seen) == stop_after:
            raise Stop

    run(store, plan(store, todo), store.begin({}), executor, tick)
    return seen


def assert_same(one, two):
    assert len(one) == len(two)
    for a, b in zip(one, two, strict=True):
        for name, value in vars(a).items():
            if name not in WALL_CLOCK:
                np.testing.assert_array_equal(value, getattr(b, name), err_msg=name)


def test_a_stopped_run_goes_on_where_it_was(tmp_path, store, suite, inline):
    todo = cells(suite)
    with pytest.raises(Stop):
        play_all(store, todo, inline, stop_after=2)
    assert len(store.records(todo)) == 2
    assert len(play_all(store, todo, inline)) == len(todo) - 2
    assert play_all(store, todo, inline) == []
    with Store(tmp_path / "undisturbed.sqlite") as other:
        other.add_law(todo[0].task_key, Law(1, {}))
        play_all(other, todo, inline)
        assert_same(store.records(todo), other.records(todo))


def test_processes_give_the_same_numbers(tmp_path, store, suite, inline):
    todo = cells(suite)
    play_all(store, todo, inline)
    before = dict(os.environ)
    with Store(tmp_path / "processes.sqlite") as other, processes(2) as pool:
        other.add_law(todo[0].task_key, Law(1, {}))
        seen = play_all(other, todo, pool)
        assert_same(store.records(todo), other.records(todo))
        children = {name: pool.submit(os.getenv, name).result() for name in SINGLE_THREAD}
    assert sorted(seen) == sorted(f"mean_loss {c.agent} {c.seed}" for c in todo)
    assert children == SINGLE_THREAD
    assert SINGLE_THREAD["OMP_NUM_THREADS"] == SINGLE_THREAD["NPROC"] == "1"
    assert dict(os.environ) == before
    assert available() >= 1


def test_a_failure_is_recorded_and_the_rest_goes_on(store, suite, inline):
    todo = cells(suite.choose(agents=["random", "nobody:Nobody"]))
    words = play_all(store, todo, inline)
    assert sum(word.endswith(" failed") for word in words) == 3
    assert len(store.records(todo)) == 3
    assert all("got 'nobody'" in text for _, text in store.failures(todo))
    assert len(plan(store, todo)) == 0
    assert len(plan(store, todo, retry=True)) == 3


def test_the_law_of_each_task_is_due_once(tmp_path, suite, inline, monkeypatch):
    """Tasks that share a surface, region and target take one pass together."""
    passes = []

    def here(specs):
        passes.append([spec.label for spec in specs])
        return [Law(i, {"0.5": 1}) for i in range(len(specs))]

    monkeypatch.setattr("benchmarks.runner.laws_of", here)
    (one,) = suite.tasks
    others = {"other": {"metric": "book"}, "whole": {"max_share": 1.0}}
    more = [replace(one, label=k, options={**one.options, **v}) for k, v in others.items()]
    todo = cells(replace(suite, tasks=(one, *more)))
    with Store(tmp_path / "new.sqlite") as store:
        assert len(plan(store, todo)) == len(todo) + 2
        play_all(store, todo, inline)
        assert passes == [["mean_loss", "other"], ["whole"]]
        found = {cell.task.label: store.law(cell.task_key) for cell in todo}
        assert [law.draws for law in found.values() if law] == [0, 1, 0]
        assert not plan(store, todo)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_workers_follow_a_killed_parent(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(
        "import os, sys, time\n"
        "from benchmarks.workers import processes\n"
        "if __name__ == '__main__':\n"
        "    with processes(1) as pool:\n"
        "        print(pool.submit(os.getpid).result(), flush=True)\n"
        "        pool.submit(time.sleep, 60).result()\n"
    )
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        worker = int(parent.stdout.readline())
        parent.kill()
    for _ in range(100):
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.kill(worker, signal.SIGKILL)
    pytest.fail("the worker outlived its parent by 10 s")
