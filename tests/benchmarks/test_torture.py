"""Runs killed with signal 9 end, when run again, as if nothing had happened."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import torture
from benchmarks.store import Store
from benchmarks.torture import Moment, difference, main, planned, play, suite, trial, workers

CELLS = 120  # enough that a quick machine is not done before it is stopped
# What a shell starts in the background ignores Ctrl-C, and so would all that it starts.
HEED_CTRL_C = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, "-m", "benchmarks.torture", *sys.argv[1:]])
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux's /proc")


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    path = tmp_path_factory.mktemp("torture") / "undisturbed.sqlite"
    play(path, planned(CELLS))
    return path


@pytest.mark.parametrize(
    ("moment", "worker"), [(Moment(1, 0.0), False), (Moment(12, 0.02), False), (Moment(3, 0), True)]
)
def test_a_killed_run_ends_as_an_undisturbed_one(tmp_path, expected, moment, worker):
    found = trial(tmp_path / "bench.sqlite", expected, planned(CELLS), moment, worker)
    assert found.wrong == ""
    assert found.kept >= moment.cells
    assert found.kept < CELLS or worker


def test_ctrl_c_ends_at_once_and_leaves_a_store_that_goes_on(tmp_path, expected):
    todo = planned(CELLS)
    for i in range(5):  # on a busy machine a run may end before it is stopped
        path = tmp_path / f"{i}.sqlite"
        if stopped(path):
            break
    else:
        pytest.fail("every run of five ended before its Ctrl-C")
    with Store(path) as store:
        assert store.failures(todo) == []
        assert 2 <= len(store.records(todo)) < CELLS
    play(path, todo)
    assert difference(path, expected, todo) == ""


def stopped(path):
    """Play the cells, Ctrl-C after two; whether that ended the run."""
    words = [sys.executable, "-c", HEED_CTRL_C, "--cells", str(CELLS), "--play", str(path)]
    process = subprocess.Popen(words, start_new_session=True)
    torture.wait(process, path, Moment(2, 0.0))
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: its workers, too
    return process.wait(60) != 0


def test_differences_are_found(tmp_path, expected, record):
    todo = planned(CELLS)
    assert difference(expected, expected, todo) == ""
    assert f"{CELLS} cells instead of {CELLS + 4}, or others" in difference(
        expected, expected, planned(CELLS + 4)
    )
    other = tmp_path / "other.sqlite"
    shutil.copy(expected, other)
    with Store(other) as store:
        store.add(todo[3], 1, record([1.0], [2.0, 1.0]))
    assert difference(other, expected, todo) == "another record"
    with Store(other) as store:
        store.add(todo[3], 1, None, "Traceback: no")
    assert difference(other, expected, todo) == "1 failed: Traceback: no"
    with Store(other) as store:
        store.remove(store.entries()[:1])
    assert difference(other, expected, todo).startswith(f"{CELLS - 1} cells instead of {CELLS}")


def test_the_command_says_how_many_were_equal(monkeypatch):
    found = [torture.Trial(7, ""), torture.Trial(0, ""), torture.Trial(24, "another record")]
    monkeypatch.setattr(torture, "torture", lambda *_: found)
    done = CliRunner().invoke(main, ["--kills", "2", "--workers", "1", "--cells", "24"])
    assert done.exit_code == 1
    assert done.output == "2 of 3 equal; 1 runners killed amid cells\n"


def test_it_has_as_many_cells_as_asked():
    assert len(planned(200)) == 200
    assert len(planned(201)) == 204
    assert suite(200).seeds == 50
    assert workers(2**22 + 1) == []  # above Linux's largest process number


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_fifty_kills():
    assert CliRunner().invoke(main, []).exit_code == 0
