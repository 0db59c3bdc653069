"""Where a secret may hide from the checker of tasks."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np
from checks_bowl import Bowl

from mixenv.checks.secrets import found_in
from mixenv.task import Task


class Slotted:
    __slots__ = ("inner", "unset")

    def method(self):
        return self


def hidden(secret):
    """Every way from an object to another that is looked into."""
    slotted = Slotted()
    slotted.inner = secret
    return {
        "[0]": [secret],
        "['a']": {"a": secret},
        ".args[1]": partial(print, 1, secret),
        ".inner": slotted,
        ".__self__.inner": slotted.method,
        ".__closure__": lambda: secret,
        ".x.y": SimpleNamespace(x=SimpleNamespace(y=secret)),
        "[2]": np.array([1, 2, secret], dtype=object),
    }


def test_secrets_are_found_wherever_they_hide():
    secret = Bowl()
    for path, holder in hidden(secret).items():
        assert found_in(holder, (), (secret,), 0.5) == [f"problem{path}"]
        assert found_in(holder, (Bowl,), (), 0.5) == [f"problem{path}"]
        assert found_in(holder, (Task,), (), 0.5) == []
    circle: list = [0.5]
    circle.append(circle)
    assert found_in(circle, (), (), 0.5) == ["problem[0]"]
