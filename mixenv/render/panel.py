"""The episode as text: the budget, the best mixture so far, the last experiments."""

from __future__ import annotations

from collections.abc import Iterator

from mixenv.render.view import View
from mixenv.scale import scale_label

WIDTH = 32  # characters of a full bar
LAST = 10  # experiments listed
NAME = 24  # characters of a domain's name
SHARES = 7  # shares listed of an experiment; the largest of more


def panel(view: View) -> str:
    """Lines of text, at most 100 characters for five domains."""
    lines = [view.title, _budget(view), ""]
    if view.best is None:
        return "\n".join([*lines, "no experiment yet", ""])
    lines += [*_mixture(view, view.best), "", *_table(view), ""]
    return "\n".join(lines)


def _bar(fraction: float, width: int = WIDTH) -> str:
    """A bar of whole and half characters."""
    halves = round(max(0.0, min(1.0, fraction)) * width * 2)
    return ("█" * (halves // 2) + "▌" * (halves % 2)).ljust(width)


def _budget(view: View) -> str:
    task, count = view.task, len(view.done)
    state = "ended" if view.ended else f"{max(task.budget - view.spent, 0.0):.2f} left"
    many = f"{count} experiment" + "s" * (count != 1)
    bar = _bar(view.spent / task.budget)
    return f"budget |{bar}| {view.spent:.2f} of {task.budget:g} target runs, {many}, {state}"


def _mixture(view: View, best: int) -> Iterator[str]:
    """The incumbent's shares, one bar each."""
    task, done = view.task, view.done[best]
    yield (
        f"best so far: {view.objectives[best]:.4f}, experiment {best + 1}, "
        f"{scale_label(task.scales[done.scale_index])}, {done.end:,} steps"
    )
    names = view.names(NAME)
    width = max(len(name) for name in names)
    for name, share in zip(names, done.mixture, strict=True):
        yield f"  {name:<{width}} |{_bar(share)}| {share:6.1%}"


def _table(view: View) -> Iterator[str]:
    """The last experiments, one a line; the best is starred."""
    names = view.names(NAME)
    order = "in the order above" if len(names) <= SHARES else "the largest"
    yield f"    #   scale    steps      cost  objective           shares, %, {order}"
    for i in range(max(0, len(view.done) - LAST), len(view.done)):
        done = view.done[i]
        scale = scale_label(view.task.scales[done.scale_index])
        mark = "*" if i == view.best else " "
        how = "cut short" if done.cut_short else "resumed" if done.resumed else ""
        yield (
            f"{mark}{i + 1:>4} {scale:>7} {done.end:>8,} {done.cost:>9.4f} "
            f"{view.objectives[i]:>10.4f} {how:<9} {_shares(names, done.mixture.tolist())}"
        )


def _shares(names: list[str], shares: list[float]) -> str:
    if len(names) <= SHARES:
        return " ".join(f"{100 * share:4.0f}" for share in shares)
    largest = sorted(range(len(shares)), key=lambda i: -shares[i])[:2]
    return ", ".join(f"{names[i]} {100 * shares[i]:.0f}" for i in largest)
