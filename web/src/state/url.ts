/** The state of a page lies in the address, so that a link brings somebody to the same view. */

export const PAGES = [
  "data",
  "predict",
  "explain",
  "layers",
  "dream",
  "map",
  "trust",
  "jobs",
] as const;
export type Page = (typeof PAGES)[number];

export type View = "overlay" | "blend" | "map" | "input";
export type Sign = "auto" | "signed" | "positive";
export type Detail = "smooth" | "native";
export type Channels = "sum" | "sum_abs" | "max_abs";

/** How maps are drawn; everything here is done in the browser. */
export interface Look {
  view: View;
  alpha: number;
  cmap: string;
  clip: number;
  threshold: number;
  sign: Sign;
  detail: Detail;
  channels: Channels;
  shared: boolean;
}

export const LOOK: Look = {
  view: "overlay",
  alpha: 0.6,
  cmap: "auto",
  clip: 99.5,
  threshold: 0,
  sign: "auto",
  detail: "smooth",
  channels: "sum",
  shared: false,
};

export interface MethodChoice {
  name: string;
  params: Record<string, unknown>;
}

/** What is to be dreamt: with a target, that class; else the layer that the parameters name. */
export interface Dream {
  method: MethodChoice;
  target: Target;
  /** Pixels of the longer side; null as the network takes it. */
  size: number | null;
  seed: number;
  /** Another item, whose features are to be found in this one. */
  guide: string | null;
}

/** Items of a map: those of some classes, within a line that was drawn around them. */
export interface Group {
  name: string;
  by: "labels" | "predicted";
  classes: number[] | null;
  line: [number, number][] | null;
}

export type Target = null | number | string | { a: number; b: number };

/** Everything that an address says. */
export interface State {
  page: Page;
  model: number;
  item: string | null;
  dataset: string | null;
  methods: MethodChoice[];
  targets: Target[];
  look: Look;
  layer: string | null;
  unit: number | null;
  tab: string | null;
  search: string;
  label: string | null;
  order: string;
  predicted: number | null;
  pins: string[];
  open: string | null;
  dream: Dream | null;
  /** The result that the page Dream shows. */
  run: string | null;
  /** The method of the class maps on the page Layers. */
  cam: string | null;
  /** A second model, whose maps stand beside those of the first. */
  beside: number | null;
  /** What the page Map colours by. */
  by: string | null;
  /** Groups of items on the page Map. */
  groups: Group[];
}

export const EMPTY: State = {
  page: "explain",
  model: 0,
  item: null,
  dataset: null,
  methods: [],
  targets: [null],
  look: LOOK,
  layer: null,
  unit: null,
  tab: null,
  search: "",
  label: null,
  order: "given",
  predicted: null,
  pins: [],
  open: null,
  dream: null,
  run: null,
  cam: null,
  beside: null,
  by: null,
  groups: [],
};

const WORDS = ["item", "dataset", "layer", "tab", "label", "open", "run", "cam", "by"] as const;
const NUMBERS = ["unit", "predicted", "beside"] as const;
const LOOKS = Object.keys(LOOK) as (keyof Look)[];

/** The fragment of the address for a state; what is as usual is left out. */
export function encode(state: State): string {
  const words = new URLSearchParams();
  if (state.model) words.set("model", String(state.model));
  for (const name of WORDS) if (state[name] !== null) words.set(name, state[name]);
  for (const name of NUMBERS) if (state[name] !== null) words.set(name, String(state[name]));
  if (state.search) words.set("search", state.search);
  if (state.order !== "given") words.set("order", state.order);
  for (const method of state.methods) words.append("m", methodWord(method));
  const usual = state.targets.length === 1 && state.targets[0] === null;
  if (!usual) for (const target of state.targets) words.append("t", targetWord(target));
  for (const pin of state.pins) words.append("pin", pin);
  for (const group of state.groups) words.append("g", JSON.stringify(group));
  if (state.dream) writeDream(words, state.dream);
  for (const name of LOOKS)
    if (state.look[name] !== LOOK[name]) words.set(name, String(state.look[name]));
  const text = words.toString();
  return `#/${state.page}${text ? `?${text}` : ""}`;
}

/** The state in a fragment; what cannot be read is as usual. */
export function decode(fragment: string): State {
  const [path, text = ""] = splitOnce(fragment.replace(/^#?\/?/, ""), "?");
  const words = new URLSearchParams(text);
  const state: State = { ...EMPTY, look: { ...LOOK } };
  if ((PAGES as readonly string[]).includes(path)) state.page = path as Page;
  state.model = whole(words.get("model")) ?? 0;
  for (const name of WORDS) state[name] = words.get(name);
  for (const name of NUMBERS) state[name] = whole(words.get(name));
  state.search = words.get("search") ?? "";
  state.order = words.get("order") ?? "given";
  state.methods = words.getAll("m").map(readMethod);
  const targets = words.getAll("t").map(readTarget);
  if (targets.length) state.targets = targets;
  state.pins = words.getAll("pin");
  state.dream = readDream(words);
  state.groups = words.getAll("g").flatMap(readGroup);
  state.look = readLook(words);
  return state;
}

function writeDream(words: URLSearchParams, dream: Dream): void {
  words.set("dream", methodWord(dream.method));
  if (dream.target !== null) words.set("of", targetWord(dream.target));
  if (dream.size !== null) words.set("size", String(dream.size));
  if (dream.seed) words.set("seed", String(dream.seed));
  if (dream.guide !== null) words.set("guide", dream.guide);
}

function readDream(words: URLSearchParams): Dream | null {
  const word = words.get("dream");
  if (!word) return null;
  return {
    method: readMethod(word),
    target: readTarget(words.get("of") ?? ""),
    size: whole(words.get("size")),
    seed: whole(words.get("seed")) ?? 0,
    guide: words.get("guide"),
  };
}

function readGroup(word: string): Group[] {
  try {
    const { name, by, classes, line } = JSON.parse(word) as Group;
    const numbers = (one: unknown) => Array.isArray(one) && one.every((n) => Number.isFinite(n));
    const good =
      typeof name === "string" &&
      (by === "labels" || by === "predicted") &&
      (classes === null || numbers(classes)) &&
      (line === null || (Array.isArray(line) && line.every((p) => numbers(p) && p.length === 2)));
    return good ? [{ name, by, classes, line }] : [];
  } catch {
    return [];
  }
}

function readLook(words: URLSearchParams): Look {
  const look: Record<string, unknown> = { ...LOOK };
  const allowed: Partial<Record<keyof Look, readonly string[]>> = {
    view: ["overlay", "blend", "map", "input"],
    sign: ["auto", "signed", "positive"],
    detail: ["smooth", "native"],
    channels: ["sum", "sum_abs", "max_abs"],
  };
  const bounds: Partial<Record<keyof Look, [number, number]>> = {
    alpha: [0, 1],
    clip: [50, 100],
    threshold: [0, 1],
  };
  for (const name of LOOKS) {
    const word = words.get(name);
    if (word === null) continue;
    const bound = bounds[name];
    if (bound) {
      const value = Number(word);
      if (Number.isFinite(value)) look[name] = Math.min(bound[1], Math.max(bound[0], value));
    } else if (name === "shared") look[name] = word === "true";
    else if (!allowed[name] || allowed[name].includes(word)) look[name] = word;
  }
  return look as unknown as Look;
}

/** `occlusion~window=9~stride=3` */
export function methodWord(method: MethodChoice): string {
  const params = Object.entries(method.params).map(
    ([name, value]) => `~${name}=${encodeURIComponent(JSON.stringify(value)).replaceAll("~", "%7E")}`,
  );
  return method.name + params.join("");
}

export function readMethod(word: string): MethodChoice {
  const [name = "", ...rest] = word.split("~");
  const params: Record<string, unknown> = {};
  for (const part of rest) {
    const [key, value = ""] = splitOnce(part, "=");
    try {
      params[key] = JSON.parse(decodeURIComponent(value));
    } catch {
      continue;
    }
  }
  return { name, params };
}

export function targetWord(target: Target): string {
  if (target === null) return "";
  if (typeof target === "object") return `${target.a}-${target.b}`;
  return String(target);
}

export function readTarget(word: string): Target {
  if (word === "") return null;
  const rather = /^(\d+)-(\d+)$/.exec(word);
  if (rather) return { a: Number(rather[1]), b: Number(rather[2]) };
  return whole(word) ?? word;
}

function whole(word: string | null): number | null {
  return word !== null && /^\d{1,9}$/.test(word) ? Number(word) : null;
}

function splitOnce(text: string, at: string): [string, string?] {
  const place = text.indexOf(at);
  return place < 0 ? [text] : [text.slice(0, place), text.slice(place + at.length)];
}
