"use strict";
// Draws the charts of the office from the tables under them: a page without this script shows the tables alone.
(function () {
  const css = getComputedStyle(document.documentElement);
  const colour = (name) => css.getPropertyValue(name).trim();
  const parts = {
    wait: colour("--bk-wait"), wait2: "#a98a2e", info: colour("--bk-primary"), off: colour("--bk-text-3"),
    bad: colour("--bk-bad"), ok: colour("--bk-ok"),
  };
  const lines = [colour("--bk-primary"), colour("--bk-ok"), colour("--bk-wait")];
  const text = (cell) => cell.textContent.trim();
  const common = () => ({
    animation: false,
    aria: { enabled: true },
    textStyle: { fontFamily: css.getPropertyValue("--bk-font") || "sans-serif", color: colour("--bk-text-2") },
    // Drawn, not written as HTML: the page's policy allows no inline styles.
    tooltip: { trigger: "axis", renderMode: "richText" },
    legend: { top: 0, left: 12, itemWidth: 14, itemHeight: 8 },
    grid: { left: 28, right: 36, top: 36, bottom: 12, containLabel: true },
  });

  // The columns that carry numbers, and the rows in the order of time or size.
  const read = (table) => {
    const heads = Array.from(table.tHead.rows[0].cells);
    const rows = Array.from(table.tBodies[0].rows);
    const columns = heads.map((head, place) => ({ name: text(head), part: head.dataset.part, place }))
      .filter((column) => rows[0].cells[column.place].dataset.n !== undefined);
    return { rows, columns, label: (row) => text(row.cells[0]), value: (row, column) => Number(row.cells[column.place].dataset.n) };
  };

  const line = (table) => {
    const { rows, columns, label, value } = read(table);
    const ordered = rows.slice().reverse();
    return {
      ...common(),
      xAxis: { type: "category", data: ordered.map(label), boundaryGap: false, axisLabel: { formatter: (at) => at.slice(5) } },
      yAxis: { type: "value", minInterval: 1, splitLine: { lineStyle: { color: colour("--bk-line") } } },
      series: columns.map((column, place) => ({
        name: column.name, type: "line", symbol: ordered.length > 1 ? "none" : "circle", color: lines[place % lines.length],
        lineStyle: { width: 2, type: ["solid", "dashed", "dotted"][place % 3] }, data: ordered.map((row) => value(row, column)),
      })),
    };
  };

  const stack = (table, most) => {
    const { rows, columns, label, value } = read(table);
    const shown = rows.slice(0, most).reverse();
    return {
      ...common(),
      xAxis: { type: "value", minInterval: 1, splitLine: { lineStyle: { color: colour("--bk-line") } } },
      yAxis: { type: "category", data: shown.map(label), axisLabel: { width: 160, overflow: "truncate" } },
      series: columns.map((column) => ({
        name: column.name, type: "bar", stack: "all", barMaxWidth: 18, color: parts[column.part] || lines[0],
        data: shown.map((row) => value(row, column)),
      })),
      height: Math.max(1, shown.length) * 28,
    };
  };

  document.querySelectorAll("[data-draw]").forEach((box) => {
    const table = document.getElementById(box.dataset.draw);
    if (!window.echarts || !table || !table.tBodies[0].rows.length) return;
    const stacked = box.dataset.shape === "stack";
    const option = stacked ? stack(table, Number(box.dataset.most) || 12) : line(table);
    const height = option.height ? option.height + 76 : 280;
    delete option.height;
    box.hidden = false;
    box.style.height = height + "px";
    const chart = window.echarts.init(box, null, { renderer: "svg" });
    chart.setOption(option);
    window.addEventListener("resize", () => chart.resize());
  });
}());
