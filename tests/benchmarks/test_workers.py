"""Workers: time limits that hold, deaths that cost one call, and pipes that carry calls whole."""

import io
import os
import signal
import sys
import threading
import time
from concurrent.futures import Future

import pytest

from benchmarks.alarm import TimedOut, alarm
from benchmarks.cell import cells
from benchmarks.frames import receive, send
from benchmarks.law import Law
from benchmarks.runner import plan, run
from benchmarks.store import Store
from benchmarks.worker import Worker, WorkerDied, WorkerError
from benchmarks.workers import Crew, processes

SLEEPY = """
import os, time
from agents.sampling import Random

class Sleepy(Random):
    def ask(self):
        time.sleep(600)

class Stuck(Random):
    def ask(self):
        while True:
            try:
                time.sleep(600)
            except BaseException:
                pass

class Exits(Random):
    def ask(self):
        raise SystemExit("bye")

class Killed(Random):
    def ask(self):
        with open(os.environ["DEATHS"], "a") as file:
            file.write("x")
        os.kill(os.getpid(), 9)

class KilledOnce(Random):
    def __init__(self, problem, seed):
        super().__init__(problem, seed)
        if not os.path.exists(os.environ["DEATHS"]):
            Killed.ask(self)
"""


@pytest.fixture
def joined(tmp_path, monkeypatch, suite):
    """Plays agents of a user's module, with others, and returns the store."""
    (tmp_path / "sleepy.py").write_text(SLEEPY)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("DEATHS", str(tmp_path / "deaths"))

    def play(*agents, timeout=None):
        todo = cells(suite.choose(agents=agents, seeds=1, budget=1.0))
        with Store(tmp_path / "bench.sqlite") as store, processes(1) as executor:
            for cell in todo:
                store.add_law(cell.task_key, Law(1, {}))
            run(
                store, plan(store, todo), store.begin({}), executor, lambda _: None, timeout=timeout
            )
            assert not store.missing(todo)
            assert len(store.records(todo)) == len(todo) - len(store.failures(todo))
            return {cell.agent: text for cell, text in store.failures(todo)}

    return play


def test_a_cell_that_takes_too_long_is_a_failure_that_says_where(joined):
    failed = joined("sleepy:Sleepy", timeout=2.0)
    assert list(failed) == ["sleepy:Sleepy"]
    assert failed["sleepy:Sleepy"].startswith("timed out after 2 s\nTraceback")
    assert "time.sleep(600)" in failed["sleepy:Sleepy"]


def test_one_that_does_not_stop_is_killed(joined, monkeypatch):
    monkeypatch.setattr("benchmarks.worker.GRACE", 0.5)
    failed = joined("sleepy:Stuck", timeout=1.0)
    assert failed == {
        "sleepy:Stuck": "timed out after 1 s: it did not stop, its process was killed"
    }


def test_a_worker_that_dies_is_tried_once_more(joined, tmp_path):
    failed = joined("sleepy:Killed", "sleepy:Exits", "random")
    assert (tmp_path / "deaths").read_text() == "xx"
    assert "the worker process ended by signal 9 (killed, or out of" in failed["sleepy:Killed"]
    assert failed["sleepy:Exits"].endswith("SystemExit: bye\n")
    assert len(failed) == 2


def test_a_cell_whose_worker_died_once_is_played(joined, tmp_path):
    assert joined("sleepy:KilledOnce") == {}
    assert (tmp_path / "deaths").read_text() == "x"


def test_what_is_printed_stays_out_of_the_pipe(capfd):
    with processes(1) as executor:
        assert executor.submit(print, "loud").result() is None
        assert executor.submit(os.write, 1, b"louder").result() == 6
        assert executor.submit(sys.stdin.fileno).exception() is not None
        with pytest.raises(WorkerError, match="ZeroDivisionError: "):
            executor.submit(divmod, 1, 0).result()
        assert executor.submit(divmod, 7, 2).result() == (3, 1)
    said = capfd.readouterr()
    assert said.out == ""
    assert "louder" in said.err


def test_leaving_kills_what_is_under_way():
    began = time.monotonic()
    with processes(2) as executor:
        pid = executor.submit(os.getpid).result()
        futures: list[Future] = [executor.submit(time.sleep, 60) for _ in range(4)]
        time.sleep(0.2)
    assert time.monotonic() - began < 30
    for future in futures:
        assert future.cancelled() or isinstance(future.exception(), WorkerDied)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_crew_that_was_stopped_asks_nobody():
    crew = Crew()
    crew.stop()
    with pytest.raises(WorkerDied, match="the run was stopped"):
        crew.call(None, divmod, (7, 2), {})


def test_a_worker_that_is_gone():
    worker = Worker()
    assert worker.call((divmod, (7, 2), {}), None) == (3, 1)
    os.kill(worker._process.pid, signal.SIGTERM)
    worker._process.wait()
    with pytest.raises(WorkerDied, match="ended by signal 15"):
        worker.call((divmod, (7, 2), {}), None)
    worker.close()


def test_frames():
    pipe = io.BytesIO()
    send(pipe, {"a": 1})
    send(pipe, [2])
    whole = pipe.getvalue()
    pipe.seek(0)
    assert [receive(pipe), receive(pipe)] == [{"a": 1}, [2]]
    for cut in (0, 3, len(whole) - 1):
        broken = io.BytesIO(whole[:cut])
        with pytest.raises(EOFError, match="frame: expected more bytes, got the end of the pipe"):
            receive(broken), receive(broken)


def test_an_alarm():
    def swallow():
        try:
            time.sleep(60)
        except Exception:
            pytest.fail("an agent's `except Exception` took the alarm")

    with pytest.raises(TimedOut), alarm(0.05):
        swallow()
    with alarm(60.0), alarm(None):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_an_alarm_outside_the_main_thread_does_nothing():
    def inside():
        with alarm(0.01):
            time.sleep(0.05)
            slept.append(True)

    slept: list[bool] = []
    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert slept == [True]
