"""Names of synthetic surfaces: what they leave out, what they refuse, what is stored under them."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

import mixenv
from mixenv import load_surface, make_task
from mixenv.surfaces.synthetic_maker import make_synthetic

# Names


@pytest.mark.parametrize("name", ["synthetic:deceptive:3:1", "synthetic:easy:30:2"])
def test_the_public_checkers_find_nothing(name):
    mixenv.check_surface(load_surface(name))
    mixenv.check_task(make_task(name, max_share=0.5))


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("synthetic", "synthetic:easy:5:0"),
        ("synthetic:deceptive", "synthetic:deceptive:5:0"),
        ("synthetic:easy:7", "synthetic:easy:7:0"),
        ("synthetic:0.25:30:12", "synthetic:0.25:30:12"),
    ],
)
def test_a_name_may_leave_parts_out(name, full):
    short, long = load_surface(name), load_surface(full)
    assert short.name == long.name == full
    assert short.fingerprint == long.fingerprint
    assert (short.provenance, short.cost_unit) == ("synthetic", "FLOPs")
    assert "no run was trained" in short.support
    assert short.metric_names == ("loss_1", "loss_2", "loss_3")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("synthetic:hard", "kind: expected one of easy, deceptive, heteroscedastic, or a transfer"),
        ("synthetic:1.5", "a transfer from -1 to 1, got '1.5'"),
        ("synthetic:nan", "a transfer from -1 to 1, got 'nan'"),
        ("synthetic:easy:2", "domains: expected a number from 3 to 30, got '2'"),
        ("synthetic:easy:31", "domains: expected a number from 3 to 30, got '31'"),
        ("synthetic:easy:five", "domains: expected a number from 3 to 30, got 'five'"),
        ("synthetic:easy:5:-1", "instance: expected a number from 0, got '-1'"),
        ("synthetic:easy:5:0:1", "surface: expected synthetic:KIND:DOMAINS:INSTANCE such as"),
    ],
)
def test_a_name_that_means_nothing_is_refused(name, message):
    with pytest.raises(ValueError, match=message):
        load_surface(name)


def test_another_kind_of_surface_has_no_synthetic_name():
    with pytest.raises(ValueError, match=r"surface: expected synthetic:KIND.* got 'surrogate'"):
        make_synthetic("surrogate")


def test_surfaces_pickle_and_instances_differ():
    s = load_surface("synthetic:easy:5:0")
    again = pickle.loads(pickle.dumps(s))
    assert again.fingerprint == s.fingerprint
    assert load_surface("synthetic:easy:5:1").fingerprint != s.fingerprint


@pytest.mark.parametrize(("nudge", "same"), [(1e-15, True), (1e-6, False)])
def test_a_fingerprint_does_not_hang_on_the_last_bit(nudge, same):
    s = load_surface("synthetic:deceptive:5:0")
    nudged = replace(s, direction=s.direction + nudge)
    assert (nudged.fingerprint == s.fingerprint) is same


def test_a_task_on_one_saves_to_a_file(tmp_path):
    task = make_task("synthetic:deceptive:6:2", max_share=0.5)
    task.save(tmp_path / "task.json")
    again = mixenv.load_task(tmp_path / "task.json")
    assert again.surface.fingerprint == task.surface.fingerprint
    assert again.optimum.value == task.optimum.value
