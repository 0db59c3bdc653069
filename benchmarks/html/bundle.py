"""plotly's javascript, small enough to travel inside the page."""

from __future__ import annotations

import zlib
from base64 import b64encode
from functools import cache


@cache
def bundle() -> str:
    """The whole library, deflated, in base64: 2 MB where it has 5; browsers inflate it."""
    return packed(library().encode())


@cache
def library() -> str:
    """The library's text, from the wheel of plotly."""
    from plotly.offline import get_plotlyjs

    return get_plotlyjs()


@cache
def licence() -> str:
    """The comment at the head of the library: its name, version, authors and licence."""
    head = library()[:2000]
    return head[: head.find("*/") + 2] if head.startswith("/*") and "*/" in head else ""


def packed(content: bytes) -> str:
    """Deflated, in base64."""
    return b64encode(zlib.compress(content, 9)).decode()
