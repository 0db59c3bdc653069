"""Two Dask workers on this machine give the numbers of one process and of two."""

import numpy as np
import pytest

from benchmarks import cluster as module
from benchmarks import command
from benchmarks.cell import cells
from benchmarks.cluster import about, apart, cluster, end_workers
from benchmarks.law import Law
from benchmarks.record import same
from benchmarks.runner import plan, run
from benchmarks.store import Store
from benchmarks.suites import SUITES
from benchmarks.workers import processes

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def address():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
        host="127.0.0.1", silence_logs=50,
    ) as local:  # fmt: skip
        yield local.scheduler_address


def played(path, todo, executor):
    with Store(path) as store:
        for cell in todo:
            store.add_law(cell.task_key, Law(1, {}))
        run(store, plan(store, todo), store.begin({}), executor, lambda _: None)
        assert [text for _, text in store.failures(todo)] == []
        return store.records(todo)


@pytest.mark.timeout(600)  # five processes compile the model-based agent
def test_one_process_two_and_a_cluster_give_identical_records(tmp_path, suite, address):
    suite = suite.choose(agents=["random", "hyperband", "mfms-gp"], seeds=2, budget=1.5)
    todo = cells(suite)[:5]  # one of the model-based agent's
    with processes(1) as one:
        expected = played(tmp_path / "one.sqlite", todo, one)
    with processes(2) as two:
        second = played(tmp_path / "two.sqlite", todo, two)
    with cluster(address) as dask:
        third = played(tmp_path / "dask.sqlite", todo, dask)
    assert len(expected) == len(second) == len(third) == len(todo) == 5
    for records in (second, third):
        assert all(map(same, expected, records))
    assert any(len(record.predicted_at) for record in expected)
    assert np.mean([record.cpu_seconds for record in third]) > 0


def test_the_command_plays_on_a_cluster(tmp_path, capsys, address):
    choices = {"tasks": ["mean_loss"], "agents": ["random"], "seeds": 2, "budget": 1.0}
    with Store(tmp_path / "bench.sqlite") as store:  # with a law, which takes a while
        todo = cells(SUITES["quick"].choose(**choices))
        store.add_law(todo[0].task_key, Law(100, {"0.5": 50, "0.25": 20, "0.1": 10}))
    arguments = ["--tasks", "mean_loss", "--agents", "random", "--seeds", "2", "--budget", "1"]
    with pytest.raises(SystemExit) as ended:
        command.main(["bench", *arguments, "--scheduler", address, "--results", str(tmp_path)])
    assert ended.value.code == 0
    assert "Regret at a cost" in capsys.readouterr().out
    with Store(tmp_path / "bench.sqlite") as store:
        assert len(store.records(todo)) == 2


def test_a_scheduler_that_is_not_there_is_a_mistake(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT", 0.5)
    arguments = ["bench", "--agents", "random", "--results", str(tmp_path)]
    with pytest.raises(SystemExit) as ended:
        command.main([*arguments, "--scheduler", "tcp://127.0.0.1:1"])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("mixenv: --scheduler: expected a Dask scheduler, got none at tcp://127")


def test_a_cluster_of_none(monkeypatch):
    with pytest.raises(OSError, match=r"--scheduler: expected a Dask scheduler, got none at tcp:"):
        cluster("tcp://127.0.0.1:1", timeout=0.5).__enter__()
    with pytest.raises(OSError, match=r"got none at nonsense:.*; start one with `dask scheduler`"):
        cluster("nonsense://x", timeout=0.5).__enter__()
    monkeypatch.setattr(module, "import_module", lambda _: __import__("no_such_distributed"))
    with pytest.raises(ImportError, match=r'needs distributed: pip install "mixenv\[dask\]"'):
        cluster("tcp://127.0.0.1:1").__enter__()


def test_workers_of_another_mixenv_or_none_at_all(monkeypatch, address):
    monkeypatch.setattr(module, "about", lambda: ("other", 0))
    monkeypatch.setattr(module, "_versions", lambda _: {"tcp://w": about()})
    with pytest.raises(ValueError, match=r"on every worker, got \('.*\) on tcp://w; install the"):
        cluster(address).__enter__()
    monkeypatch.setattr(module, "_versions", lambda _: {})
    with pytest.raises(ValueError, match=r"--scheduler: expected workers at tcp:.*, got none; sta"):
        cluster(address).__enter__()


def test_processes_of_a_dask_worker_end_with_the_run():
    try:
        first = apart(None, about, (), {})
        assert first == about()
        kept = module._crew
        end_workers()
        (worker,) = kept._workers
        assert worker._process.wait(5) != 0
        assert module._crew is not kept
    finally:
        kept.close()
