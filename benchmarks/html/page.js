"use strict";
(() => {
  const text = (id) => document.getElementById(id).textContent;
  let figures = {};
  const plots = [...document.querySelectorAll(".plot")];
  const settings = { responsive: true, displayModeBar: false };
  const touch = matchMedia("(pointer: coarse)").matches;

  // The drawing library and the figures arrive deflated; without a way to inflate them, the tables
  // are still there.
  async function inflated(id) {
    const bytes = Uint8Array.from(atob(text(id).trim()), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).text();
  }

  async function load() {
    figures = JSON.parse(await inflated("figures"));
    const script = document.createElement("script");
    script.textContent = await inflated("library");
    document.head.append(script);
  }

  function draw(plot) {
    if (plot.dataset.drawn || !window.Plotly) return;
    plot.dataset.drawn = "yes";
    const { data, layout } = figures[plot.id];
    const hidden = hiddenIn(plot.closest("figure"));
    for (const trace of data) if (hidden.has(trace.meta)) trace.visible = false;
    // A drag zooms, a double click goes back; on a touch screen a finger scrolls the page.
    Plotly.newPlot(plot, data, { ...layout, dragmode: touch ? false : "zoom" },
      settings);
  }

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) { seen.unobserve(entry.target); draw(entry.target); }
  }, { rootMargin: "400px" });

  function hiddenIn(figure) {
    const keys = figure.querySelectorAll('.legend button[aria-pressed="false"]');
    return new Set([...keys].map((key) => key.dataset.name));
  }

  function toggle(key) {
    const show = key.getAttribute("aria-pressed") === "false";
    key.setAttribute("aria-pressed", String(show));
    for (const plot of key.closest("figure").querySelectorAll(".plot[data-drawn]")) {
      const traces = plot.data.flatMap((trace, i) => (trace.meta === key.dataset.name ? [i] : []));
      if (traces.length) Plotly.restyle(plot, { visible: show }, traces);
    }
  }

  // Rows by a column: numbers by size, words by alphabet, what is missing last either way.
  function sort(head) {
    const table = head.closest("table");
    const body = table.tBodies[0];
    const column = head.cellIndex;
    const up = head.getAttribute("aria-sort") !== "ascending";
    const words = !head.classList.contains("number");
    const keyed = [...body.rows].map((row) => {
      const cell = row.cells[column];
      const key = cell.dataset.sort ?? cell.textContent.trim();
      return { row, key: words ? key : key === "" ? NaN : Number(key) };
    });
    const missing = (key) => (words ? key === "" : Number.isNaN(key));
    const order = (a, b) => (words ? a.localeCompare(b, "en", { numeric: true }) : a - b);
    keyed.sort((a, b) => missing(a.key) - missing(b.key) || (missing(a.key) ? 0 : (up ? 1 : -1) * order(a.key, b.key)));
    body.append(...keyed.map((item) => item.row));
    for (const other of head.parentElement.cells) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
  }

  // Print shows everything: folded parts open, every plot drawn at the sheet's width.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((part) => { part.open = true; });
    document.body.classList.add("printing");
    const before = plots.filter((plot) => plot.dataset.drawn);
    plots.forEach(draw);
    before.forEach((plot) => Plotly.relayout(plot, { width: plot.clientWidth }));
  });
  addEventListener("afterprint", () => {
    document.body.classList.remove("printing");
    closed.forEach((part) => { part.open = false; });
    plots.forEach((plot) => plot.dataset.drawn && Plotly.relayout(plot, { width: null, autosize: true }));
  });

  const openAll = (open) => document.querySelectorAll("details").forEach((part) => { part.open = open; });
  document.getElementById("open-all").addEventListener("click", () => openAll(true));
  document.getElementById("close-all").addEventListener("click", () => openAll(false));
  document.querySelectorAll("table.sortable thead th").forEach((head) =>
    head.querySelector("button").addEventListener("click", () => sort(head)));
  document.querySelectorAll(".legend button").forEach((key) => key.addEventListener("click", () => toggle(key)));

  load().then(() => plots.forEach((plot) => seen.observe(plot)), (error) => {
    const trouble = document.getElementById("trouble");
    trouble.textContent = `The plots could not be drawn (${error}); a browser of 2023 or later draws them. The tables are complete.`;
    trouble.hidden = false;
  });
})();
