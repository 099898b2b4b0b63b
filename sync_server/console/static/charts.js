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

  // Places by longitude and latitude, without a picture of the land: nothing comes from elsewhere.
  function map(box, spec) {
    const chart = echarts.init(box, null, { renderer: "svg" });
    const most = Math.max(1, ...spec.places.map((place) => place[3]));
    const spread = (at) => Math.max(...spec.places.map((place) => place[at])) - Math.min(...spec.places.map((place) => place[at])) || 1;
    const wide = spread(1), high = spread(2), named = [];
    // The largest are named, others only where there is room beside them.
    for (const place of [...spec.places].sort((a, b) => b[3] - a[3])) {
      if (named.every((other) => Math.abs(other[1] - place[1]) > wide * 0.12 || Math.abs(other[2] - place[2]) > high * 0.06)) named.push(place);
    }
    const shown = new Set(named.map((place) => place[0]));
    const degrees = (name) => ({ type: "value", scale: true, name, nameTextStyle: { color: token("ink-soft") }, axisLabel: { formatter: (n) => `${n}°`, color: token("ink-soft") }, boundaryGap: ["8%", "8%"], splitLine: { lineStyle: { color: token("rule") } } });
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: styles.fontFamily },
      grid: { left: 8, right: 26, top: 14, bottom: 6, containLabel: true },
      tooltip: { renderMode: "richText", confine: true, formatter: (event) => `${event.data.name}\n${whole.format(event.data.value[2])}` },
      xAxis: degrees(""),
      yAxis: degrees(""),
      series: [{
        type: "scatter",
        data: spec.places.map(([name, longitude, latitude, value, state, link]) => ({
          name, value: [longitude, latitude, value], link,
          symbolSize: 8 + 34 * Math.sqrt(Math.max(0, value) / most),
          itemStyle: { color: state === "out" ? token("danger") : token("tide"), opacity: 0.7 },
        })),
        label: { show: true, formatter: (event) => shown.has(event.data.name) ? event.data.name : "", position: "bottom", color: token("ink") },
      }],
    });
    chart.on("click", (event) => { if (event.data?.link) location.assign(event.data.link); });
    new ResizeObserver(() => chart.resize()).observe(box);
    box.dataset.drawn = "1";
  }

  function draw(box) {
    const spec = JSON.parse(box.dataset.chart);
    if (spec.kind === "map") return map(box, spec);
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
