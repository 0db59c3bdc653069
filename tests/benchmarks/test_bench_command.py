"""The command line: what it writes, and that a mistake is one line and exit code 2."""

import json
import os
import subprocess
import sys
from concurrent.futures import CancelledError
from contextlib import contextmanager

import pytest

from benchmarks import command
from benchmarks.law import Law
from benchmarks.record import decode
from benchmarks.store import Store
from benchmarks.worker import WorkerDied, WorkerError

SMALL = ["--tasks", "mean_loss", "--budget", "1", "--seeds", "2", "--agents", "random,corners"]


def mistake(capsys, *arguments):
    """The one line a mistaken command prints."""
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.strip().splitlines()
    assert line.startswith("mixenv: ")
    return line


@pytest.fixture
def inside(monkeypatch, inline):
    """No processes and no million draws."""

    @contextmanager
    def here(jobs):
        yield inline

    monkeypatch.setattr("benchmarks.workers.processes", here)
    monkeypatch.setattr(
        "benchmarks.runner.laws_of",
        lambda specs: [Law(100, {"0.5": 50, "0.25": 20, "0.1": 0})] * len(specs),
    )


def test_a_suite_ends_in_tables_and_files(inside, tmp_path, capsys):
    for _ in range(2):  # the second time, from the store
        with pytest.raises(SystemExit) as ended:
            command.main(["bench", *SMALL, "--results", str(tmp_path)])
        assert ended.value.code == 0
        printed = capsys.readouterr().out
        assert "Regret at a cost" in printed
        assert "Speedups, 1 tasks" in printed
        assert "quick.md" in printed
    names = {path.name for path in tmp_path.iterdir()}
    assert {"bench.sqlite", "quick.md", "quick.png", "quick.svg"} <= names


def test_a_users_agent_joins(inside, tmp_path, capsys, monkeypatch):
    (tmp_path / "joined.py").write_text(
        "from agents.sampling import Random\nclass Mine(Random):\n    pass\n"
        "class Broken(Random):\n    def ask(self):\n        raise RuntimeError('my mistake')\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    with pytest.raises(SystemExit) as ended:
        command.main(["bench", *SMALL, "--agent", "joined:Mine", "--results", "out"])
    assert ended.value.code == 0
    assert "joined:Mine" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        command.main(["bench", *SMALL, "--agent", "joined:Broken", "--results", "out"])
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert "RuntimeError: my mistake" in said.out
    assert "mixenv: 2 of 6 cells failed; see the report, and play them" in said.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nope"], "No such command 'nope'"),
        (["bench", "--nope"], "No such option"),
        (
            ["bench", "--suite", "x"],
            "suite: expected one of quick, main, paper, noise, transfer, deceptive, heldout,",
        ),
        (["bench", "--tasks", "x"], "tasks: expected some of mean_loss, hellaswag"),
        (["bench", "--agents", "x"], "agent: expected one of uniform, proportional, random"),
        (["bench", "--agent", "random"], "agents: expected distinct names"),
        (["bench", "--agent", "no.such:Class"], "expected a module that can be imported"),
        (["bench", "--agent", "json:Class"], "expected a class 'Class' in json"),
        (["bench", "--task", "/none.json"], "none.json"),
        (["bench", "--source", "a", "--source", "b"], "--source: expected one PATH, and others"),
        (["bench", "--jobs", "2", "--scheduler", "tcp://x:1"], "--jobs: expected none with --sch"),
        (["bench", "--timeout", "0"], "0.0 is not in the range x>0"),
        (["bench", "--seeds", "0"], "0 is not in the range"),
        (["bench", "--budget", "-1"], "budget: expected target runs, more than 0, got -1"),
        (["bench", "--noise", "loud"], "noise: expected"),
        (["bench", "--surface", "x"], "surface: expected one of"),
        (["bench", "--surface", "published", "--source", "/none"], "expected"),
    ],
)
def test_mistakes(capsys, arguments, says):
    assert says in mistake(capsys, *arguments)


def test_a_store_that_is_none(capsys, tmp_path):
    (tmp_path / "bench.sqlite").write_text("not a database " * 100)
    assert "store: expected a file" in mistake(capsys, "bench", *SMALL, "--results", str(tmp_path))


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (WorkerDied("the worker process ended by signal 9"), "by signal 9; run the same command"),
        (CancelledError(), "the scheduler is gone; run the same command again to go on"),
        (WorkerError("Traceback\nValueError: no law"), "ValueError: no law; run the same"),
    ],
)
def test_a_run_that_cannot_go_on(inside, capsys, tmp_path, monkeypatch, error, says):
    def broken(*_, **__):
        raise error

    monkeypatch.setattr("benchmarks.runner.run", broken)
    with pytest.raises(SystemExit) as ended:
        command.main(["bench", *SMALL, "--results", str(tmp_path)])
    assert ended.value.code == 1
    assert says in capsys.readouterr().err


def test_a_group_of_agents(monkeypatch):
    from benchmarks.choices import choose
    from benchmarks.suites import BASELINES

    chosen = choose("quick", agents=["baselines", "mfms-gp"])
    assert chosen.agents == (*BASELINES, "mfms-gp")


def test_an_agent_whose_library_is_absent(capsys, monkeypatch):
    monkeypatch.setattr("agents.registry.find_spec", lambda name: None)
    line = mistake(capsys, "bench", "--agents", "random,smac")
    assert "agent smac: needs smac, which is not installed; install it, or choose others" in line


def test_a_users_task_joins(inside, tmp_path, capsys):
    import mixenv

    mine = mixenv.make_task("surrogate", metric="arxiv", max_share=0.5, budget=1.0)
    mine.save(tmp_path / "mine.json")
    arguments = ["--tasks", "mine", "--seeds", "1", "--agents", "random", "--results"]
    path = str(tmp_path / "mine.json")
    for budget in ([], ["--budget", "2"]):
        with pytest.raises(SystemExit) as ended:
            command.main(["bench", "--task", path, *arguments, str(tmp_path), *budget])
        assert ended.value.code == 0
        capsys.readouterr()
    with Store(tmp_path / "bench.sqlite") as store:
        rows = store._db.execute("SELECT task, record FROM cells").fetchall()
    assert [row[0] for row in rows] == ["mine", "mine"]
    assert sorted(decode(row[1]).budget for row in rows) == [1.0, 2.0]


def test_measured_rows_that_are_absent_are_all_named(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("MIXENV_CACHE", str(tmp_path))
    line = mistake(capsys, "bench", "--suite", "real")
    for name in ("regmix", "admire", "slimpajama-7"):
        assert f"mixenv data fetch {name}" in line
    assert "or say where it lies with --source NAME=PATH" in line


@pytest.mark.reference
def test_measured_rows_are_found_where_they_lie(reference):
    from benchmarks.cell import cells
    from benchmarks.choices import choose

    places = {"regmix": "regmix", "admire": "admire", "slimpajama-7": "dmsl"}
    sources = [f"{name}={reference / 'runs' / folder}" for name, folder in places.items()]
    found = cells(choose("real", agents=["random"], seeds=1, sources=sources))
    assert [cell.task.label for cell in found] == ["pile", "instruct", "slimpajama7"]


def test_ctrl_c_says_how_to_go_on(capsys, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("benchmarks.choices.choose", lambda *_, **__: stop())
    with pytest.raises(SystemExit) as ended:
        command.main(["bench"])
    assert ended.value.code == 130
    assert "run the same command again" in capsys.readouterr().err


def test_without_the_extra(capsys, monkeypatch):
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "rich" else object())
    assert mistake(capsys) == 'mixenv: needs rich: pip install "mixenv[bench]"'


@pytest.mark.parametrize("arguments", [["--help"], ["bench", "--help"], ["data", "--help"]])
def test_help(capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 0
    assert "Usage: mixenv" in capsys.readouterr().out


def test_nothing_asked_shows_the_menu(capsys):
    with pytest.raises(SystemExit) as ended:
        command.main([])
    assert ended.value.code == 2
    assert "bench" in capsys.readouterr().err


def test_where_it_was_raised(monkeypatch):
    monkeypatch.setenv("MIXENV_TRACEBACK", "1")
    with pytest.raises(Exception, match="No such command"):
        command.main(["nope"])


def test_the_menu_loads_no_model_library():
    code = (
        "import sys, json\nfrom benchmarks.command import main\n"
        "try:\n    main(['data', 'list'])\nexcept SystemExit as e:\n    pass\n"
        "print(json.dumps(sorted({'jax', 'matplotlib', 'agents'} & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_a_foreign_package_named_agents(tmp_path):
    package = tmp_path / "agents"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemError('foreign code ran')\n")
    code = "from benchmarks.command import main; main(['bench'])"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
    )
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("mixenv: agents: expected mixenv's own package, got ")
