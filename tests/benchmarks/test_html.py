"""The report as one HTML file: what it says, that it escapes, that drawings show the records."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import plotly.graph_objects as go
import pytest

from benchmarks.cell import Cell
from benchmarks.html.bundle import bundle, library, licence
from benchmarks.html.calibrated import calibrated
from benchmarks.html.content import html
from benchmarks.html.costs import breakdown, decisions
from benchmarks.html.curves import regret_curves
from benchmarks.html.fidelities import fidelities
from benchmarks.html.mixtures import recommended
from benchmarks.html.numbers import short
from benchmarks.html.page import page
from benchmarks.html.parts import Section
from benchmarks.html.plan import planned
from benchmarks.html.sorting import numeric_columns, sort_value
from benchmarks.html.speedups import speedups
from benchmarks.law import THRESHOLDS
from benchmarks.manifest import manifest
from benchmarks.results import ABOUT, Results
from benchmarks.suites import SUITES
from benchmarks.table import Table

EVIL = "<script>planted = 1</script><b>&amp;"


class Reader(HTMLParser):
    """Elements by name, ids, texts by enclosing element."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.ids, self.open, self.texts = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))

    def count(self, tag):
        return sum(name == tag for name, _ in self.elements)

    def inside(self, tag):
        return [data for name, data in self.texts if name == tag]


def drawn(text):
    """The figures that travel in a page."""
    packed = text.partition('id="figures">')[2].partition("<")[0]
    return json.loads(zlib.decompress(b64decode(packed)))


def predicting(results, record):
    """The results with forecasts of corners, in which half of the intervals hold."""
    says = (8.0, np.zeros(65), np.ones(65), np.tile([0.1, 9.0], 33)[:65])
    told = [
        replace(r, predicted_at=made.predicted_at, predicted_mean=made.predicted_mean,
                predicted_sd=made.predicted_sd, predicted_truth=made.predicted_truth)
        if r.agent == "corners" else r
        for made in [record([1.0] * 8, np.ones(9), predicted=[says])]
        for r in results.records
    ]  # fmt: skip
    return replace(results, records=told)


def renamed(results, name):
    """The results with another name for corners."""
    suite = replace(results.suite, agents=("random", name, "hyperband"))
    records = [replace(r, agent=name) if r.agent == "corners" else r for r in results.records]
    return replace(results, suite=suite, records=records)


@pytest.fixture(scope="module")
def text(results, record):
    """A page with everything."""
    return html(predicting(results, record))


@pytest.fixture(scope="module")
def whole(text):
    return Reader(text)


def test_a_page_with_everything(text, whole):
    assert text.startswith("<!DOCTYPE html>")
    assert ("html", {"lang": "en-GB"}) in whole.elements
    assert whole.inside("title") == ["mixenv bench: small"]
    sections = [attrs["id"] for name, attrs in whole.elements if name == "section"]
    links = [attrs["href"] for name, attrs in whole.elements if name == "a"]
    assert links == [f"#{anchor}" for anchor in sections]
    assert {"leaderboard", "regret", "speedups", "fidelities", "mixtures", "costs", "calibration",
            "failures", "manifests"} <= set(sections)  # fmt: skip
    plots = [attrs for _, attrs in whole.elements if attrs.get("class") == "plot"]
    assert [attrs["id"] for attrs in plots] == list(drawn(text))
    assert all(attrs["role"] == "img" and len(attrs["aria-label"]) > 20 for attrs in plots)


def test_every_caption_and_table_states_provenance(whole):
    captions = whole.inside("figcaption")
    assert len(captions) == whole.count("figure") >= 9
    assert all(ABOUT["synthetic"] in caption for caption in captions)
    notes = "".join(whole.inside("p")).count(ABOUT["synthetic"])
    assert notes == whole.count("table") + 1  # and on top


def test_nothing_is_fetched(text, whole):
    for _, attrs in whole.elements:
        assert "src" not in attrs
        assert attrs.get("href", "#").startswith(("#", "data:"))
    assert "default-src 'none'" in text


def test_records_are_text_never_markup(results, whole):
    cells = [Cell(results.suite.tasks[0], EVIL, 0, "f", "c")]
    broken = replace(
        renamed(results, EVIL),
        records=renamed(results, EVIL).records[:-1],
        failures=[(cells[0], f"Traceback\nValueError: </pre>{EVIL}")],
        manifests=[{"command": f"mixenv bench --agents '{EVIL}'"}],
    )
    text = html(broken)
    evil = Reader(text)
    assert evil.count("script") == whole.count("script") == 3
    assert evil.count("b") == 0
    assert any(f"</pre>{EVIL}" in data for data in evil.inside("pre"))
    assert any(data == EVIL for data in evil.inside("td"))
    shown = [
        value for plot in drawn(text).values() for trace in plot["data"]
        for value in [trace.get("name", ""), *trace.get("text", ()), *trace.get("y", ())]
    ]  # fmt: skip
    shown += [
        name for plot in drawn(text).values() for axis in plot["layout"].values()
        if isinstance(axis, dict) for name in axis.get("ticktext", ())
    ]  # fmt: skip
    assert not any("<script" in str(value) or "<b>&" in str(value) for value in shown)
    assert any("&lt;script&gt;" in str(value) for value in shown)


def test_plotly_knows_every_word_of_every_figure(text):
    plots = drawn(text)
    assert len(plots) >= 20
    for plot in plots.values():
        go.Figure(plot["data"], plot["layout"])
    with pytest.raises(ValueError, match="shap"):
        go.Figure([{"type": "scatter", "line": {"shap": "hv"}}])


def test_the_library_travels_whole():
    assert zlib.decompress(b64decode(bundle())).decode() == library()
    assert len(bundle()) < 2_200_000
    assert "MIT" in licence()
    assert licence() in library()


def test_a_large_suite_stays_small(record):
    """Drawings of a task with twelve agents and twenty seeds, times thirteen; 1 MB for tables."""
    rng = np.random.default_rng(0)
    agents = tuple(f"agent-{i}" for i in range(12))
    suite = replace(SUITES["main"].choose(tasks=["arxiv"], agents=agents), name="small")
    records = [
        replace(
            record(cost, np.exp(rng.normal(size=201)), agent=agent, task="arxiv", seed=seed,
                   budget=60.0, scale=rng.choice([2e7, 1e8, 1e9], 200),
                   steps=rng.integers(100, 19_500, 200)),
            recommended=rng.dirichlet(np.ones(5), 201), domains=tuple("abcde"),
        )
        for agent in agents for seed in range(20)
        for cost in [60 * rng.dirichlet(np.ones(200))]
    ]  # fmt: skip
    one = Results(suite, records, [], {}, [manifest(suite, [])], len(records))
    figures = [regret_curves(one), fidelities(one, "arxiv"), recommended(one, "arxiv"),
               breakdown(one), decisions(one)]  # fmt: skip
    each = len(page("", "", "", [Section("a", "A", [], figures)], "").encode()) - len(bundle())
    assert each > 50_000
    assert len(bundle()) + 13 * each < 4_000_000


def test_coverage_is_drawn_where_somebody_predicts(results, record):
    figure = calibrated(predicting(results, record))
    assert [key.name for key in figure.legend] == ["corners"]
    levels = figure.plots[0].traces[0]
    assert levels["x"] == [0.5, 0.8, 0.9, 0.95]
    assert levels["y"] == [0.5, 0.5, 0.5, 0.5]
    assert calibrated(results).plots == []


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0.52", "0.52"), ("0.52 [0.4, 0.6]", "0.52"), ("1,234", "1234"), ("3.3* [2, 4]", "3.3"),
        ("-14.6 (too few seeds)", "-14.6"), ("1e-05", "1e-05"), ("23%", "23"), ("", ""),
        ("ValueError: 3", ""), ("+0.5", "0.5"), (".5", "0.5"),
    ],
)  # fmt: skip
def test_sort_values(cell, value):
    assert sort_value(cell) == value


def test_bounds_sort_beside_what_they_bound():
    assert 60 < float(sort_value("≥ 60")) < 60.001
    assert 0.000999 < float(sort_value("<0.001")) < 0.001


def test_which_columns_hold_numbers():
    rows = [["a", "1", "≥ 3 [2, 4]", "a b", "", "2: no"], ["b", "", "-", "c", "", "3"]]
    table = Table("t", list("abcdef"), rows)
    assert numeric_columns(table) == [False, True, True, False, False, True]


def test_short_numbers():
    assert short([1 / 3, 2.0, float("nan"), float("inf"), 12345.0]) == [0.333, 2, None, None, 12300]


def test_without_records(results):
    cell = Cell(results.suite.tasks[0], "corners", 0, "f", "c")
    empty = Results(results.suite, [], [(cell, "ValueError: no shares")], {}, [], 60)
    text = html(empty)
    assert "no records" in text
    assert "ValueError: no shares" in text
    assert drawn(text) == {}


def test_a_suite_has_its_own_tables(results, text):
    paper = html(replace(results, suite=replace(results.suite, name="paper")))
    assert "As the paper counts" in paper
    assert "As the paper counts" not in text


def played(suite, **choices):
    return json.loads(json.dumps(manifest(suite.choose(**choices), ["bench"])))


def test_calls_of_one_suite_are_joined():
    quick = SUITES["quick"]
    calls = [
        played(quick, agents=["random"], seeds=5, tasks=["hellaswag"]),
        played(SUITES["main"]),
        played(quick, agents=["corners", "random"], seeds=3, tasks=["mean_loss"], budget=2.0),
    ]
    found = planned(calls)
    assert (found.name, found.about, found.agents) == ("quick", quick.about, ("random", "corners"))
    assert [task.label for task in found.tasks] == ["hellaswag", "mean_loss"]
    assert found.tasks[1].options["budget"] == 2.0
    assert [len(found.seeds_of(a)) for a in found.agents] == [5, 3]
    main = planned(calls, "main")
    assert (main.name, main.tasks) == ("main", SUITES["main"].tasks)


def test_a_suite_that_was_not_played():
    says = r"suite: expected one that was played there \(quick\), got 'main'"
    with pytest.raises(ValueError, match=says):
        planned([played(SUITES["quick"])], "main")
    with pytest.raises(ValueError, match=r"\(none\), got None; play it with mixenv bench"):
        planned([])


def test_random_search_may_have_no_law(results):
    titles = [plot.title for plot in speedups(replace(results, laws={})).plots]
    assert titles == [f"against hyperband, to {t:g} sd" for t in THRESHOLDS]
