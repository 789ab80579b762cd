// The panels beside the map: a word, questions, two models, the model, one update step by step.

import { AnswerError, ask, newestOnly } from "./api.js";
import { drawCurve, drawUpdate } from "./charts.js";
import { bars, element, wordButton } from "./parts.js";

const number = (value) => value.toLocaleString("en");

// Say what is wrong; similar spellings can be clicked.
export function problem(error, onWord) {
  if (!(error instanceof AnswerError)) throw error;
  const near = error.near.map((word) => wordButton(word, onWord));
  return element("div", { className: "problem", role: "alert" },
    element("p", {}, near.length ? error.message.split(";")[0] + "." : error.message),
    near.length ? element("p", {}, "Did you mean ", ...separated(near), "?") : null);
}

function separated(elements) {
  return elements.flatMap((each, at) => (at ? [", ", each] : [each]));
}

const waiting = (text) => element("p", { className: "waiting", role: "status" }, text);

// Each panel is drawn by show(isNewest, place, context), where isNewest() says whether no other panel
// was asked for since; context: state, models, set(changes), onWord(word),
// mark(row, rows).
export const panels = {
  word: { title: "Word", show: showWord },
  ask: { title: "Ask", show: showAsk },
  compare: { title: "Compare", show: showComparison, needsTwo: true },
  model: { title: "Model", show: showModel },
  step: { title: "One step", show: showStep },
};

async function showWord(isNewest, place, { state, models, onWord, mark }) {
  if (!state.word) {
    mark(null, []);
    place.replaceChildren(element("p", { className: "empty" },
      "Click a point of the map, or search for a word, to see its neighbours."));
    return;
  }
  place.replaceChildren(waiting(`Looking up ${state.word} …`));
  const answers = await Promise.all(models.map((_, model) =>
    ask("neighbours", { word: state.word, vectors: state.vectors, model })
      .catch((error) => (error instanceof AnswerError ? error : Promise.reject(error)))));
  if (!isNewest()) return;
  const current = answers[Number(state.model)];
  if (current instanceof AnswerError) mark(null, []);
  else mark(current.row, current.found.map(({ row }) => row));
  const shared = answers.length > 1 && answers.every((each) => !(each instanceof AnswerError))
    ? new Set(answers[0].found.map(({ word }) => word).filter((word) =>
      answers[1].found.some((other) => other.word === word)))
    : new Set();
  const columns = answers.map((answer, model) => {
    const title = models.length > 1 ? element("h3", {}, models[model].name) : null;
    if (answer instanceof AnswerError) return element("div", {}, title, problem(answer, onWord));
    const times = answer.count === null ? "" : `${number(answer.count)} times in the corpus, `;
    return element("div", {}, title,
      element("p", { className: "facts" }, `${times}row ${number(answer.row + 1)}`),
      bars(answer.found, onWord, shared));
  });
  const note = shared.size ? element("p", { className: "facts" },
    `${shared.size} of ${answers[0].found.length} neighbours are in both models; they are bold.`) : null;
  place.replaceChildren(element("h2", {}, state.word), ...(note ? [note] : []),
    element("div", { className: models.length > 1 ? "columns narrow" : "columns" }, ...columns));
}

// A form whose fields are kept in the state, and whose answer is shown below it.
function question({ title, help, fields, answer }, { state, set, onWord }) {
  const result = element("div", { className: "result", "aria-live": "polite" });
  const inputs = fields.map(({ name, label, wide }) => {
    const id = `field-${name}`;
    return element("label", { for: id, className: wide ? "wide" : "" }, label, " ",
      element("input", { id, name, value: state[name] ?? "", autocomplete: "off", spellcheck: false }));
  });
  const run = newestOnly(async (isNewest) => {
    const values = Object.fromEntries(fields.map(({ name }) => [name, state[name] ?? ""]));
    if (Object.values(values).some((value) => !value.trim())) {
      result.replaceChildren(element("p", { className: "empty" }, help));
      return;
    }
    result.replaceChildren(waiting("…"));
    let shown;
    try {
      shown = await answer(values);
    } catch (error) {
      shown = problem(error, onWord);
    }
    if (isNewest()) result.replaceChildren(shown);
  });
  const form = element("form", {
    className: "question",
    onsubmit: (event) => {
      event.preventDefault();
      set(Object.fromEntries(new FormData(form)), { keepPanel: true });
      run();
    },
  }, element("h3", {}, title), ...inputs, element("button", { type: "submit" }, "Answer"), result);
  run();
  return form;
}

async function showAsk(isNewest, place, context) {
  const { state, onWord, mark } = context;
  const common = () => ({ vectors: state.vectors, model: state.model });
  const listed = ({ found }) => {
    mark(null, found.map(({ row }) => row));
    return found.length ? bars(found, onWord) : element("p", {}, "No other words are left.");
  };
  mark(null, []);
  place.replaceChildren(
    element("h2", {}, "Questions"),
    question({
      title: "Analogy", help: "a is to b as c is to which word? For example: man, king, woman.",
      fields: [{ name: "a", label: "a" }, { name: "b", label: "b" }, { name: "c", label: "c" }],
      answer: async (values) => listed(await ask("analogy", { ...values, ...common() })),
    }, context),
    question({
      title: "Arithmetic", help: "Add and subtract words, for example: king - man + woman.",
      fields: [{ name: "sum", label: "words", wide: true }],
      answer: async ({ sum }) => listed(await ask("arithmetic", { ...terms(sum), ...common() })),
    }, context),
    question({
      title: "Similarity", help: "The cosine of each pair of two or more words.",
      fields: [{ name: "pair", label: "words", wide: true }],
      answer: async ({ pair }) => {
        const { pairs } = await ask("similarities", { words: pair, ...common() });
        return bars(pairs.map(({ a, b, cosine }) => ({ word: `${a} – ${b}`, cosine })),
          (both) => onWord(both.split(" – ")[0]));
      },
    }, context),
    question({
      title: "Odd one out", help: "Which of three or more words fits the others least?",
      fields: [{ name: "odd", label: "words", wide: true }],
      answer: async ({ odd }) => {
        const { word } = await ask("odd", { words: odd, ...common() });
        return element("p", { className: "answer" }, wordButton(word, onWord), " fits least.");
      },
    }, context));
}

// Split "king - man + woman" into the words to add and to subtract. A sign stands alone.
export function terms(text) {
  const found = { added: [], subtracted: [] };
  let sign = "added";
  for (const part of text.trim().split(/\s+/)) {
    if (part === "+") sign = "added";
    else if (part === "-" || part === "−") sign = "subtracted";
    else found[sign].push(part);
  }
  return { added: found.added.join(" "), subtracted: found.subtracted.join(" ") };
}

async function showComparison(isNewest, place, { state, models, onWord, mark }) {
  mark(null, []);
  place.replaceChildren(waiting(
    "Comparing the neighbours of the words that both models have. The first time takes some seconds …"));
  let answer;
  try {
    answer = await ask("differences", { vectors: state.vectors });
  } catch (error) {
    if (isNewest()) place.replaceChildren(problem(error, onWord));
    return;
  }
  if (!isNewest()) return;
  const rows = answer.words.map(({ word, overlap, cosine }) => element("tr", {},
    element("th", { scope: "row" }, wordButton(word, onWord)),
    element("td", {}, `${Math.round(100 * overlap)} %`),
    element("td", {}, cosine.toFixed(2))));
  place.replaceChildren(
    element("h2", {}, "What differs most"),
    element("p", { className: "facts" },
      `${number(answer.compared)} words of ${models[0].name} and ${models[1].name}, which share `
      + `${Math.round(100 * answer.mean_overlap)} % of their ten nearest words on average. The cosine `
      + "is that of a word's two vectors after one model is rotated onto the other."),
    element("table", {},
      element("thead", {}, element("tr", {},
        ...["word", "shared neighbours", "cosine"].map((title) =>
          element("th", { scope: "col" }, title)))),
      element("tbody", {}, ...rows)));
}

async function showModel(isNewest, place, { state, models, mark }) {
  mark(null, []);
  const model = models[Number(state.model)];
  const parts = Object.entries(model.groups).flatMap(([title, rows]) => [
    element("h3", {}, title),
    element("dl", {}, ...Object.entries(rows).flatMap(([name, value]) =>
      [element("dt", {}, name), element("dd", {}, value)])),
  ]);
  const coverage = model.coverage === null ? [] : [element("p", { className: "facts" },
    `The vocabulary covers ${(100 * model.coverage).toFixed(1)} % of the words of the corpus.`)];
  const charts = element("div", {});
  place.replaceChildren(element("h2", {}, model.name), ...parts.slice(0, 4), ...coverage,
    ...parts.slice(4), charts);
  await showCurves(charts, model);
}

// Draw the curves of a training, or say why there are none.
export async function showCurves(place, model) {
  const { curve } = model;
  const points = curve.raw_words.length > 1;
  if (!points && curve.epochs.length === 0) {
    place.replaceChildren(element("p", { className: "empty" }, model.training
      ? "The training has not begun yet." : "The model does not say how it was trained."));
    return;
  }
  const names = points ? ["loss", "words_per_second", "rate"] : ["loss"];
  if (place.querySelectorAll(".chart").length !== names.length) {
    place.replaceChildren(element("h3", {}, "Curves"), element("p", { className: "facts", role: "status" }),
      ...names.map(() => element("div", { className: "chart" })));
  }
  const share = curve.total ? Math.floor((100 * curve.raw_words.at(-1)) / curve.total) : 100;
  const state = curve.ended ? `Training ${curve.ended}` : "Training";
  const status = place.querySelector("[role=status]");
  status.textContent = model.training && points ? `${state}: ${share} % of ${number(curve.total)} words` : "";
  status.id = status.textContent ? "training-status" : "";
  const charts = [...place.querySelectorAll(".chart")];
  await Promise.all(names.map((name, at) => drawCurve(charts[at], curve, name)));
}

const STEPS = [
  ["The pairs", "The window around the centre word gives pairs (centre, context word). This update trains all of them."],
  ["The vector of the centre", "The one-hot vector of the centre word picks its row of the input matrix: h = v(centre). There is no non-linearity."],
  ["Scores", "Each row u of the output matrix in the update is multiplied with h: score = u · h."],
  ["Probabilities", "Negative sampling: p = σ(score), for each word by itself. Full softmax: p = exp(score) / Σ exp(scores)."],
  ["Errors", "error = p − label, once for each time that a word is drawn: the derivative of the loss by the score."],
  ["The output rows move", "Gradient of a row: error × h. Each row takes a step against its gradient: u ← u − α · gradient."],
  ["The centre moves", "Gradient of h: the sum of error × u over all rows, with their old values. v(centre) ← h − α · gradient."],
  ["The loss falls", "With the new vectors the same pairs have a smaller loss."],
];

async function showStep(isNewest, place, { state, set, onWord, mark }) {
  mark(null, []);
  const sentence = state.sentence ?? "the quick brown fox jumps over the lazy dog";
  const words = sentence.trim().split(/\s+/);
  const center = state.center ?? words[Math.min(3, words.length - 1)];
  const objective = state.objective ?? "negative", window = state.window ?? "1";
  const form = element("form", {
    className: "question",
    onsubmit: (event) => {
      event.preventDefault();
      set({ ...Object.fromEntries(new FormData(form)), at: "0" });
    },
  },
  element("label", { className: "wide", for: "field-sentence" }, "sentence ",
    element("input", { id: "field-sentence", name: "sentence", value: sentence, autocomplete: "off" })),
  element("label", { for: "field-center" }, "centre ",
    element("input", { id: "field-center", name: "center", value: center, autocomplete: "off" })),
  element("label", { for: "field-objective" }, "objective ", chooser("objective", objective, {
    negative: "negative sampling", softmax: "full softmax" })),
  element("label", { for: "field-window" }, "window ", chooser("window", window, {
    1: "1", 2: "2", 3: "3" })),
  element("button", { type: "submit" }, "Show"));
  const result = element("div", {});
  place.replaceChildren(element("h2", {}, "One update, step by step"), form, result);
  let update;
  try {
    update = await ask("explain", { sentence, center, objective, window });
  } catch (error) {
    if (isNewest()) result.replaceChildren(problem(error, onWord));
    return;
  }
  if (isNewest()) showSteps(result, update, Number(state.at ?? 0), set);
}

function chooser(name, chosen, choices) {
  return element("select", { name, id: `field-${name}` }, ...Object.entries(choices).map(
    ([value, text]) => element("option", { value, selected: value === chosen }, text)));
}

const vector = (numbers) => `(${numbers.map((each) => each.toFixed(3)).join(", ")})`;

function showSteps(place, update, first, set) {
  let at = Math.max(0, Math.min(first, STEPS.length - 1));
  const title = element("h3", { tabIndex: -1 }), text = element("p", {});
  const table = element("div", { className: "scroll", tabIndex: 0, role: "region",
    "aria-label": "Numbers of the update" });
  const drawing = element("div", { className: "chart" });
  const back = element("button", { type: "button", onclick: () => go(at - 1) }, "Back");
  const next = element("button", { type: "button", onclick: () => go(at + 1) }, "Next");
  place.replaceChildren(title, text, table, element("p", { className: "buttons" }, back, next),
    drawing);
  function go(step) {
    at = step;
    set({ at: String(at) }, { keepPanel: true });
    draw();
  }
  function draw() {
    title.textContent = `${at + 1} of ${STEPS.length}: ${STEPS[at][0]}`;
    text.textContent = STEPS[at][1];
    back.disabled = at === 0;
    next.disabled = at === STEPS.length - 1;
    table.replaceChildren(numbersOf(update, at));
    drawing.hidden = at < 5;
    if (!drawing.hidden) drawUpdate(drawing, update);
  }
  draw();
}

// The numbers that are known after a step; the newest column is marked.
function numbersOf(update, at) {
  const columns = [
    [0, "output row", (row) => row.word],
    [0, "label", (row) => (row.label === null ? `${row.times} ×` : `${row.label}${row.times > 1 ? ` (${row.times} ×)` : ""}`)],
    [2, "u", (row) => vector(row.before)],
    [2, "u · h", (row) => row.score.toFixed(4)],
    [3, "p", (row) => row.probability.toFixed(4)],
    [4, "error", (row) => row.error.toFixed(4)],
    [5, "gradient", (row) => vector(row.gradient)],
    [5, "new u", (row) => vector(row.after)],
  ].filter(([from]) => from <= at);
  const lines = [];
  if (at === 0) lines.push(`pairs: ${update.pairs.map((pair) => `(${pair.join(", ")})`).join(" ")}`);
  if (at >= 1) lines.push(`one-hot: (${update.one_hot.join(", ")})`, `h = v(${update.center}) = ${vector(update.h)}`);
  if (at >= 6) {
    lines.push(`gradient of h = ${vector(update.gradient_h)}`,
      `new v(${update.center}) = ${vector(update.h_after)}, α = ${update.alpha}`);
  }
  if (at >= 7) lines.push(`loss: ${update.loss.toFixed(4)} → ${update.loss_after.toFixed(4)}`);
  const head = element("tr", {}, ...columns.map(([, name]) => element("th", { scope: "col" }, name)));
  const body = update.rows.map((row) => element("tr", {}, ...columns.map(([from, , value]) =>
    element("td", { className: from === at ? "newest" : "" }, value(row)))));
  return element("div", {}, ...lines.map((line) => element("p", { className: "numbers" }, line)),
    element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)));
}
