"""The commands `mixenv data …`: what they print, and their exit codes."""

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from benchmarks import data as command
from mixenv.runs import cache, catalogue, read_table

FIXTURE = Path(__file__).parent / "fixtures" / "data_mixing_runs_pandas_2_2.pkl"


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MIXENV_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "600")


def run(*arguments):
    return CliRunner().invoke(command.data, [str(argument) for argument in arguments])


def mistake(*arguments):
    """The one line a mistaken command prints."""
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.output
    assert lines[0].startswith("Error: ")
    return lines[0]


@pytest.mark.parametrize("words", [(), ("list",), ("fetch",), ("verify",)])
def test_every_command_has_help(words):
    done = run(*words, "--help")
    assert done.exit_code == 0
    assert "Usage:" in done.output


def test_list_shows_every_source_and_where_it_is(tmp_path):
    before = run("list").output
    for name, found in catalogue.catalogue().items():
        assert name in before
        assert found.licence in before
    assert before.count("not fetched") == 5
    run("fetch", "slimpajama-472", "--source", FIXTURE, "--trust")
    after = run("list").output
    assert after.count("not fetched") == 4
    assert str(cache.cache_dir() / "slimpajama-472") in after


def test_fetch_reads_the_table_once():
    done = run("fetch", "slimpajama-472", "--source", FIXTURE, "--trust")
    assert done.exit_code == 0, done.output
    assert "7 runs, 12 rows, 11 metrics" in done.output
    assert read_table("slimpajama-472").length.tolist() == [300, 300, 19_500, 0, 0, 0, 1234]
    assert (cache.cache_dir() / "slimpajama-472" / "data_mixing_runs.npz").exists()


def test_mistakes_are_one_line_and_exit_code_2(tmp_path):
    assert "expected a source among slimpajama-472" in mistake("fetch", "pile")
    assert "expected sha256" in mistake("fetch", "slimpajama-472", "--source", FIXTURE)
    assert "got no such file" in mistake("fetch", "regmix", "--source", tmp_path)
    assert "run `mixenv data fetch admire`" in mistake("verify", "admire")


def test_a_failed_download_is_one_line(monkeypatch):
    monkeypatch.setattr(catalogue, "_RAW", "http://127.0.0.1:9/{commit}/{path}")
    line = mistake("fetch", "slimpajama-472")
    assert "37269969a0957448d51622e0c083977bc5d260e8/results/data_mixing_runs.pkl" in line
    assert "`mixenv data fetch slimpajama-472 --source PATH`" in line


def test_trust_does_not_admit_a_global_and_allow_does(tmp_path):
    path = tmp_path / "data_mixing_runs.pkl"
    pd.read_pickle(FIXTURE).assign(extra=[Path("x")] * 7).to_pickle(path)
    fetch = ("fetch", "slimpajama-472", "--source", path, "--trust")
    assert "--allow pathlib.PosixPath" in mistake(*fetch)
    done = run(*fetch, "--allow", "pathlib.PosixPath")
    assert done.exit_code == 0, done.output


def test_verify_says_which_check_fails():
    run("fetch", "slimpajama-472", "--source", FIXTURE, "--trust")
    done = run("verify", "slimpajama-472")
    assert done.exit_code == 1
    assert "sha256 of data_mixing_runs.pkl" in done.output
    assert "NO" in done.output
    assert "runs at 1B" not in done.output  # a file of another hash is not read


def test_verify_prints_the_checks_and_the_agreement(monkeypatch, toy):
    monkeypatch.setattr("mixenv.surfaces.load_surface", lambda name: toy)
    run("fetch", "slimpajama-472", "--source", FIXTURE, "--trust")
    done = run("verify", "slimpajama-472", "--trust")
    assert done.exit_code == 1
    assert "runs at 1B ending at 19500 steps" in done.output
    assert "surrogate against the rows" in done.output
    assert "residual sd (1 final rows)" in done.output


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("published-simulator", "12 arrays"),
        ("regmix", "1088 runs, 1088 rows, 13 metrics"),
        ("admire", "admire_ift_runs.csv"),
    ],
)
def test_fetch_and_verify_the_reference_copies(name, line, reference):
    done = run("fetch", name, "--source", reference)
    assert done.exit_code == 0, done.output
    assert line in done.output
    verified = run("verify", name)
    assert verified.exit_code == 0
    assert "ok" in verified.output
