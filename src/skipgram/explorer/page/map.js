// The map: words as points, and as many of their names as fit without covering each other.
//
// Points are drawn on a canvas of two dimensions: 50,000 take about 20 ms, no graphics hardware is
// needed, and no script that the page's security policy would have to make an exception for.

const SMALLEST_POINT = 3, LARGEST_POINT = 11; // radius in pixels
const LABEL_HEIGHT = 15, MOST_LABELS = 160;
const MILLISECONDS_OF_MOVE = 900;
const MARGIN = 1.08; // the whole map, and a little around it
const MOST_ZOOM = 400;
const STEP = 1.4; // of a zoom by a button or a key
const FONT = "13px system-ui, sans-serif", BOLD = `600 ${FONT}`;
const CLICK_PIXELS = 5; // a pointer that moves further drags the map

export class WordMap {
  // element: where to draw; onPick(row): called when a point is clicked.
  constructor(element, onPick) {
    this.element = element;
    this.onPick = onPick;
    this.data = null;
    this.colour = "groups";
    this.picked = null;
    this.near = [];
    this.moving = 0;
    this.view = { x: 0, y: 0, zoom: 1 };
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.tip = document.createElement("div");
    this.tip.className = "tip";
    this.tip.hidden = true;
    element.append(this.canvas, this.tip);
    element.wordMap = this;
    new ResizeObserver(() => this.resize()).observe(element);
    this.listen();
  }

  // data: words, x, y, counts, groups, names. Places are between -1 and 1.
  show(data) {
    this.moving += 1;
    this.data = data;
    this.radii = radiiOf(data);
    this.grid = null;
    this.picked = null;
    this.near = [];
    this.paint();
    this.resize();
  }

  clear() {
    this.moving += 1;
    this.data = null;
    this.drawNow();
  }

  // Mark a word and its neighbours; rows that the map does not show are passed over.
  mark(row, near) {
    const shown = (each) => this.data && each !== null && each < this.data.words.length;
    this.picked = shown(row) ? row : null;
    this.near = near.filter(shown);
    this.draw();
  }

  colourBy(colour) {
    this.colour = colour;
    this.paint();
  }

  // Read the colours of the page again, and draw with them.
  paint() {
    if (!this.data) return;
    this.colours = coloursOf(this.data, this.colour);
    this.draw();
  }

  // Pixels for one unit of the map.
  get scale() {
    const { clientWidth, clientHeight } = this.element;
    return (Math.min(clientWidth, clientHeight) / (2 * MARGIN)) * this.view.zoom;
  }

  across(x) {
    return this.element.clientWidth / 2 + (x - this.view.x) * this.scale;
  }

  down(y) {
    return this.element.clientHeight / 2 - (y - this.view.y) * this.scale;
  }

  // Where a word is on the screen, in pixels of the element.
  placeOf(row) {
    return [this.across(this.data.x[row]), this.down(this.data.y[row])];
  }

  all() {
    return this.glide({ x: 0, y: 0, zoom: 1 });
  }

  // Zoom; the point at (px, py), by default the middle, stays where it is.
  zoom(factor, px = this.element.clientWidth / 2, py = this.element.clientHeight / 2) {
    const before = this.scale, { clientWidth, clientHeight } = this.element;
    const zoom = Math.min(MOST_ZOOM, Math.max(0.5, this.view.zoom * factor));
    const after = (before * zoom) / this.view.zoom;
    this.view = {
      zoom,
      x: this.view.x + (px - clientWidth / 2) * (1 / before - 1 / after),
      y: this.view.y - (py - clientHeight / 2) * (1 / before - 1 / after),
    };
    this.draw();
  }

  pan(right, down) {
    this.view.x += right / this.scale;
    this.view.y -= down / this.scale;
    this.draw();
  }

  // Bring a word to the middle, near enough to read the names around it.
  centre(row) {
    const zoom = Math.max(this.view.zoom, 3);
    return this.glide({ x: this.data.x[row], y: this.data.y[row], zoom });
  }

  async glide(view) {
    const from = this.view, steps = (a, b, share) => a + (b - a) * share;
    await this.animate(300, (share) => {
      this.view = {
        x: steps(from.x, view.x, share),
        y: steps(from.y, view.y, share),
        zoom: Math.exp(steps(Math.log(from.zoom), Math.log(view.zoom), share)),
      };
    });
  }

  // Move all points to other places; resolves when they are there.
  async moveTo(x, y) {
    const mine = ++this.moving, from = { x: this.data.x, y: this.data.y };
    await this.animate(MILLISECONDS_OF_MOVE, (share) => {
      if (mine !== this.moving) return;
      const between = (a, b) => (share === 1 ? b : a.map((each, row) => each + (b[row] - each) * share));
      this.data.x = between(from.x, x);
      this.data.y = between(from.y, y);
      this.grid = null;
    });
  }

  // Call step(share) with shares that rise to 1, and draw after each.
  async animate(milliseconds, step) {
    const started = performance.now();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden;
    for (let share = still ? 1 : 0; ; share = Math.min(1, (performance.now() - started) / milliseconds)) {
      step(share * share * (3 - 2 * share));
      if (share === 1) break;
      this.drawNow();
      await new Promise(requestAnimationFrame);
    }
    this.drawNow();
  }

  resize() {
    const { clientWidth, clientHeight } = this.element, ratio = devicePixelRatio || 1;
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    this.drawNow();
  }

  draw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.drawNow();
    });
  }

  drawNow() {
    const context = this.canvas.getContext("2d"), ratio = devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.element;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    if (!this.data || !width) return;
    this.drawPoints(context, width, height);
    this.drawMarks(context);
    this.element.dataset.labels = this.drawLabels(context, width, height);
  }

  drawPoints(context, width, height) {
    const { x, y } = this.data;
    const small = Math.min(1, Math.sqrt(Math.min(width, height) / 600)); // a phone
    const grown = small * Math.min(1.8, this.view.zoom ** 0.25);
    context.globalAlpha = this.picked === null && !this.near.length ? 0.78 : 0.35;
    // Rare words first, so that frequent ones are on top.
    for (let row = x.length - 1; row >= 0; row--) {
      const px = this.across(x[row]), py = this.down(y[row]), radius = this.radii[row] * grown;
      if (px < -radius || px > width + radius || py < -radius || py > height + radius) continue;
      context.fillStyle = this.colours[row];
      context.beginPath();
      context.arc(px, py, radius, 0, 2 * Math.PI);
      context.fill();
    }
    context.globalAlpha = 1;
  }

  drawMarks(context) {
    for (const row of [...this.near, ...(this.picked === null ? [] : [this.picked])]) {
      const [px, py] = this.placeOf(row), radius = this.radii[row] + 2;
      context.fillStyle = this.colours[row];
      context.strokeStyle = css("--accent");
      context.lineWidth = row === this.picked ? 3 : 2;
      context.beginPath();
      context.arc(px, py, radius, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }

  // Name points, the most important first, where the name covers no other name; return how many.
  drawLabels(context, width, height) {
    const { words, x, y, names, groups } = this.data, boxes = new Boxes();
    let drawn = 0;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3;
    context.strokeStyle = css("--back");
    const place = (px, py, text, bold, colour) => {
      if (px < 0 || px > width || py < 0 || py > height) return;
      context.font = bold ? BOLD : FONT;
      const half = context.measureText(text).width / 2 + 3;
      px = Math.min(Math.max(px, half), width - half);
      if (!boxes.add(px - half, py - LABEL_HEIGHT / 2, px + half, py + LABEL_HEIGHT / 2)) return;
      context.strokeText(text, px, py);
      context.fillStyle = colour;
      context.fillText(text, px, py);
      drawn += 1;
    };
    const text = css("--text"), soft = css("--soft");
    const name = (row, bold) => {
      const [px, py] = this.placeOf(row);
      place(px, py - this.radii[row] - 9, words[row], bold, bold ? text : soft);
    };
    if (this.picked !== null) name(this.picked, true);
    this.near.forEach((row) => name(row, true));
    if (this.colour === "groups" && this.view.zoom < 1.6 && this.picked === null) {
      middles(x, y, groups, names.length).forEach(([mx, my], group) =>
        place(this.across(mx), this.down(my), names[group].slice(0, 2).join(", "), true,
          css(`--group-${group}`)));
    }
    for (let row = 0; row < words.length && drawn < MOST_LABELS; row++) name(row, false);
    return drawn;
  }

  // The row of the point at a place on the screen; null if there is none near.
  rowAt(px, py) {
    if (!this.data) return null;
    this.grid ??= new Grid(this.data.x, this.data.y);
    const reach = (LARGEST_POINT + 6) / this.scale;
    const mx = this.view.x + (px - this.element.clientWidth / 2) / this.scale;
    const my = this.view.y - (py - this.element.clientHeight / 2) / this.scale;
    return this.grid.nearest(mx, my, reach);
  }

  listen() {
    const pointers = new Map(), { canvas } = this;
    let moved = 0;
    this.element.addEventListener("keydown", (event) => this.press(event));
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, event);
      if (pointers.size === 1) moved = 0;
    });
    canvas.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) {
        this.hover(event);
        return;
      }
      const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
      const other = [...pointers.values()].find((each) => each !== before);
      pointers.set(event.pointerId, event);
      moved += Math.abs(dx) + Math.abs(dy);
      if (other) {
        const gap = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
        const box = canvas.getBoundingClientRect();
        const middle = [(event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2];
        this.pan(-dx / 2, -dy / 2);
        this.zoom(gap(event) / Math.max(1, gap(before)), middle[0] - box.left, middle[1] - box.top);
      } else {
        this.pan(-dx, -dy);
      }
      this.tip.hidden = true;
    });
    const release = (event) => {
      const alone = pointers.size === 1;
      if (!pointers.delete(event.pointerId)) return;
      if (event.type === "pointerup" && alone && moved < CLICK_PIXELS) {
        const row = this.rowAt(...inside(event, canvas));
        if (row !== null) this.onPick(row);
      }
    };
    canvas.addEventListener("pointerup", release);
    canvas.addEventListener("pointercancel", release);
    canvas.addEventListener("pointerleave", () => {
      this.tip.hidden = true;
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), ...inside(event, canvas));
    }, { passive: false });
  }

  // Let buttons zoom.
  listenTo({ into, out, all }) {
    into.addEventListener("click", () => this.zoom(STEP));
    out.addEventListener("click", () => this.zoom(1 / STEP));
    all.addEventListener("click", () => this.all());
  }

  press(event) {
    const moves = { ArrowLeft: [-60, 0], ArrowRight: [60, 0], ArrowUp: [0, -60], ArrowDown: [0, 60] };
    if (!this.data) return;
    if (event.key in moves) this.pan(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoom(STEP);
    else if (event.key === "-") this.zoom(1 / STEP);
    else if (event.key === "0") this.all();
    else return;
    event.preventDefault();
  }

  // Show the word under the pointer, and how often it occurs.
  hover(event) {
    const [px, py] = inside(event, this.canvas), row = this.rowAt(px, py);
    this.canvas.style.cursor = row === null ? "grab" : "pointer";
    this.tip.hidden = row === null;
    if (row === null) return;
    const { words, counts } = this.data;
    this.tip.textContent = words[row] + (counts ? ` · ${counts[row].toLocaleString("en")}` : "");
    this.tip.style.left = `${Math.min(px + 12, this.element.clientWidth - this.tip.offsetWidth - 4)}px`;
    this.tip.style.top = `${Math.max(py - 30, 4)}px`;
  }
}

// The points by the cells of a grid, to find the nearest one.
class Grid {
  constructor(x, y) {
    this.x = x;
    this.y = y;
    this.cells = new Map();
    x.forEach((each, row) => {
      const key = this.key(each, y[row]);
      if (!this.cells.has(key)) this.cells.set(key, []);
      this.cells.get(key).push(row);
    });
  }

  key(x, y) {
    return Math.floor(x * 32) * 4096 + Math.floor(y * 32);
  }

  nearest(x, y, reach) {
    let best = null, least = reach;
    for (let cx = Math.floor((x - reach) * 32); cx <= Math.floor((x + reach) * 32); cx++) {
      for (let cy = Math.floor((y - reach) * 32); cy <= Math.floor((y + reach) * 32); cy++) {
        for (const row of this.cells.get(cx * 4096 + cy) ?? []) {
          const distance = Math.hypot(this.x[row] - x, this.y[row] - y);
          if (distance < least) [best, least] = [row, distance];
        }
      }
    }
    return best;
  }
}

// Rectangles that do not overlap, found by the cells of a grid that they cover.
class Boxes {
  constructor() {
    this.cells = new Map();
  }

  add(left, top, right, bottom) {
    const keys = [];
    for (let column = Math.floor(left / 64); column <= Math.floor(right / 64); column++) {
      for (let row = Math.floor(top / 32); row <= Math.floor(bottom / 32); row++) {
        keys.push(column * 4096 + row);
      }
    }
    const overlaps = keys.some((key) => (this.cells.get(key) ?? []).some((box) =>
      left < box[2] && right > box[0] && top < box[3] && bottom > box[1]));
    if (overlaps) return false;
    keys.forEach((key) => {
      if (!this.cells.has(key)) this.cells.set(key, []);
      this.cells.get(key).push([left, top, right, bottom]);
    });
    return true;
  }
}

function inside(event, element) {
  const box = element.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

// The radius of each point in pixels: it grows with the logarithm of the count.
function radiiOf({ words, counts }) {
  const crowd = Math.max(0.4, Math.min(1, (2000 / words.length) ** 0.3));
  return sharesOf(counts, words.length).map((share) =>
    crowd * (SMALLEST_POINT + (LARGEST_POINT - SMALLEST_POINT) * share ** 2));
}

function coloursOf({ words, groups, counts }, colour) {
  if (colour === "groups") return groups.map((group) => css(`--group-${group}`));
  const lightness = css("--ramp-lightness");
  return sharesOf(counts, words.length).map((share) =>
    `hsl(${Math.round(260 - 230 * share)} 70% ${lightness})`);
}

// How frequent each word is, from 0 to 1, by the logarithm of its count.
function sharesOf(counts, length) {
  if (!counts) return new Array(length).fill(0.3);
  const logs = counts.map((count) => Math.log(count + 1));
  const least = logs.reduce((a, b) => Math.min(a, b)), most = logs.reduce((a, b) => Math.max(a, b));
  return logs.map((log) => (log - least) / (most - least || 1));
}

// The median place of each group.
function middles(x, y, groups, count) {
  const members = Array.from({ length: count }, () => [[], []]);
  groups.forEach((group, row) => {
    members[group][0].push(x[row]);
    members[group][1].push(y[row]);
  });
  return members.map((both) => both.map((each) => {
    each.sort((a, b) => a - b);
    return each[Math.floor(each.length / 2)];
  }));
}

// The value of a property of the page's style sheet. Reading one takes time, so all are kept until
// the theme changes.
const kept = { theme: null, values: new Map() };

export function css(name) {
  const { theme } = document.documentElement.dataset;
  if (kept.theme !== theme) Object.assign(kept, { theme, values: new Map() });
  if (!kept.values.has(name)) {
    const style = getComputedStyle(document.documentElement);
    kept.values.set(name, style.getPropertyValue(name).trim());
  }
  return kept.values.get(name);
}
