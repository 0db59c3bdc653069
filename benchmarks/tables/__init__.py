"""The tables of a suite's results, one kind a file."""

from benchmarks.tables.ablation import ablation_table
from benchmarks.tables.any_time import any_time_table
from benchmarks.tables.arrival import arrival_table
from benchmarks.tables.by_task import by_task_table
from benchmarks.tables.calibration import calibration_table
from benchmarks.tables.failure import failure_table
from benchmarks.tables.headline import headline_table
from benchmarks.tables.lag import lag_table
from benchmarks.tables.leaderboard import leaderboard_table
from benchmarks.tables.paired import paired_table
from benchmarks.tables.profile import improvement_table, profile_table
from benchmarks.tables.rank import rank_table
from benchmarks.tables.regret import regret_table
from benchmarks.tables.speedup import speedup_table

__all__ = [
    "ablation_table", "any_time_table", "arrival_table", "by_task_table", "calibration_table",
    "failure_table", "headline_table", "improvement_table", "lag_table", "leaderboard_table",
    "paired_table", "profile_table", "rank_table", "regret_table", "speedup_table",
]  # fmt: skip
