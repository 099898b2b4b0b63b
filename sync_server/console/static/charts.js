// Draws every <div class="chart" data-chart="…">: {"kind": "bar" | "line", "stack", "x": […], "unit", "links": […],
// "series": [{"name", "values", "kind", "links"}]}. A click opens what is behind a figure. The same figures stand in a
// table on the page: a chart is for the eye alone.
"use strict";

(() => {
  const styles = getComputedStyle(document.documentElement);
  const token = (name) => styles.getPropertyValue(`--${name}`).trim();
  const colours = [token("tide"), token("sand"), token("good"), token("danger"), token("ink-soft"), "#5FA8BD", "#B98A2F", "#7FB894", "#C9746F", "#9AA9B2", token("deep"), token("caution")];
  const short = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 });
  const whole = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });

  function series(one, spec, place) {
    const kind = one.kind || spec.kind;
    return {
      name: one.name, type: kind, data: one.values, stack: spec.stack ? "all" : undefined,
      color: colours[place % colours.length], symbolSize: 5, barMaxWidth: 34, smooth: false,
      emphasis: { focus: "series" }, cursor: one.links || spec.links ? "pointer" : "default",
    };
  }

  function draw(box) {
    const spec = JSON.parse(box.dataset.chart);
    const chart = echarts.init(box, null, { renderer: "svg" });
    const values = { type: "value", axisLabel: { formatter: (n) => short.format(n), color: token("ink-soft") }, splitLine: { lineStyle: { color: token("rule") } } };
    const names = { type: "category", data: spec.x, axisTick: { show: false }, axisLine: { lineStyle: { color: token("rule") } }, axisLabel: { color: token("ink-soft"), hideOverlap: true } };
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: styles.fontFamily },
      grid: { left: 8, right: 16, top: spec.series.length > 1 ? 34 : 14, bottom: 6, containLabel: true },
      legend: { show: spec.series.length > 1, top: 0, left: 0, type: "scroll", textStyle: { color: token("ink") } },
      // "richText": markup would need inline styles, which the page's policy forbids.
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, valueFormatter: (n) => n === null || n === undefined ? "–" : whole.format(n) + (spec.unit ? ` ${spec.unit}` : "") },
      xAxis: spec.across ? values : names,
      yAxis: spec.across ? { ...names, inverse: true } : values,
      series: spec.series.map((one, place) => series(one, spec, place)),
    });
    chart.on("click", (event) => {
      const links = spec.series[event.seriesIndex]?.links || spec.links;
      if (links?.[event.dataIndex]) location.assign(links[event.dataIndex]);
    });
    new ResizeObserver(() => chart.resize()).observe(box);
    box.dataset.drawn = "1";
  }

  const all = (root) => root.querySelectorAll(".chart:not([data-drawn])").forEach(draw);
  all(document);
  document.addEventListener("htmx:afterSwap", (event) => all(event.detail.target));
})();
