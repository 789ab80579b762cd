// Curves of a training, and the vectors of an update.

import { css } from "./map.js";

// The plot library is large, so it is loaded when the first curve is drawn.
let loading = null;

function plotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = "plotly.js";
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error("plotly.js cannot be loaded"));
    document.head.append(script);
  });
  return loading;
}

const OPTIONS = { displayModeBar: false, responsive: true };

function layoutOf(more) {
  const axis = { gridcolor: css("--line"), zeroline: false, color: css("--text") };
  return {
    margin: { l: 60, r: 16, t: 8, b: 40 },
    height: 220,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, sans-serif", size: 13, color: css("--text") },
    showlegend: false,
    ...more,
    xaxis: { ...axis, ...more.xaxis },
    yaxis: { ...axis, automargin: true, ...more.yaxis },
  };
}

// Draw a curve: the loss, the speed or the rate, over the words of the text that are trained.
export async function drawCurve(place, curve, name) {
  const titles = {
    loss: "loss per pair", words_per_second: "raw words/s", rate: "learning rate",
  };
  const line = { color: css("--accent"), width: 2 };
  const traces = [];
  if (curve.raw_words.length > 1) {
    traces.push({ x: curve.raw_words, y: curve[name], mode: "lines", line,
      hovertemplate: "%{y:.4g} at %{x:,} words<extra></extra>" });
  }
  const epochs = curve.epochs;
  const overWords = epochs.length > 0 && "raw_words" in epochs[0];
  if (name === "loss" && epochs.length) {
    const at = epochs.map((epoch) => (overWords ? epoch.raw_words : epoch.number));
    const markers = { color: css("--text"), size: 7 };
    const mode = traces.length ? "markers" : "lines+markers";
    traces.push({ x: at, y: epochs.map((epoch) => epoch.loss), mode, marker: markers, line,
      hovertemplate: "epoch: %{y:.4f}<extra></extra>" });
    const held = epochs.filter((epoch) => epoch.validation_loss !== null);
    if (held.length) {
      traces.push({ x: held.map((epoch) => (overWords ? epoch.raw_words : epoch.number)),
        y: held.map((epoch) => epoch.validation_loss), mode: "lines+markers",
        line: { color: css("--group-1"), dash: "dot" },
        hovertemplate: "held out: %{y:.4f}<extra></extra>" });
    }
  }
  const xaxis = { title: { text: overWords || !epochs.length ? "words trained" : "epoch" } };
  if (curve.total) xaxis.range = [0, curve.total];
  const Plotly = await plotly();
  return Plotly.react(place, traces, layoutOf({ xaxis, yaxis: { title: { text: titles[name] } } }),
    OPTIONS);
}

// Draw the rows of an update as arrows in their first two dimensions.
export async function drawUpdate(place, update) {
  const moved = [
    { word: `v(${update.center})`, before: update.h, after: update.h_after },
    ...update.rows.map((row) => ({ word: `u(${row.word})`, before: row.before, after: row.after })),
  ];
  const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"); // Plotly reads tags
  const annotations = moved.map(({ before, after }, at) => ({
    x: after[0], y: after[1] ?? 0, ax: before[0], ay: before[1] ?? 0, axref: "x", ayref: "y",
    text: "", showarrow: true, arrowhead: 3, arrowsize: 1.2, arrowwidth: 2,
    arrowcolor: css(at === 0 ? "--accent" : `--group-${at % 12}`),
  }));
  const trace = {
    x: moved.map(({ before }) => before[0]), y: moved.map(({ before }) => before[1] ?? 0),
    text: moved.map(({ word }) => plain(word)), mode: "markers+text", textposition: "top center",
    marker: { size: 6, color: css("--text") }, hoverinfo: "text", cliponaxis: false,
  };
  const Plotly = await plotly();
  return Plotly.react(place, [trace], layoutOf({
    height: 320, annotations,
    xaxis: { title: { text: "first dimension" } }, yaxis: { title: { text: "second dimension" } },
  }), OPTIONS);
}
