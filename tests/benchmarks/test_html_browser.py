"""The report in headless Chromium: no error, every plot drawn, tables sort, nothing overflows."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.cell import Cell
from benchmarks.html.content import html

MISSING = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
pytestmark = pytest.mark.skipif(
    bool(MISSING),
    reason=f"needs {' and '.join(MISSING)} (apt-get install chromium chromium-driver)",
)
EVIL = "<script>planted = 1</script><img src=x onerror='planted = 2'>"
COUNTS = """
const plots = [...document.querySelectorAll('.plot')];
return [plots.length, plots.filter(p => p.querySelector('.main-svg')).length,
        plots.filter(p => p.querySelector('.trace, .traces, .point, .bars')).length]
"""
SETTLED = "return [...document.querySelectorAll('.plot')].every(p => p.dataset.drawn)"


@pytest.fixture(scope="module")
def chrome():
    """A browser that lays its console open."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for word in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage"):
        options.add_argument(f"--{word}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    driver.set_script_timeout(60)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def address(results, record, tmp_path_factory):
    """A page with forecasts, a failure, and markup wherever records have a word."""
    says = (8.0, np.zeros(65), np.ones(65), np.tile([0.1, 9.0], 33)[:65])
    told = record([1.0] * 8, np.ones(9), predicted=[says])
    records = [
        replace(r, agent=EVIL, predicted_at=told.predicted_at, regret=r.regret * (1 + 0.1 * r.seed),
                predicted_mean=told.predicted_mean, predicted_sd=told.predicted_sd,
                predicted_truth=told.predicted_truth) if r.agent == "corners" else r
        for r in results.records[:-1]
    ]  # fmt: skip
    suite = replace(results.suite, agents=("random", EVIL, "hyperband"))
    cell = Cell(suite.tasks[1], "hyperband", 9, "f", "c")
    failures = [(cell, f"Traceback\n  {'x' * 400}\nValueError: {EVIL}")]
    full = replace(results, suite=suite, records=records, failures=failures)
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(html(full), encoding="utf-8")
    return path.as_uri()


def show(chrome, address, width, height=900):
    """Load the page in a window of that width."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    chrome.get_log("browser")
    chrome.get(address)
    until(chrome, "return window.Plotly !== undefined")


def until(chrome, condition, seconds=40):
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(chrome, seconds).until(lambda driver: driver.execute_script(condition))


def open_all(chrome):
    """Open what is folded and scroll past everything, as a reader does."""
    chrome.execute_script("document.getElementById('open-all').click()")
    chrome.execute_async_script("""
        const done = arguments[0], plots = [...document.querySelectorAll('.plot')];
        (function next() {
            const plot = plots.find(p => !p.dataset.drawn);
            if (!plot) return done();
            plot.scrollIntoView({behavior: 'instant'});
            setTimeout(next, 50);
        })()""")
    until(chrome, SETTLED)


@pytest.fixture(scope="module")
def wide(chrome, address):
    show(chrome, address, 1400)
    open_all(chrome)
    return chrome


def test_every_plot_is_drawn_without_a_word_in_the_console(wide):
    plots, pictures, with_data = wide.execute_script(COUNTS)
    assert plots == pictures == with_data
    assert plots >= 20
    assert wide.get_log("browser") == []
    assert wide.execute_script("return performance.getEntriesByType('resource').length") == 0


def test_markup_in_records_does_nothing(wide):
    assert wide.execute_script("return typeof planted") == "undefined"
    assert EVIL in wide.execute_script("return document.querySelector('tbody').innerText")
    ticks = "return [...document.querySelectorAll('.plot .ytick text')].map(t => t.textContent)"
    assert EVIL in wide.execute_script(ticks)


def column(chrome, index):
    script = (
        "return [...document.querySelectorAll('#leaderboard table')][0].tBodies[0].rows.length && "
        "[...[...document.querySelectorAll('#leaderboard table')][0].tBodies[0].rows]"
        ".map(r => r.cells[arguments[0]].textContent)"
    )
    return chrome.execute_script(script, index)


def test_a_click_on_a_head_sorts(wide):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    heads = wide.find_elements(By.CSS_SELECTOR, "#leaderboard table")[0].find_elements(
        By.CSS_SELECTOR, "thead th"
    )
    wide.execute_script(
        "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", heads[0]
    )
    heads[2].find_element(By.TAG_NAME, "button").click()
    numbers = [float(cell) for cell in column(wide, 2)]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) > 1
    assert heads[2].get_attribute("aria-sort") == "ascending"
    heads[2].find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
    assert [float(cell) for cell in column(wide, 2)] == numbers[::-1]
    assert heads[2].get_attribute("aria-sort") == "descending"
    heads[0].find_element(By.TAG_NAME, "button").click()
    assert column(wide, 0) == [EVIL, "hyperband (1 failed)", "random"]
    assert heads[2].get_attribute("aria-sort") == "none"


def test_a_key_of_the_legend_hides_an_agent(wide):
    shown = """
        const key = document.querySelector("#regret .legend button[data-name='hyperband']");
        if (arguments[0]) key.click();
        const plot = key.closest('figure').querySelector('.plot');
        return [key.getAttribute('aria-pressed'),
                plot._fullData.filter(t => t.meta === 'hyperband' && t.visible === true).length]"""
    assert wide.execute_script(shown, False) == ["true", 3]
    assert wide.execute_script(shown, True) == ["false", 0]
    assert wide.execute_script(shown, True) == ["true", 3]


def test_print_opens_everything_at_the_sheets_width(chrome, address):
    show(chrome, address, 1400)
    folded = "return document.querySelectorAll('details:not([open])').length"
    before = chrome.execute_script(folded)
    assert before > 0
    chrome.execute_script("dispatchEvent(new Event('beforeprint'))")
    until(chrome, SETTLED)
    assert chrome.execute_script(folded) == 0
    plots, pictures, _ = chrome.execute_script(COUNTS)
    assert plots == pictures
    widest = (
        "return Math.max(...[...document.querySelectorAll('.main-svg')].map(s => s.clientWidth))"
    )
    assert chrome.execute_script(widest) <= 690
    chrome.execute_script("dispatchEvent(new Event('afterprint'))")
    assert chrome.execute_script(folded) == before
    pdf = chrome.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
    assert pdf.startswith("JVBERi")  # %PDF
    assert chrome.get_log("browser") == []


@pytest.mark.parametrize("width", [360, 390])
def test_nothing_overflows_on_a_phone(chrome, address, width):
    show(chrome, address, width)
    open_all(chrome)
    assert chrome.execute_script("return document.documentElement.scrollWidth") == width
    beyond = """
        return [...document.querySelectorAll('body *')]
          .filter(e => !e.closest('.scroll, pre, .main-svg, .svg-container, script')
                       && e.getBoundingClientRect().right > innerWidth + 1)
          .map(e => e.outerHTML.slice(0, 80))"""
    assert chrome.execute_script(beyond) == []
    boxes = (
        "return [...document.querySelectorAll('.scroll')].some(e => e.scrollWidth > e.clientWidth)"
    )
    assert chrome.execute_script(boxes)  # tables scroll inside theirs
    plots, pictures, _ = chrome.execute_script(COUNTS)
    assert plots == pictures
    assert chrome.get_log("browser") == []


def test_an_old_browser_says_what_is_missing(chrome, address):
    old = {"source": "delete window.DecompressionStream"}
    added = chrome.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", old)
    try:
        chrome.get(address)
        until(chrome, "return !document.getElementById('trouble').hidden")
        said = chrome.execute_script("return document.getElementById('trouble').textContent")
        assert "DecompressionStream is not defined" in said
        assert "a browser of 2023 or later" in said
        assert chrome.execute_script(COUNTS)[1] == 0
    finally:
        chrome.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
