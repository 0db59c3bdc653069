"""A plain table of runs, what reads tables from files, and what a refusal says."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mixenv import RunTable, TableError

PLAIN = """weight_web,weight_code,model_size,n_tokens,web_loss,metric_quiz
0.25,0.75,1000000,1000000000,3.5,0.25
0.25,0.75,1000000,2000000000,3.25,0.5
0.5,0.5,1e9,2000000000,2.5,
"""


@pytest.fixture
def read(tmp_path):
    def read(text, suffix=".csv", **options):
        path = tmp_path / f"runs{suffix}"
        path.write_text(text, encoding="utf-8")
        return RunTable.read(path, **options)

    return read


def refused(read, text, **options):
    with pytest.raises(TableError) as caught:
        read(text, **options)
    return str(caught.value)


@pytest.fixture(scope="session")
def lab() -> SimpleNamespace:
    """The helpers above."""
    return SimpleNamespace(PLAIN=PLAIN, refused=refused)
