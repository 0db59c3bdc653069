"""Task files: what is saved is loaded, and a field that does not fit is named."""

from __future__ import annotations

import json
from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest

import mixenv
from mixenv import load_task, make_task

CSV = "weight_web,weight_code,scale,step,web_loss\n.3,.7,70M,10,3\n.5,.5,70M,10,2\n.4,.6,1B,10,1\n"


def same(a, b):
    assert a.surface.fingerprint == b.surface.fingerprint
    names = (
        "metric", "scales", "steps", "target", "max_share", "budget", "noise", "cost_weight",
        "standardise", "resume", "strict",
    )  # fmt: skip
    assert {n: getattr(a, n) for n in names} == {n: getattr(b, n) for n in names}


def test_a_named_surface(tmp_path):
    task = make_task(
        "surrogate", metric={"c4": 1.0, "piqa": 0.5}, max_share=0.4, budget=3.0, noise="0.5sd",
        cost_weight=0.1, target=("300M", 9_000), scales=["20M", "300M"], steps=[100, 9_000],
        standardise=True, resume=False,
    )  # fmt: skip
    task.save(tmp_path / "task.json")
    same(load_task(tmp_path / "task.json"), task)
    assert json.loads((tmp_path / "task.json").read_text())["target"] == ["300M", 9000]


def test_recorded_runs_go_beside_it(tmp_path, recorded):
    task = make_task(recorded, metric="web", strict=True)
    task.save(tmp_path / "task.json")
    assert (tmp_path / "task.runs.npz").exists()
    same(load_task(tmp_path / "task.json"), task)


def test_a_scale_without_a_short_label_stays_a_number(tmp_path, recorded):
    odd = replace(recorded, scale=np.where(recorded.scale == 1e9, 1_234_567_890.0, 1e6))
    make_task(odd, metric="web").save(tmp_path / "t.json")
    assert load_task(tmp_path / "t.json").scales == (1e6, 1_234_567_890.0)


def write(path, **fields):
    path.write_text(json.dumps({"format": "mixenv task 1"} | fields))
    return path


def test_a_person_may_name_a_table_and_how_to_read_it(tmp_path):
    (tmp_path / "mine.csv").write_text(CSV.replace("step", "len"))
    surface = {"table": "mine.csv", "read": {"steps": "len"}}
    path = write(tmp_path / "t.json", surface=surface, metric="web", target="1B")
    task = load_task(path)
    assert task.surface.name == "rows:mine"
    assert task.target == (1e9, 10)


def test_the_environment_takes_a_file(tmp_path):
    (tmp_path / "mine.csv").write_text(CSV)
    path = write(tmp_path / "t.json", surface={"table": "mine.csv"}, metric="web", budget=2.0)
    for task in (str(path), path):
        env = gym.make("DataMixture-v0", task=task)
        assert env.unwrapped.task.budget == 2.0  # pyright: ignore[reportAttributeAccessIssue]
        env.reset(seed=1)
        assert env.step(env.action_space.sample())[4]["provenance"] == "measured"


@pytest.mark.parametrize(("fields", "message"), [
    ({"format": "other"}, r"t\.json: format: expected 'mixenv task 1', got 'other'"),
    ({"surface": {"name": "surrogate"}, "metrics": 1}, "metrics: expected a field among format,"),
    ({}, r"surface: expected one of name, table, fitted, got None"),
    ({"surface": {"name": "surrogate", "table": "x"}}, "surface: expected one of name, table, fit"),
    ({"surface": {"name": "nothing"}}, r"t\.json: surface: expected one of surrogate, .*'nothing'"),
    ({"surface": {"name": "surrogate", "sourse": 1}}, r"surface\.sourse: expected a field among"),
    ({"surface": {"table": "mine.csv", "read": 3}}, r"surface\.read: expected options of RunTable"),
    ({"surface": {"table": "mine.csv", "read": {"step": "x"}}}, r"t\.json: .*unexpected keyword"),
    ({"surface": {"table": "mine.csv"}, "budget": -1, "metric": "web"}, "budget: expected"),
    ({"surface": {"name": "surrogate", "fingerprint": "1"}}, r"fingerprint: expected 1, got \w+: "),
])  # fmt: skip
def test_a_field_that_does_not_fit_is_named(tmp_path, fields, message):
    (tmp_path / "mine.csv").write_text(CSV)
    path = write(tmp_path / "t.json", **fields)
    with pytest.raises(ValueError, match=message):
        load_task(path)


def test_what_is_not_json(tmp_path):
    path = tmp_path / "t.json"
    path.write_text("{")
    with pytest.raises(ValueError, match=r"t\.json: expected a task as JSON, got Expecting"):
        load_task(path)
    path.write_text("[]")
    with pytest.raises(ValueError, match=r"format: expected 'mixenv task 1', got 'list'"):
        load_task(path)


def test_missing_files(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_task(tmp_path / "none.json")
    with pytest.raises(FileNotFoundError):
        load_task(write(tmp_path / "t.json", surface={"table": "none.csv"}))


def test_a_surface_that_cannot_be_written(tmp_path, toy):
    with pytest.raises(ValueError, match=r"surface: expected one of .* got 'toy'; keep the"):
        make_task(toy).save(tmp_path / "t.json")


@pytest.mark.reference
def test_a_source_is_remembered(tmp_path, reference):
    source = str(reference / "runs")
    task = make_task("rows:admire", metric="average", source=source)
    task.save(tmp_path / "t.json", source=source)
    same(load_task(tmp_path / "t.json"), task)


def test_names_that_are_not_there():
    with pytest.raises(AttributeError, match="module 'mixenv' has no attribute 'nothing'"):
        mixenv.nothing  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]
