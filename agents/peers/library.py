"""The libraries of peers: imported when an agent is made, with a plain word where one lacks."""

from __future__ import annotations

import warnings
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def load(module: str) -> Any:
    """The module "library.part". Raises ImportError naming the extra where the library lacks."""
    library = module.partition(".")[0]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what libraries say of each other as they load
            return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != library:
            raise  # the library is there; something that it needs is not
        raise ImportError(
            f'library: expected {library}, got none; pip install "mixenv[peers]"'
        ) from error


def installed(library: str) -> bool:
    """Whether a library can be found. Nothing is imported."""
    return find_spec(library) is not None
