"""The one table of environments; registration, tests, docs and benchmarks iterate over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym


@dataclass(frozen=True)
class Family:
    """One registered id, what it is, where its numbers come from, and its default options.

    `entry_point` and `vector_entry_point` are "module:class" (None: no native vector form).
    """

    id: str
    about: str
    provenance: str
    options: dict[str, Any] = field(default_factory=dict)
    ships: bool = True  # False where a table must be fetched first
    entry_point: str = "mixenv.env:DataMixtureEnv"
    vector_entry_point: str | None = "mixenv.vector:DataMixtureVectorEnv"


# The evaluation metrics of the 472 runs: how an id spells them, the metric, and in words.
_METRICS = (
    ("CommonCrawl", "common_crawl", "validation loss on Common Crawl"),
    ("C4", "c4", "validation loss on C4"),
    ("Wikipedia", "wikipedia", "validation loss on Wikipedia"),
    ("StackExchange", "stack_exchange", "validation loss on Stack Exchange"),
    ("GitHub", "github", "validation loss on GitHub"),
    ("ArXiv", "arxiv", "validation loss on arXiv"),
    ("Book", "book", "validation loss on books"),
    ("HellaSwag", "hellaswag", "accuracy on HellaSwag"),
    ("PIQA", "piqa", "accuracy on PIQA"),
    ("ARCEasy", "arc_easy", "accuracy on ARC-Easy"),
)


def _of_metric(spelling: str, metric: str, words: str) -> Family:
    """A problem of the paper: one metric over the whole simplex."""
    return Family(
        f"DataMixture{spelling}-v0",
        f"{words} over the whole simplex of five SlimPajama domains, 20M to 1B",
        "surrogate",
        {"metric": metric, "max_share": 1.0},
    )


FAMILIES = (
    Family(
        "DataMixture-v0",
        "mean validation loss over a capped region of five SlimPajama domains, 20M to 1B",
        "surrogate",
    ),
    *(_of_metric(*row) for row in _METRICS),
    Family(
        "DataMixtureSingleScale-v0",
        "mean validation loss over the capped region at 1B alone: only the steps can be fewer",
        "surrogate",
        {"scales": ["1B"]},
    ),
    Family(
        "DataMixturePile-v0",
        "RegMix: 1 088 recorded runs on 17 Pile domains at 1M, 60M and 1B parameters",
        "measured",
        {"surface": "rows:regmix", "max_share": 1.0, "noise": 0.0},
        ships=False,
    ),
    Family(
        "DataMixtureSlimPajama7-v0",
        "224 recorded SlimPajama runs on 7 domains at six scales, 122M to 2.7B; target 937M",
        "measured",
        {
            "surface": "rows:slimpajama-7",
            "max_share": 1.0,
            "noise": 0.0,
            "target": ("937M", 35_280),
        },
        ships=False,
    ),
    Family(
        "DataMixtureInstruct-v0",
        "ADMIRE: 460 recorded instruction-tuning runs on 19 sets, Qwen2.5 at 0.5B, 3B and 7B",
        "measured",
        {"surface": "rows:admire", "metric": "average", "max_share": 1.0, "noise": 0.0},
        ships=False,
    ),
    Family(
        "DataMixtureRuns-v0",
        "the 472 SlimPajama runs of arXiv 2503.21023 as recorded, and nothing else",
        "measured",
        {"surface": "rows:slimpajama-472", "max_share": 1.0, "noise": 0.0},
        ships=False,
    ),
    Family(
        "DataMixtureReplica-v0",
        "synthetic runs in the shape of the 472: surrogate plus noise, a stand-in for the recorded",
        "synthetic",
        {"surface": "rows:replica", "max_share": 1.0, "noise": 0.0},
    ),
    Family(
        "DataMixtureSynthetic-v0",
        "losses in closed form with a known optimum: easy, deceptive or heteroscedastic; 3 to 30 "
        "domains",
        "synthetic",
        entry_point="mixenv.synthetic_env:SyntheticEnv",
        vector_entry_point="mixenv.synthetic_env:vector",
    ),
    Family(
        "DataMixtureBandit-v0",
        "16 mixtures as arms of a bandit at the target, noise as large as the signal, 200 pulls",
        "surrogate",
        entry_point="mixenv.bandit:BanditEnv",
        vector_entry_point=None,
    ),
)


def register() -> None:
    """Register every family with Gymnasium; doing it again changes nothing."""
    for family in FAMILIES:
        if family.id not in gym.registry:
            gym.register(
                family.id,
                entry_point=family.entry_point,
                vector_entry_point=family.vector_entry_point,
                kwargs=dict(family.options),
            )
