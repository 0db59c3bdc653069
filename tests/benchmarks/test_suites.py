"""Suites: the tables, and the copies that a user's choices make."""

import json
from dataclasses import fields, replace

import click
import pytest

import mixenv
from agents.plus import ABLATIONS
from agents.registry import AGENTS, NEEDS, PEERS
from benchmarks.bench import bench
from benchmarks.cell import task_key
from benchmarks.choices import choose
from benchmarks.difficulty import transfer
from benchmarks.sources import digest
from benchmarks.suites import ALL, BASELINES, SUITES, Suite
from benchmarks.tasks import spec_of, task_of
from mixenv.synthetic_tasks import HELD_OUT


@pytest.mark.parametrize("suite", SUITES.values(), ids=str)
def test_a_suite_is_plain_data(suite):
    assert suite.about
    for task in suite.tasks:
        assert json.loads(json.dumps(task.options)) == task.options
        assert task.max_experiments == 1024


def test_main_is_the_headline_protocol():
    main = SUITES["main"]
    assert len(main.tasks) == len(ALL) == 13
    assert {t.options["max_share"] for t in main.tasks} == {0.5}
    assert {t.options["budget"] for t in main.tasks} == {60.0}
    assert main.seeds == 20


def test_the_commands_help_names_every_suite():
    option = next(p for p in bench.params if p.name == "suite")
    assert isinstance(option, click.Option)
    assert str(option.help).rstrip(".").split(", ") == list(SUITES)


def test_choices_make_a_changed_copy():
    quick = SUITES["quick"]
    chosen = quick.choose(tasks=["hellaswag"], agents=["corners"], seeds=2, budget=3.0, noise=None)
    assert [t.label for t in chosen.tasks] == ["hellaswag"]
    assert chosen.tasks[0].options == {**quick.tasks[1].options, "budget": 3.0}
    assert (chosen.agents, chosen.seeds_of("corners")) == (("corners",), range(2))
    assert len(quick.tasks) == 3


def test_chosen_seeds_hold_for_every_agent():
    reference = SUITES["reference"]
    assert len(reference.seeds_of("random")) == 1000
    assert len(reference.seeds_of("hyperband")) == 20
    assert len(reference.choose(seeds=5).seeds_of("random")) == 5


def test_what_makes_no_suite():
    quick = SUITES["quick"]
    with pytest.raises(ValueError, match=r"tasks: expected some of mean_loss, .* got 'latin'"):
        quick.choose(tasks=["latin"])
    with pytest.raises(ValueError, match="seeds: expected at least 1, got 0"):
        quick.choose(seeds=0)
    with pytest.raises(ValueError, match="agents: expected distinct names, at least one, got"):
        quick.choose(agents=["corners", "corners"])
    with pytest.raises(ValueError, match="agents: expected distinct names, at least one, got"):
        Suite("none", "", quick.tasks, (), 1)
    with pytest.raises(ValueError, match="tasks: expected distinct labels, got 'hellaswag' twice"):
        quick.joined([quick.tasks[1]])


@pytest.mark.parametrize("suite", SUITES.values(), ids=str)
def test_every_agent_of_a_suite_is_registered(suite):
    assert set(suite.agents) <= AGENTS.keys()


def test_baselines_have_no_gaussian_process():
    assert not set(BASELINES) & {"mfms-gp", "gp-single-scale", *NEEDS}
    assert set(BASELINES) < set(SUITES["main"].agents)
    assert not set(SUITES["main"].agents) & set(PEERS)


def test_full_is_every_task_once():
    labels = [task.label for task in SUITES["full"].tasks]
    parts = [task for name in ("main", "noise", "transfer") for task in SUITES[name].tasks]
    assert len(labels) == len(set(labels)) == 33
    for task in parts:
        assert task.options in [t.options for t in SUITES["full"].tasks]


def test_labels_of_noise_carry_the_level():
    options = {task.label: task.options["noise"] for task in SUITES["noise"].tasks}
    assert options["mean_loss/noise-0.5sd"] == "0.5sd"
    assert options["stack_exchange/noise-2"] == 2.0
    assert len(options) == 12


def test_transfer_runs_from_faithful_to_deceptive():
    tasks = {task.label: task for task in SUITES["transfer"].tasks}
    smallest = {}
    for label in ("easy/0", "transfer-0.5/0", "transfer-0.0/0", "deceptive/0"):
        task = task_of(tasks[label])
        assert task.surface.provenance == "synthetic"
        smallest[label] = transfer(task)[task.scales[0]]
    assert list(smallest.values()) == sorted(smallest.values(), reverse=True)
    assert smallest["easy/0"] > 0.8
    assert smallest["deceptive/0"] < -0.8


def test_deceptive_tasks_are_single_losses_that_small_runs_rank_the_other_way_round():
    tasks = [task_of(t) for t in SUITES["deceptive"].tasks]
    assert len({(t.surface.name, str(t.metric)) for t in tasks}) == len(tasks) == 9
    assert all(len(t.objective.index) == 1 for t in tasks)
    assert all(transfer(t)[min(t.surface.scales)] < 0 for t in tasks)
    shown = {t.options["surface"] for t in SUITES["transfer"].tasks}
    assert not shown & {t.options["surface"] for t in SUITES["deceptive"].tasks}


def test_heldout_tasks_are_none_that_training_draws_and_vary():
    tasks = [task_of(t) for t in SUITES["heldout"].tasks]
    numbers = [int(t.surface.name.split(":")[-1]) for t in tasks]
    shown = {t.options["surface"] for t in SUITES["transfer"].tasks}
    assert max(numbers) < HELD_OUT
    assert not shown & {t.options["surface"] for t in SUITES["heldout"].tasks}
    assert len(set(numbers)) == len(tasks) == 12
    assert {str(t.noise) for t in tasks} == {"seed", "0.5sd", "heteroscedastic"}
    assert len({str(t.metric) for t in tasks}) == 4
    transfers = [t.surface.transfer for t in tasks]
    assert min(transfers) < -0.9 < 0.9 < max(transfers)


def test_a_surface_is_chosen_for_networks_only():
    chosen = SUITES["transfer"].choose(surface="published", source="there")
    surfaces = {task.label: task.options.get("surface") for task in chosen.tasks}
    assert surfaces["book"] == "published"
    assert surfaces["easy/0"] == "synthetic:easy:5:0"
    real = SUITES["real"].located({"rows:regmix": "here"})
    assert {t.label: t.options.get("source") for t in real.tasks} == {
        "pile": "here", "instruct": None, "slimpajama7": None,
    }  # fmt: skip


def test_a_task_file_is_known_by_its_content(tmp_path, toy):
    rows = mixenv.make_task("surrogate", metric={"arxiv": 1.0, "book": 0.5}, max_share=0.5)
    keys = []
    for folder, task in (("a", rows), ("b", rows), ("c", replace(rows, budget=9.0))):
        (tmp_path / folder).mkdir()
        task.save(tmp_path / folder / "mine.json")
        spec = spec_of(tmp_path / folder / "mine.json")
        assert json.loads(json.dumps(spec.options)) == spec.options
        made = task_of(spec)
        for name in (f.name for f in fields(made) if f.name != "surface"):
            assert getattr(made, name) == getattr(task, name)
        keys.append(task_key(spec, made.surface.fingerprint))
    assert keys[0] == keys[1] != keys[2]


def test_ablate_plays_the_flagship_whole_and_without_each_idea():
    chosen = choose("quick", ablate=True)
    assert chosen.agents[0] == "mfms-plus"
    assert chosen.agents[1:] == tuple(f"mfms-plus[{label}]" for label in ABLATIONS)
    with pytest.raises(
        ValueError, match=r"agent: expected one of mfms-plus\[shares\], .* got 'mfms"
    ):
        choose("quick", agents=["mfms-plus[nothing]"])
    assert digest("mfms-plus[shares]") == digest("mfms-plus") != digest("mfms-gp")
