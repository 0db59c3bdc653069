"""The engine's functions compiled, each at most once a bucket."""

from __future__ import annotations

from functools import cache, partial
from typing import Any, NamedTuple

import jax

from agents.gp.engine import fit, posterior, search

# Halves the time to compile and runs no slower; JAX may come to lack it.
_SOONER = {"xla_cpu_use_fusion_emitters": False}


class Programs(NamedTuple):
    """`fit.learn`, `search.search` and those of `posterior`, jitted."""

    learn: Any
    search: Any
    append: Any  # its first argument is used up
    moments: Any
    draw: Any
    condition: Any


@cache
def programs() -> Programs:
    """The functions, the same ones at every call."""
    jit = partial(jax.jit, compiler_options=options())
    return Programs(
        jit(fit.learn), jit(search.search), jit(posterior.append, donate_argnums=0),
        jit(posterior.moments), jit(posterior.draw), jit(posterior.condition),
    )  # fmt: skip


def options(wanted: dict[str, Any] = _SOONER) -> dict[str, Any]:
    """Compiler options, where this JAX and its platform know them; otherwise none."""
    try:
        jax.jit(lambda x: x, compiler_options=wanted).lower(0.0).compile()
    except jax.errors.JaxRuntimeError:
        return {}
    return wanted
