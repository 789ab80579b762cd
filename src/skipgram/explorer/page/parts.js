// Elements that the explorer and the map of one file share. This module imports nothing, so that the
// one file can hold it.

// Build an element: element("button", { type: "button", onclick }, "text", child, ...).
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "dataset") Object.assign(made.dataset, value);
    else if (key.startsWith("aria-") || key === "role" || key === "for" || key === "scope") {
      made.setAttribute(key, value);
    } else made[key] = value;
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

export function wordButton(word, onWord) {
  return element("button", { type: "button", className: "word", onclick: () => onWord(word) }, word);
}

// A list of words with a bar for each cosine.
export function bars(found, onWord, marked = new Set()) {
  const rows = found.map(({ word, cosine }) => {
    const bar = element("span", { className: "bar", "aria-hidden": "true" });
    bar.style.setProperty("--share", Math.max(0, cosine));
    return element("li", { className: marked.has(word) ? "marked" : "" },
      wordButton(word, onWord), bar, element("span", { className: "value" }, cosine.toFixed(3)));
  });
  return element("ol", { className: "bars" }, ...rows);
}

// The items of a legend: the groups of a map's words with their colours.
export function legendItems({ names, groups }, onWord) {
  const sizes = names.map((_, group) => groups.filter((each) => each === group).length);
  return names.map((words, group) => {
    const dot = element("span", { className: "dot", "aria-hidden": "true" });
    dot.style.setProperty("--dot", `var(--group-${group})`);
    return element("li", {}, element("button", {
      type: "button", className: "word", title: `${sizes[group]} words`, onclick: () => onWord(words[0]),
    }, dot, words.join(", ")));
  });
}
