"""The table of public sources, and the shipped facts."""

import re
from dataclasses import FrozenInstanceError

import pytest

from mixenv import facts
from mixenv.metrics import SLIMPAJAMA
from mixenv.runs.cache import sha256
from mixenv.runs.catalogue import File, Source, catalogue, source

NAMES = ["slimpajama-472", "published-simulator", "slimpajama-7", "regmix", "admire"]


def test_every_source_is_listed_once():
    assert list(catalogue()) == NAMES
    assert {s.name: s.runs for s in catalogue().values()} == dict(
        zip(NAMES, [472, None, 224, 1088, 460], strict=True)
    )


@pytest.mark.parametrize("name", NAMES)
def test_addresses_are_pinned_to_a_commit(name):
    found = source(name)
    assert found.licence
    assert found.description
    assert len({file.name for file in found.files}) == len(found.files)
    for file in found.files:
        assert file.bytes > 0
        for commit, address in zip(found.commits, found.addresses(file), strict=True):
            assert re.fullmatch("[0-9a-f]{40}", commit)
            root = "https://raw.githubusercontent.com"
            assert address == f"{root}/{found.repository}/{commit}/{file.path}"


def test_the_runs_have_two_commits_to_try():
    assert [commit[:7] for commit in source("slimpajama-472").commits] == ["3726996", "6185f0c"]


def test_an_unknown_source_lists_the_names():
    with pytest.raises(ValueError, match=r"expected a source among slimpajama-472, .*got 'pile'"):
        source("pile")


def test_a_hash_must_be_a_hash():
    with pytest.raises(ValueError, match="a/b: expected a sha256 of 64 hexadecimal digits, got"):
        File("a/b", "12", 3)


def test_a_source_needs_a_commit_and_a_file():
    with pytest.raises(ValueError, match="'x': expected at least one commit and one file, got 1"):
        Source("x", "a/b", ("c",), "MIT", None, "", ())


def test_sources_are_frozen():
    with pytest.raises(FrozenInstanceError):
        source("regmix").licence = "none"  # pyright: ignore[reportAttributeAccessIssue]


def test_the_facts_of_the_472_runs_add_up():
    found = facts.slimpajama()
    assert sum(scale.runs for scale in found.scales) == found.runs == 472
    assert sum(scale.runs - scale.usable_runs for scale in found.scales) == found.empty_runs == 18
    assert [scale.parameters for scale in found.scales] == [2e7, 6e7, 1.5e8, 3e8, 5e8, 7e8, 1e9]
    assert list(found.metric_columns) == [metric.name for metric in SLIMPAJAMA]
    for scale in found.scales:
        steps = scale.tokens / scale.tokens_per_step
        assert 19_000 < steps < 19_600  # a full run, to the nearest checkpoint
    assert found.scales[-1].flops_per_step == 825_687_276e7


@pytest.mark.reference
def test_hashes_and_sizes_are_those_of_the_reference_copies(reference):
    copies = {path.name: path for path in reference.rglob("*") if path.is_file()}
    seen = 0
    for found in catalogue().values():
        for file in found.files:
            if file.name in copies:
                seen += 1
                assert sha256(copies[file.name]) == file.sha256
                assert copies[file.name].stat().st_size == file.bytes
    assert seen >= 11


@pytest.mark.reference
def test_costs_are_those_of_the_published_table(reference):
    lines = (reference / "published" / "flops_dataset.csv").read_text().split()[1:]
    published = {(row[0], float(row[1])): float(row[2]) for row in (ln.split(",") for ln in lines)}
    for scale in facts.slimpajama().scales:
        for steps in (100.0, 19_500.0):
            gflops = scale.flops_per_step * steps / 1e9
            assert gflops == pytest.approx(published[scale.scale, steps], rel=1e-7)
