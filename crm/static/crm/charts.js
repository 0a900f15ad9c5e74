// The pictures of the funnel page. The tables beside them say the same and work without this.
(function () {
  const source = document.getElementById("chart-data");
  if (!source || !window.echarts) return;
  const data = JSON.parse(source.textContent);
  const charts = [];

  function css(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  // Colours as the browser worked them out: a custom property may hold a formula a canvas cannot read.
  const ink = () => getComputedStyle(document.body).color;
  const ground = () => getComputedStyle(document.querySelector(".chart-panel")).backgroundColor;

  // Shades of one colour: the further along, the deeper.
  function shades(count) {
    const [r, g, b] = css("--tblr-primary-rgb").split(",").map(Number);
    return Array.from({ length: count }, (_, n) => `rgba(${r},${g},${b},${(0.45 + (0.55 * n) / Math.max(count - 1, 1)).toFixed(2)})`);
  }

  function base() {
    return {
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      aria: { enabled: true },
      textStyle: { fontFamily: css("--tblr-font-sans-serif"), color: ink() },
      // rich text keeps the tooltip inside the canvas: no style attributes, so the page's policy holds
      tooltip: { renderMode: "richText", trigger: "item", backgroundColor: ground(), borderColor: css("--tblr-primary"), textStyle: { color: ink() } },
    };
  }

  const percent = (share) => (share === null ? "—" : (share * 100).toFixed(1) + "%");

  const options = {
    // Centred bars, not ECharts' own funnel: their length is the number, and none of them lies when one is zero.
    funnel() {
      const labels = data.stages.map((stage) => stage.label);
      const most = Math.max(1, ...data.stages.map((stage) => stage.reached));
      const colours = shades(labels.length);
      return {
        grid: { left: 8, right: 8, top: 8, bottom: 8, containLabel: true },
        xAxis: { type: "value", show: false, max: most },
        yAxis: { type: "category", inverse: true, data: labels, axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: ink(), fontSize: 13, formatter: (name, n) => `${name}  {n|${data.stages[n].reached.toLocaleString()}}`, rich: { n: { fontWeight: 600, fontSize: 14, width: 52, align: "right", color: ink() } } } },
        tooltip: {
          formatter: (hit) => {
            const stage = data.stages[hit.dataIndex];
            return `${stage.label}\n到过 ${stage.reached.toLocaleString()}\n现在 ${stage.now.toLocaleString()}\n转到下一阶段 ${percent(stage.share)}`;
          },
        },
        series: [
          { type: "bar", stack: "reached", silent: true, itemStyle: { color: "transparent" }, data: data.stages.map((stage) => (most - stage.reached) / 2) },
          {
            type: "bar", stack: "reached", barCategoryGap: "18%", data: data.stages.map((stage, n) => ({ value: stage.reached, itemStyle: { color: colours[n], borderRadius: 3 } })),
          },
        ],
      };
    },
    amounts() {
      return bars(data.stages.map((stage) => stage.label), data.stages.map((stage) => stage.amount === null ? null : Math.round(stage.amount) / 10000), "亿元");
    },
    groups() {
      return bars(data.rows.map((row) => row.label), data.rows.map((row) => row.count), "");
    },
  };

  function bars(labels, values, unit) {
    const shown = (value) => value.toLocaleString(undefined, { maximumFractionDigits: 2 }) + (unit ? " " + unit : "");
    return {
      grid: { left: 8, right: 72, top: 8, bottom: 8, containLabel: true },
      xAxis: { type: "value", show: false },
      yAxis: { type: "category", inverse: true, data: labels, axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: ink(), fontSize: 13 } },
      tooltip: { formatter: (hit) => `${hit.name}\n${shown(hit.value)}` },
      series: [{ type: "bar", data: values, barCategoryGap: "30%", itemStyle: { color: css("--tblr-primary"), borderRadius: 3 }, label: { show: true, position: "right", formatter: (hit) => shown(hit.value), color: ink() } }],
    };
  }

  function merge(common, own) {
    return { ...common, ...own, tooltip: { ...common.tooltip, ...own.tooltip } };
  }

  function draw() {
    document.querySelectorAll("[data-chart]").forEach((box) => {
      const chart = window.echarts.getInstanceByDom(box) || window.echarts.init(box, null, { renderer: "canvas" });
      chart.setOption(merge(base(), options[box.dataset.chart]()), true);
      if (!charts.includes(chart)) charts.push(chart);
    });
  }

  draw();
  addEventListener("resize", () => charts.forEach((chart) => chart.resize()));
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
})();
