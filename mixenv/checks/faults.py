"""`Faults`: what a checker found wrong, reported all at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Faults:
    """Collects what is wrong with `subject`."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.found: list[str] = []

    def expect(self, holds: object, fault: str) -> bool:
        """Note `fault` unless it `holds`; return whether it does."""
        if not holds:
            self.found.append(fault)
        return bool(holds)

    @contextmanager
    def guard(self, what: str) -> Iterator[None]:
        """Note whatever is raised inside, and go on: one fault must not hide the others."""
        try:
            yield
        except Exception as error:
            self.found.append(f"{what}: raised {type(error).__name__}: {error}")

    def report(self) -> None:
        """Raise ValueError listing the faults, if there are any."""
        if self.found:
            lines = "".join(f"\n- {fault}" for fault in self.found)
            raise ValueError(f"{self.subject}: {len(self.found)} wrong{lines}")
