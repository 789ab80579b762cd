// The page of `skipgram plot`: the map and the neighbours of its words, without a server.
import { WordMap } from "map";

const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const rows = new Map(data.words.map((word, row) => [word, row]));
const map = new WordMap(byId("map"), pick);
const page = document.documentElement;

function make(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function pick(row) {
  const near = data.near[row];
  map.mark(row, near);
  map.centre(row);
  const list = near.map((other, at) => {
    const bar = make("span", { className: "bar" });
    bar.style.setProperty("--share", Math.max(0, data.cosines[row][at]));
    return make("li", {},
      make("button", { type: "button", className: "word", onclick: () => pick(other) }, data.words[other]),
      bar, make("span", { className: "value" }, data.cosines[row][at].toFixed(3)));
  });
  const times = data.counts ? `${data.counts[row].toLocaleString("en")} times in the corpus` : "";
  byId("panel").replaceChildren(make("h2", {}, data.words[row]), make("p", { className: "facts" }, times),
    make("ol", { className: "bars" }, ...list));
  history.replaceState(null, "", `#${encodeURIComponent(data.words[row])}`);
}

function showTheme(isDark) {
  page.dataset.theme = isDark ? "dark" : "light";
  byId("theme").textContent = isDark ? "Light" : "Dark";
  map.paint();
}

byId("words").append(...data.words.slice(0, 5000).map((word) => make("option", { value: word })));
byId("search").addEventListener("change", ({ target }) => {
  const row = rows.get(target.value.trim());
  if (row !== undefined) pick(row);
  else if (target.value.trim()) {
    byId("panel").replaceChildren(make("p", { className: "empty" },
      `The map does not show ${target.value.trim()}.`));
  }
});
byId("legend").append(...data.names.map((words, group) => {
  const dot = make("span", { className: "dot" });
  dot.style.setProperty("--dot", `var(--group-${group})`);
  return make("li", {}, make("button",
    { type: "button", className: "word", onclick: () => pick(rows.get(words[0])) }, dot, words.join(", ")));
}));
byId("colour").addEventListener("change", ({ target }) => map.colourBy(target.value));
byId("zoom-in").addEventListener("click", () => map.zoom(1.4));
byId("zoom-out").addEventListener("click", () => map.zoom(1 / 1.4));
byId("zoom-all").addEventListener("click", () => map.all());
byId("theme").addEventListener("click", () => showTheme(page.dataset.theme !== "dark"));
showTheme(matchMedia("(prefers-color-scheme: dark)").matches);
byId("panel").replaceChildren(make("p", { className: "empty" },
  "Click a point, or search for a word, to see its neighbours on this map."));
map.show(data);
const named = rows.get(decodeURIComponent(location.hash.slice(1)));
if (named !== undefined) pick(named);
