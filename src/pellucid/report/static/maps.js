"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const items = data.names.length;
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const state = { by: data.labelled ? "true" : "predicted", hidden: new Set(), wrongOnly: false,
                  item: -1, hover: -1, chosen: new Set() };
  const tip = document.getElementById("tip");
  const classOf = (i) => data[state.by][i];
  const isWrong = (i) => data.true[i] >= 0 && data.predicted[i] >= 0 && data.true[i] !== data.predicted[i];
  const colourOf = (c) => (c < 0 ? data.unknown : data.colours[c]);
  const nameOf = (c) => (c < 0 ? "unknown" : data.classes[c]);
  const visible = (i) => !state.hidden.has(classOf(i)) && (!state.wrongOnly || isWrong(i));

  class Panel {
    constructor(layer, canvas) {
      this.layer = layer;
      this.canvas = canvas;
      this.view = { x: 0, y: 0, zoom: 1 };
      this.from = null;
      this.box = null;
      canvas.addEventListener("pointerdown", (e) => this.press(e));
      canvas.addEventListener("pointermove", (e) => this.move(e));
      canvas.addEventListener("pointerup", (e) => this.release(e));
      canvas.addEventListener("pointerleave", () => this.leave());
      canvas.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
      canvas.addEventListener("dblclick", () => { this.view = { x: 0, y: 0, zoom: 1 }; this.draw(); });
      new ResizeObserver(() => this.draw()).observe(canvas);
    }
    place(i) {
      const size = this.canvas.clientWidth, edge = 14;
      const [x, y] = [this.layer.points[2 * i], this.layer.points[2 * i + 1]];
      const scale = (size - 2 * edge) * this.view.zoom / data.span;
      return [edge + x * scale - this.view.x, edge + y * scale - this.view.y];
    }
    at(event) {
      const box = this.canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    }
    nearest(x, y) {
      let best = -1, least = 12 * 12;
      for (let i = 0; i < items; i++) {
        if (!visible(i)) continue;
        const [px, py] = this.place(i);
        const gap = (px - x) ** 2 + (py - y) ** 2;
        if (gap < least) { least = gap; best = i; }
      }
      return best;
    }
    press(event) {
      this.canvas.setPointerCapture(event.pointerId);
      this.from = this.at(event);
    }
    move(event) {
      const [x, y] = this.at(event);
      if (this.from && Math.hypot(x - this.from[0], y - this.from[1]) > 5) {
        this.box = [...this.from, x, y];
        tip.hidden = true;
        this.draw();
        return;
      }
      const found = this.nearest(x, y);
      if (found !== state.hover) { state.hover = found; drawAll(); }
      describe(found, event);
    }
    release(event) {
      const [x, y] = this.at(event);
      if (this.box) this.select(this.box);
      else {
        state.item = this.nearest(x, y);
        state.chosen = new Set();
      }
      this.from = this.box = null;
      update();
    }
    select([ax, ay, bx, by]) {
      state.item = -1;
      state.chosen = new Set();
      for (let i = 0; i < items; i++) {
        const [x, y] = this.place(i);
        const inside = x >= Math.min(ax, bx) && x <= Math.max(ax, bx) && y >= Math.min(ay, by) && y <= Math.max(ay, by);
        if (inside && visible(i)) state.chosen.add(i);
      }
    }
    leave() {
      if (state.hover >= 0) { state.hover = -1; drawAll(); }
      tip.hidden = true;
    }
    wheel(event) {
      event.preventDefault();
      const [x, y] = this.at(event), edge = 14;
      const zoom = Math.min(40, Math.max(1, this.view.zoom * Math.exp(-event.deltaY / 400)));
      const grown = zoom / this.view.zoom;
      this.view.x = zoom === 1 ? 0 : (this.view.x + x - edge) * grown - x + edge;
      this.view.y = zoom === 1 ? 0 : (this.view.y + y - edge) * grown - y + edge;
      this.view.zoom = zoom;
      this.draw();
    }
    draw() {
      const size = this.canvas.clientWidth, dense = window.devicePixelRatio || 1;
      this.canvas.width = this.canvas.height = Math.round(size * dense);
      const pen = this.canvas.getContext("2d");
      pen.setTransform(dense, 0, 0, dense, 0, 0);
      const radius = Math.min(4.5, Math.max(1.2, 90 / Math.sqrt(items))) * Math.sqrt(this.view.zoom) ** 0.7;
      const near = state.item >= 0 ? this.layer.near.slice(state.item * data.k, (state.item + 1) * data.k) : [];
      const marked = state.chosen.size ? state.chosen : state.item >= 0 ? new Set([state.item, ...near]) : null;
      for (const i of data.order) if (visible(i)) this.dot(pen, i, radius, !marked || marked.has(i) ? 0.85 : 0.15);
      if (state.item >= 0) {
        const [x, y] = this.place(state.item);
        pen.strokeStyle = css("--quiet");
        pen.lineWidth = 1;
        for (const j of near) {
          pen.beginPath(); pen.moveTo(x, y); pen.lineTo(...this.place(j)); pen.stroke();
        }
        this.ring(pen, state.item, radius + 4);
      }
      if (state.hover >= 0) this.ring(pen, state.hover, radius + 3);
      if (this.box) {
        const [ax, ay, bx, by] = this.box;
        pen.strokeStyle = css("--ink");
        pen.setLineDash([4, 3]);
        pen.strokeRect(ax, ay, bx - ax, by - ay);
        pen.setLineDash([]);
      }
    }
    dot(pen, i, radius, alpha) {
      const [x, y] = this.place(i);
      pen.globalAlpha = alpha;
      pen.fillStyle = colourOf(classOf(i));
      pen.beginPath(); pen.arc(x, y, radius, 0, 7); pen.fill();
      if (isWrong(i)) {
        pen.strokeStyle = css("--ink");
        pen.lineWidth = 1.4;
        pen.beginPath(); pen.arc(x, y, radius + 1.6, 0, 7); pen.stroke();
      }
      pen.globalAlpha = 1;
    }
    ring(pen, i, radius) {
      pen.strokeStyle = css("--accent");
      pen.lineWidth = 2.5;
      pen.beginPath(); pen.arc(...this.place(i), radius, 0, 7); pen.stroke();
    }
  }

  const element = (tag, text = "", kind = "") => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const picture = (i) => {
    if (!data.pictures.length || !data.pictures[i]) return null;
    const made = element("img");
    made.src = data.pictures[i];
    made.alt = "";
    return made;
  };
  const words = (i) => {
    const known = [];
    if (data.true[i] >= 0) known.push(`is ${nameOf(data.true[i])}`);
    if (data.predicted[i] >= 0) known.push(`predicted ${nameOf(data.predicted[i])}`);
    return known.join(", ");
  };
  function describe(i, event) {
    tip.hidden = i < 0;
    if (i < 0) return;
    tip.replaceChildren(...[picture(i), element("strong", data.names[i]), element("span", words(i))].filter(Boolean));
    tip.style.left = `${Math.min(event.clientX + 14, window.innerWidth - 220)}px`;
    tip.style.top = `${event.clientY + 14}px`;
  }
  function card(i) {
    const made = element("button", "", isWrong(i) ? "card wrong" : "card");
    made.type = "button";
    made.append(...[picture(i), element("span", data.names[i]), element("small", words(i))].filter(Boolean));
    made.style.borderTopColor = colourOf(classOf(i));
    made.addEventListener("click", () => { state.item = i; state.chosen = new Set(); update(); });
    return made;
  }
  function row(title, list) {
    const made = element("div", "", "row");
    made.append(element("h3", title));
    const cards = element("div", "", "cards");
    cards.append(...list.map(card));
    made.append(cards);
    return made;
  }
  function detail() {
    const place = document.getElementById("detail");
    place.replaceChildren();
    if (state.chosen.size) {
      const list = [...state.chosen], wrong = list.filter(isWrong).length;
      const counts = new Map();
      for (const i of list) counts.set(nameOf(classOf(i)), (counts.get(nameOf(classOf(i))) || 0) + 1);
      const told = [...counts].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${count}`).join(", ");
      place.append(row(`${list.length} items chosen: ${told}${wrong ? `; ${wrong} misclassified` : ""}`, list.slice(0, 60)));
    } else if (state.item >= 0) {
      place.append(row("Chosen", [state.item]));
      for (const layer of data.layers)
        place.append(row(`Nearest at ${layer.name}`, layer.near.slice(state.item * data.k, (state.item + 1) * data.k)));
    }
  }
  function legend() {
    const place = document.getElementById("legend");
    const counts = new Map();
    for (let i = 0; i < items; i++) counts.set(classOf(i), (counts.get(classOf(i)) || 0) + 1);
    place.replaceChildren(...[...counts.keys()].sort((a, b) => a - b).map((c) => {
      const made = element("button", `${nameOf(c)} ${counts.get(c)}`);
      made.type = "button";
      made.setAttribute("aria-pressed", String(!state.hidden.has(c)));
      made.style.setProperty("--shade", colourOf(c));
      made.addEventListener("click", () => {
        if (!state.hidden.delete(c)) state.hidden.add(c);
        made.setAttribute("aria-pressed", String(!state.hidden.has(c)));
        drawAll();
      });
      return made;
    }));
  }
  const panels = [...document.querySelectorAll("canvas")].map((canvas, i) => new Panel(data.layers[i], canvas));
  function drawAll() { for (const panel of panels) panel.draw(); }
  function update() { drawAll(); detail(); }
  for (const choice of document.querySelectorAll("input[name=by]"))
    choice.addEventListener("change", () => { state.by = choice.value; state.hidden.clear(); legend(); update(); });
  const only = document.getElementById("wrong");
  if (only) only.addEventListener("change", () => { state.wrongOnly = only.checked; drawAll(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  const asked = /^#item=(\d+)$/.exec(location.hash);
  if (asked && Number(asked[1]) < items) state.item = Number(asked[1]);
  legend();
  update();
})();
