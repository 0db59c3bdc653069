"""How many episodes vectors hold, and the modes and options that they are tested with."""

from __future__ import annotations

from gymnasium.vector import AutoresetMode

N = 5
MODES = list(AutoresetMode)

# Options of the task and of the environment; budgets small enough that episodes end all the time.
SETS = {
    "default": {},
    "last": {"observation": "last", "curve": None, "budget": 1.5},
    "improvement": {"reward": "improvement", "curve": 5, "budget": 4.0, "max_experiments": 9},
    "regret": {"reward": "regret", "observation": "last", "budget": 2.0, "metric": "worst_loss"},
    "fresh": {"resume": False, "curve": "all", "noise": "0.5sd", "scales": ["20M", "300M"]},
    "sides": {"noise": "heteroscedastic", "metric": {"github": 1.0, "piqa": 2.0}, "curve": 3},
    "quiet": {"noise": 0, "reward": "regret", "steps": (300, 700, 1000, 19_500), "curve": None},
    "tiny": {"budget": 0.002, "reward": "regret", "curve": None},
    "pool": {"surface": "rows", "budget": 3.0},
    "pool regret": {"surface": "rows", "reward": "regret", "budget": 2.0, "curve": None},
    "pool improvement": {"surface": "rows", "reward": "improvement", "observation": "last"},
    "pool grid": {"surface": "sparse", "steps": (100, 300, 350), "budget": 0.9, "curve": "all"},
}
