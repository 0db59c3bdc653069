"""The command `mixenv`: a menu of commands, each imported when it is called.

A user's mistake ends in one line and exit code 2; MIXENV_TRACEBACK=1 shows where it was raised.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import click

COMMANDS = {
    "bench": "benchmarks.bench:bench",
    "data": "benchmarks.data:data",
    "page": "benchmarks.page:page",
    "results": "benchmarks.results_command:results",
    "report": "benchmarks.html.command:report",
    "paper": "benchmarks.paper.command:paper",
    "speed": "benchmarks.speed.command:speed",
    "train-sequence": "benchmarks.train_sequence:train_sequence",
    "train-ppo": "benchmarks.train_ppo:train_ppo",
    "claims": "benchmarks.claims.command:claims",
}
GO_ON = ("bench", "paper", "train-sequence", "train-ppo", "claims")  # from where they were stopped
NEEDED = ("click", "rich", "matplotlib", "plotly", "jinja2")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        print(f'mixenv: needs {missing[0]}: pip install "mixenv[bench]"', file=sys.stderr)
        sys.exit(2)
    import click

    try:
        sys.exit(menu().main(arguments, prog_name="mixenv", standalone_mode=False) or 0)
    except click.ClickException as error:
        if os.environ.get("MIXENV_TRACEBACK"):
            raise
        if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
            error.show()  # its message is the help text
            sys.exit(error.exit_code)
        print(f"mixenv: {' '.join(error.format_message().split())}", file=sys.stderr)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        words = sys.argv[1:] if arguments is None else arguments
        goes_on = any(word in GO_ON for word in words[:1])
        again = "; run the same command again to go on" if goes_on else ""
        print(f"mixenv: stopped{again}", file=sys.stderr)
        sys.exit(130)


def menu() -> click.Group:
    """The group of all commands."""
    import click

    import mixenv

    class Menu(click.Group):
        """Commands by name, imported when asked for."""

        def list_commands(self, ctx: click.Context) -> list[str]:
            return list(COMMANDS)

        def get_command(self, ctx: click.Context, cmd_name: str) -> Any:
            if cmd_name not in COMMANDS:
                return None
            module, _, name = COMMANDS[cmd_name].partition(":")
            return getattr(import_module(module), name)

    group = Menu("mixenv", help="The Gym of data-mixture optimisation: benchmark, tables, data.")
    return click.version_option(mixenv.__version__, prog_name="mixenv")(group)
