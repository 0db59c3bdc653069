"""The claims, in order. The command, the tests and the page iterate over this table."""

from __future__ import annotations

from benchmarks.claims.claim import Claim

CLAIMS = {
    claim.id: claim
    for claim in (
        Claim("U1", "causal mask: later pairs move no prediction", "structure:causal"),
        Claim(
            "U2", "custom mask: the order of the context moves no prediction", "structure:custom"
        ),
        Claim("U3", "cached generation equals uncached", "structure:cached"),
        Claim("C1", "multi-step has the joint likelihood, single-step has not", "joint:level"),
        Claim("C2", "single-step drifts with the horizon, multi-step does not", "joint:drift"),
        Claim("C3", "multi-step draws spread as the exact read-out does", "rollouts:spread"),
        Claim("C4", "two-arm bandit: multi-step explores, single-step never stops", "arms:bandit"),
        Claim("C5", "active learning: multi-step labels what can be learned", "regions:labels"),
        Claim("C6", "mixtures under noise: multi-step has less regret", "mixtures:bandit"),
        Claim("C7", "custom mask: order-free context, and yet not exchangeable", "order:spread"),
        Claim(
            "C8", "causal is as good as custom, and cheaper to generate with", "joint:masks_beside"
        ),
        Claim("C9", "rollouts are nearly a martingale", "rollouts:martingale"),
        Claim(
            "C10",
            "masks by dimension, trained to 15 points, tested to 100",
            "spaces:masks_by_dimension",
        ),
    )
}


def check(names: tuple[str, ...]) -> tuple[Claim, ...]:
    """The claims named, or all. Raises ValueError for one that is not among them."""
    for name in names:
        if name not in CLAIMS:
            raise ValueError(f"--only: expected one of {', '.join(CLAIMS)}, got {name!r}")
    return tuple(c for c in CLAIMS.values() if not names or c.id in names)
