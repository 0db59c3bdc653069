"""The exact bandits and active learning, against numbers that were computed elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from agents.oracles import arms, mixtures, regions

AT = np.array([10, 50, 100, 200]) - 1
WANTED = {
    "thompson": (1.12, 1.65, 1.94, 2.28),
    "multi": (1.13, 1.67, 1.98, 2.37),
    "single": (1.43, 3.54, 5.86, 10.35),
    "greedy": (1.05, 2.83, 4.95, 9.13),
}
RUNS = 60  # of the mixtures
TABLE = {  # cumulative and simple regret of 40 rounds by policy and noise
    "random": ((73.5, 0.13), (73.5, 0.27), (73.5, 0.45), (73.5, 0.32)),
    "greedy": ((46.3, 1.12), (44.6, 1.05), (43.5, 0.96), (47.0, 1.11)),
    "single": ((23.8, 0.02), (39.4, 0.14), (55.2, 0.38), (62.1, 0.58)),
    "path": ((24.3, 0.03), (38.6, 0.13), (54.9, 0.36), (62.4, 0.64)),
    "thompson": ((24.4, 0.03), (32.8, 0.13), (45.5, 0.33), (36.2, 0.16)),
    "multi": ((22.0, 0.06), (26.0, 0.13), (34.0, 0.31), (26.3, 0.18)),
}
NOISES = (0.1, 0.5, 1.0, "heteroscedastic")


# Two arms


@pytest.mark.parametrize("name", WANTED)
def test_two_arms(name):
    regret = arms.play(arms.POLICIES[name], 3000, 200, np.random.default_rng(0))
    error = regret[:, AT].std(axis=0) / 3000**0.5
    assert (abs(regret.mean(axis=0)[AT] - WANTED[name]) < 4 * error + 0.005).all()


def test_reading_the_mean_out_needs_no_more_regret():
    rng = np.random.default_rng(0)
    ends = [arms.play(arms.POLICIES[p], 2000, 100, rng)[:, -1].mean() for p in ("readout", "multi")]
    assert ends[0] < ends[1]


def test_what_was_pulled_is_kept_apart():
    pulls = arms.Pulls(np.zeros((2, 2, 3)))
    pulls.add(np.array([0, 1]), np.array([2.0, 4.0]))
    pulls.add(np.array([0, 0]), np.array([1.0, 5.0]))
    assert pulls.count.tolist() == [[2, 0], [1, 1]]
    assert pulls.total.tolist() == [[3.0, 0.0], [5.0, 4.0]]
    assert pulls.rewards[0, 0].tolist() == [2.0, 1.0, 0.0]
    mean, variance = arms.posterior(pulls)
    assert mean[0, 0] == pytest.approx(3 / 0.25 / (1 / 0.25 + 2 / 0.25))
    assert variance[0, 1] == pytest.approx(0.81)


# Regions


def losses(regions_, runs=300):
    return {
        name: regions.learn(score, regions_, 19, runs, np.random.default_rng(2)).mean(axis=0)
        for name, score in regions.SCORES.items()
    }


def test_rankings_agree_where_noise_and_doubt_agree():
    found = losses(regions.TIE)
    np.testing.assert_array_equal(found["multi"], found["single"])
    assert found["multi"][-1] < found["random"][-1] - 0.1


def test_rankings_differ_where_they_do_not():
    found = losses(regions.APART)
    np.testing.assert_array_equal(found["multi"][:6], found["random"][:6])
    assert (found["multi"][6:] < found["random"][6:]).all()
    assert (found["random"][6:] < found["single"][6:]).all()
    assert np.ptp(found["single"][5:]) < 0.01
    ends = {name: found[name][-1] for name in found}
    assert ends == pytest.approx({"multi": 0.789, "single": 1.487, "random": 1.101}, abs=0.05)
    assert found["multi"][6] == pytest.approx(1.434, abs=0.03)


def test_the_loss_before_any_label_is_exact():
    start = regions.learn(regions.random, regions.APART, 0, 4000, np.random.default_rng(0))
    wanted = [0.5 * np.log(2 * np.pi * (a**2 + b**2)) + 0.5 for a, b in regions.APART.families]
    assert start.mean() == pytest.approx(np.mean(wanted), abs=0.01)


@pytest.mark.parametrize("wrong", [{"count": 3}, {"families": ((0.0, 1.0), (1.0, 1.0))}])
def test_impossible_regions(wrong):
    with pytest.raises(ValueError, match=r"regions: expected an even count and sds above 0, got"):
        regions.Regions(**{"families": regions.APART.families, **wrong})


# Mixtures


@pytest.fixture(scope="module")
def played():
    return {
        (name, noise): mixtures.play(
            policy, mixtures.Candidates(noise), RUNS, 40, np.random.default_rng(4)
        )
        for name, policy in mixtures.POLICIES.items()
        for noise in NOISES
    }


@pytest.mark.parametrize("name", TABLE)
def test_the_table_of_candidate_mixtures(played, name):
    for noise, (cumulative, simple) in zip(NOISES, TABLE[name], strict=True):
        regrets = played[name, noise]
        error = [4 * r.std() / RUNS**0.5 for r in regrets]
        assert regrets[0].mean() == pytest.approx(cumulative, abs=error[0])
        assert regrets[1].mean() == pytest.approx(simple, abs=error[1] + 0.02)


def test_policies_meet_the_same_candidates(played):
    np.testing.assert_allclose(  # random choices, whatever the noise: one truth, one set of draws
        played["random", 0.1][0], played["random", 1.0][0]
    )
    gaps = played["single", "heteroscedastic"][0] - played["multi", "heteroscedastic"][0]
    assert gaps.mean() > 4 * gaps.std() / RUNS**0.5


def test_a_belief_learns_as_the_process_does():
    rng = np.random.default_rng(0)
    values, belief = mixtures.Candidates(0.5, count=4).draw(3, rng)
    assert values.shape == (3, 4)
    after = belief.after(np.array([1, 1, 2]), np.array([1.0, -1.0, 0.0]))
    assert after.mean[0, 1] == pytest.approx(1 / 1.25)
    assert after.variance[0, 1] == pytest.approx(1 - 1 / 1.25)
    assert (after.variance <= belief.variance + 1e-12).all()
    assert after.mean[2].tolist() == [0.0] * 4


@pytest.mark.parametrize("wrong", [{"noise": "loud"}, {"noise": -1.0}, {"noise": 1.0, "count": 1}])
def test_impossible_candidates(wrong):
    with pytest.raises(ValueError, match=r"candidates: expected 2 or more and a noise >= 0 or"):
        mixtures.Candidates(**wrong)
