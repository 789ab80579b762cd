// The page: its state, which the address holds, and what follows from it.

import { AnswerError, ask, newestOnly, pause } from "./api.js";
import { WordMap } from "./map.js";
import { element, legendItems } from "./parts.js";
import { panels, problem, showCurves } from "./panels.js";

const MILLISECONDS_BETWEEN_LOOKS = 400;
const SIZES = [500, 1000, 2000, 5000, 10000, 20000, 50000];
const DEFAULTS = { tab: "word", vectors: "input", model: "0", layout: "umap", colour: "groups" };

const byId = (id) => document.getElementById(id);
const state = { ...DEFAULTS };
let models = [];
let defaultWords = 2000;
const map = new WordMap(byId("map"), (row) => pick(map.data.words[row]));

function readAddress() {
  for (const name of Object.keys(state)) delete state[name];
  Object.assign(state, DEFAULTS, { top: String(defaultWords) },
    Object.fromEntries(new URLSearchParams(location.hash.slice(1))));
  settle();
}

// Replace what cannot be shown.
function settle() {
  if (!models[state.model]) state.model = DEFAULTS.model;
  const tab = Object.hasOwn(panels, state.tab) ? panels[state.tab] : null;
  if (!tab || (tab.needsTwo && models.length < 2)) state.tab = DEFAULTS.tab;
  if (!models[Number(state.model)].vectors.includes(state.vectors)) state.vectors = "input";
}

function writeAddress() {
  // The layout is always written: its default depends on whether a training runs.
  const written = Object.entries(state).filter(([name, value]) => value && (name === "layout"
    || value !== (name === "top" ? String(defaultWords) : DEFAULTS[name])));
  history.replaceState(null, "", `#${new URLSearchParams(written)}`);
}

// Change the state, the address, and what shows it.
function set(changes, { keepPanel = false } = {}) {
  const before = { ...state };
  Object.assign(state, changes);
  settle();
  writeAddress();
  showControls();
  const changed = (...names) => names.some((name) => before[name] !== state[name]);
  if (changed("model", "vectors", "top")) showMap();
  else if (changed("layout")) showLayout();
  if (changed("colour")) {
    map.colourBy(state.colour);
    showLegend();
  }
  if (!keepPanel) showPanel();
}

async function pick(word) {
  set({ word, tab: "word" });
}

let controls = "";

function showControls() {
  const several = models.length > 1, { vectors, words } = models[Number(state.model)];
  const shown = JSON.stringify([state, vectors, words]);
  if (shown === controls) return; // an open list stays open, and the focus stays where it is
  controls = shown;
  byId("model-choice").hidden = !several;
  byId("model-name").textContent = models.map(({ name }) => name).join(" and ");
  fill("model", models.map(({ name }, at) => [String(at), name]), state.model);
  fill("vectors", vectors.map((each) => [each, each]), state.vectors);
  const sizes = SIZES.filter((size, at) => at === 0 || SIZES[at - 1] < words);
  if (!sizes.includes(Number(state.top))) sizes.push(Number(state.top));
  fill("top", sizes.sort((a, b) => a - b).map((size) => [String(size), size.toLocaleString("en")]),
    state.top);
  byId("layout").value = state.layout;
  byId("colour").value = state.colour;
  const tabs = Object.entries(panels).filter(([, { needsTwo }]) => several || !needsTwo);
  byId("tabs").replaceChildren(...tabs.map(([name, { title }]) => element("button", {
    type: "button", id: `tab-${name}`, role: "tab", "aria-controls": "panel",
    "aria-selected": String(name === state.tab), tabIndex: name === state.tab ? 0 : -1,
    onclick: () => set({ tab: name }),
  }, title)));
  byId("panel").setAttribute("aria-labelledby", `tab-${state.tab}`);
}

function fill(id, choices, chosen) {
  byId(id).replaceChildren(...choices.map(([value, text]) =>
    element("option", { value, selected: value === chosen }, text)));
}

function say(text) {
  byId("map-status").textContent = text;
}

const common = () => ({ model: state.model, vectors: state.vectors });

const showMap = newestOnly(async (isNewest) => {
  const { words, training } = models[Number(state.model)];
  if (training && !words) {
    clearMap();
    say("The map appears with the first checkpoint of the training.");
    return;
  }
  say("Loading the map …");
  const started = performance.now();
  try {
    const data = await ask("map", { ...common(), top: state.top });
    if (!isNewest()) return;
    map.colour = state.colour;
    map.show(data);
    map.pca = { x: data.x, y: data.y };
  } catch (error) {
    if (!isNewest()) return;
    clearMap();
    say("");
    showProblem(error);
    return;
  }
  hideProblem();
  document.body.dataset.firstMap ??= Math.round(performance.now());
  document.body.dataset.mapTime = Math.round(performance.now() - started);
  showLegend();
  if (["word", "compare", "model"].includes(state.tab)) showPanel(); // others keep what is typed
  await showLayout();
});

function clearMap() {
  map.clear();
  byId("legend").replaceChildren();
}

const showLayout = newestOnly(async (isNewest) => {
  if (!map.data) return;
  if (state.layout === "pca") {
    say(placed("PCA"));
    await map.moveTo(map.pca.x, map.pca.y);
    document.body.dataset.layout = "pca";
    return;
  }
  const asked = { ...common(), top: state.top };
  for (;;) {
    let answer;
    try {
      answer = await ask("layout", asked);
    } catch (error) {
      if (isNewest()) showProblem(error);
      return;
    }
    if (!isNewest()) return;
    if (answer.state === "done") {
      say(placed("UMAP"));
      await map.moveTo(answer.x, answer.y);
      if (isNewest()) document.body.dataset.layout = "umap";
      return;
    }
    if (answer.state === "failed") {
      say(`${placed("PCA")} ${answer.error}`);
      return;
    }
    const share = answer.share === null ? "preparing" : `${Math.floor(100 * answer.share)} %`;
    say(`${placed("PCA")} UMAP: ${share} …`);
    await pause(MILLISECONDS_BETWEEN_LOOKS);
    if (!isNewest()) return;
  }
});

const placed = (method) => `${map.data.words.length.toLocaleString("en")} words, ${method}.`;

function showLegend() {
  if (!map.data) return;
  byId("legend").hidden = state.colour !== "groups";
  byId("legend").replaceChildren(...legendItems(map.data, pick));
}

let panelsShown = 0;

function showPanel() {
  const mine = ++panelsShown, isNewest = () => mine === panelsShown;
  const context = {
    state, models, set, onWord: pick,
    mark: (row, near) => {
      if (!isNewest()) return;
      map.mark(row, near);
      if (row !== null && map.picked === row && map.centred !== row) map.centre(row);
      map.centred = row;
    },
  };
  panels[state.tab].show(isNewest, byId("panel"), context).catch((error) => {
    if (isNewest()) byId("panel").replaceChildren(problem(error, pick));
  });
}

function showProblem(error) {
  if (!(error instanceof AnswerError)) throw error;
  byId("problem").hidden = false;
  byId("problem").textContent = error.message;
}

function hideProblem() {
  byId("problem").hidden = true;
}

// The search box: words that begin with, or contain, what is typed.
const search = byId("search"), completions = byId("completions");
let chosen = -1;

function showCompletions(words) {
  chosen = -1;
  completions.replaceChildren(...words.map((word, at) => element("li", {
    role: "option", id: `completion-${at}`, "aria-selected": "false",
    onmousedown: (event) => {
      event.preventDefault();
      take(word);
    },
  }, word)));
  completions.hidden = words.length === 0;
  search.setAttribute("aria-expanded", String(words.length > 0));
  search.removeAttribute("aria-activedescendant");
}

function choose(at) {
  const options = [...completions.children];
  if (!options.length) return;
  chosen = (at + options.length) % options.length;
  options.forEach((option, place) => option.setAttribute("aria-selected", String(place === chosen)));
  search.setAttribute("aria-activedescendant", options[chosen].id);
  options[chosen].scrollIntoView({ block: "nearest" });
}

function take(word) {
  search.value = word;
  byId("map").focus();  // no completions that are still on their way
  map.centred = null;
  pick(word);
}

const completeSoon = newestOnly(async (isNewest) => {
  const text = search.value.trim();
  if (!text) return showCompletions([]);
  try {
    const { words } = await ask("complete", { ...common(), text });
    if (isNewest() && document.activeElement === search) showCompletions(words);
  } catch (error) {
    if (isNewest()) showProblem(error);
  }
});

search.addEventListener("input", () => completeSoon());
search.addEventListener("blur", () => showCompletions([]));
search.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
  } else if (event.key === "Enter" && search.value.trim()) {
    take(completions.children[chosen]?.textContent ?? search.value.trim());
  } else if (event.key === "Escape") {
    showCompletions([]);
  }
});

document.addEventListener("keydown", (event) => {
  const typing = ["INPUT", "SELECT", "TEXTAREA"].includes(document.activeElement?.tagName);
  if (event.key === "/" && !typing) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

byId("tabs").addEventListener("keydown", (event) => {
  const tabs = [...byId("tabs").children];
  const at = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  tabs[(at + step + tabs.length) % tabs.length].click();
  byId("tabs").querySelector("[aria-selected=true]").focus();
});

for (const name of ["model", "vectors", "top", "layout", "colour"]) {
  byId(name).addEventListener("change", (event) => set({ [name]: event.target.value }));
}
map.listenTo({ into: byId("zoom-in"), out: byId("zoom-out"), all: byId("zoom-all") });

// Dark or light: as the system has it, unless the button says otherwise.
const dark = matchMedia("(prefers-color-scheme: dark)");
const page = document.documentElement;

function showTheme(isDark) {
  page.dataset.theme = isDark ? "dark" : "light";
  byId("theme").textContent = isDark ? "Light" : "Dark";
  map.paint();
  if (models.length && ["model", "step"].includes(state.tab)) showPanel(); // for their charts
}
byId("theme").addEventListener("click", () => showTheme(page.dataset.theme !== "dark"));
dark.addEventListener("change", () => showTheme(dark.matches));
showTheme(dark.matches);

async function loadModels() {
  const answer = await ask("models");
  models = answer.models;
  defaultWords = answer.default_words;
}

// A training goes on while the page is open: the server tells of every change.
function follow() {
  let seen = null;
  const events = new EventSource("api/events");
  events.onmessage = async ({ data }) => {
    const versions = JSON.parse(data), before = seen;
    seen = versions;
    if (before === null) return;
    await loadModels();
    showControls();
    if (versions.some(([version], at) => version !== before[at][0])) showMap();
    const charts = byId("panel").querySelector(".chart")?.parentElement;
    if (state.tab === "model" && charts) await showCurves(charts, models[Number(state.model)]);
    else if (state.tab === "model") showPanel();
  };
  events.onerror = () => showProblem(
    new AnswerError("The explorer has stopped. Run skipgram explore again.", []));
  events.onopen = hideProblem;
}

async function begin() {
  try {
    await loadModels();
  } catch (error) {
    showProblem(error);
    return;
  }
  readAddress();
  const { words, training } = models[Number(state.model)];
  // A training needs its cores, and the map changes with each checkpoint.
  if (training && !location.hash.includes("layout=")) state.layout = "pca";
  if (!words && !location.hash) state.tab = "model";
  showControls();
  follow();
  showPanel();
  await showMap();
}

window.addEventListener("hashchange", () => {
  readAddress();
  showControls();
  showPanel();
  showMap();
});
begin();
