"""How the tokens there are divide among the domains, where that is published."""

from __future__ import annotations

from mixenv.facts import facts
from mixenv.surfaces.protocol import Surface


def natural_shares(surface: Surface) -> tuple[float, ...] | None:
    """Shares [d] of the surface's domains in the corpus that they come from, summing to one.

    Known for the SlimPajama surfaces: the shares on SlimPajama-627B's dataset card, of the domains
    that the surface trains on. None for other surfaces, and where a domain is not in the corpus.
    """
    for corpus in facts()["proportions"].values():
        names = [domain.replace("_", "") for domain in surface.domains]
        if surface.name in corpus["surfaces"] and set(names) <= set(corpus["shares"]):
            shares = [corpus["shares"][name] for name in names]
            return tuple(share / sum(shares) for share in shares)
    return None
