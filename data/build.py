"""Rebuild the files that ship from the published simulator's checkpoint file.

    python data/build.py checkpoint_latest.pt [--only surrogate|constants|card]

The simulator answers questions; nothing of its inside is read. Nothing imports this script.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import training
from agreement import agreement
from card import card
from constants import constants
from questions import asker

from mixenv.surfaces.slimpajama import published, surrogate

HERE = Path(__file__).parent
PARTS = ("surrogate", "constants", "card")


def build_surrogate(simulator: Path) -> None:
    """Train the network, going on from its last checkpoint, into surrogate.npz."""
    surface = published(str(simulator))

    def report(step: int, loss: float) -> None:
        print(f"\rsurrogate: step {step:,}, loss {loss:.2e}", end="", flush=True)

    training.train(
        asker(surface),
        HERE / "surrogate.npz",
        checkpoint=HERE.parent / "results" / "surrogate-training.npz",
        report=report,
    )
    print()


def build_constants(simulator: Path) -> None:
    """Compute constants.json for the surrogate and the published simulator."""
    found = constants(surrogate()) | constants(published(str(simulator)))
    (HERE / "constants.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def build_card(simulator: Path) -> None:
    """Measure the agreement; print the card and write README.md."""
    found = agreement(surrogate(), published(str(simulator)))
    text = card(found, (HERE / "surrogate.npz").stat().st_size)
    (HERE / "README.md").write_text(text, encoding="utf-8")
    print(text)


def main() -> None:
    """Build every part, or the one asked for."""
    parser = argparse.ArgumentParser(description="Rebuild the files that ship.")
    parser.add_argument("simulator", type=Path, help="the published checkpoint file")
    parser.add_argument("--only", choices=PARTS, help="one part of the build")
    options = parser.parse_args()
    builders = dict(zip(PARTS, (build_surrogate, build_constants, build_card), strict=True))
    for part in [options.only] if options.only else PARTS:
        builders[part](options.simulator)


if __name__ == "__main__":
    main()
