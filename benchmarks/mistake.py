"""A user's mistake: one line, exit code 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click


class Mistake(click.ClickException):
    """Something that the user can put right."""

    exit_code = 2


@contextmanager
def mistakes() -> Iterator[None]:
    """Foreseen errors of what is done inside, which reads the user's choices, become mistakes."""
    try:
        yield
    except (ValueError, OSError, ImportError) as error:
        raise Mistake(" ".join(str(error).split())) from error
