// The page of `skipgram plot`: the map and the neighbours of its words, without a server.
import { WordMap } from "map";
import { bars, element, legendItems } from "parts";

const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const rows = new Map(data.words.map((word, row) => [word, row]));
const map = new WordMap(byId("map"), pick);
const page = document.documentElement;

function pick(row) {
  const near = data.near[row];
  map.mark(row, near);
  map.centre(row);
  const found = near.map((other, at) => ({ word: data.words[other], cosine: data.cosines[row][at] }));
  const times = data.counts ? `${data.counts[row].toLocaleString("en")} times in the corpus` : "";
  byId("panel").replaceChildren(element("h2", {}, data.words[row]),
    element("p", { className: "facts" }, times), bars(found, pickWord));
  history.replaceState(null, "", `#${encodeURIComponent(data.words[row])}`);
}

const pickWord = (word) => pick(rows.get(word));

function showTheme(isDark) {
  page.dataset.theme = isDark ? "dark" : "light";
  byId("theme").textContent = isDark ? "Light" : "Dark";
  map.paint();
}

byId("words").append(...data.words.slice(0, 5000).map((word) => element("option", { value: word })));
byId("search").addEventListener("change", ({ target }) => {
  const row = rows.get(target.value.trim());
  if (row !== undefined) pick(row);
  else if (target.value.trim()) {
    byId("panel").replaceChildren(element("p", { className: "empty" },
      `The map does not show ${target.value.trim()}.`));
  }
});
byId("legend").append(...legendItems(data, pickWord));
byId("colour").addEventListener("change", ({ target }) => map.colourBy(target.value));
map.listenTo({ into: byId("zoom-in"), out: byId("zoom-out"), all: byId("zoom-all") });
byId("theme").addEventListener("click", () => showTheme(page.dataset.theme !== "dark"));
showTheme(matchMedia("(prefers-color-scheme: dark)").matches);
byId("panel").replaceChildren(element("p", { className: "empty" },
  "Click a point, or search for a word, to see its neighbours on this map."));
map.show(data);
const named = rows.get(decodeURIComponent(location.hash.slice(1)));
if (named !== undefined) pick(named);
