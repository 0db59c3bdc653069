"""Suites: the tables, and the copies that a user's choices make."""

import json

import click
import pytest

from benchmarks.bench import bench
from benchmarks.suites import ALL, SUITES, Suite


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
