"""Public checkers: whether a surface or a task of one's own keeps the rules that others rely on."""

from mixenv.checks.surface import check_surface
from mixenv.checks.task import check_task

__all__ = ["check_surface", "check_task"]
