"""The names that `import mixenv` offers."""

from __future__ import annotations

import pytest

import mixenv


def test_every_public_name_is_there_and_no_other():
    assert all(getattr(mixenv, name) is not None for name in mixenv.__all__)
    with pytest.raises(AttributeError, match="module 'mixenv' has no attribute 'absent'"):
        mixenv.absent  # noqa: B018
