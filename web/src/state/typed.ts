/** What was typed or left open, as the server takes it. */

import type { Layer, Model, Parameter } from "../api/client";
import type { Target } from "./url";

/** A class number, a class name, `7 – 9` for a contrast, or a word that the model knows. */
export function readTyped(text: string, model: Pick<Model, "classes"> | undefined): Target | undefined {
  const typed = text.trim();
  if (!typed) return undefined;
  const known = model?.classes?.indexOf(typed) ?? -1;
  if (known >= 0) return known;
  const rather = /^(\d+)\s*[-–]\s*(\d+)$/.exec(typed);
  if (rather) return { a: Number(rather[1]), b: Number(rather[2]) };
  return /^\d+$/.test(typed) ? Number(typed) : typed;
}

/** What was typed, as the server takes it; the server checks it. */
export function read(text: string, field: Pick<Parameter, "kind" | "layer">): unknown {
  const typed = text.trim();
  if (!typed) return undefined;
  if (field.layer) return typed;
  const list = typed.split(/[\s,×x]+/);
  if (/integer|number|any|array/.test(field.kind)) {
    const numbers = list.map(Number);
    if (numbers.every(Number.isFinite)) return numbers.length === 1 ? numbers[0] : numbers;
  }
  return typed;
}

/** Some layers, evenly spread, the last and the chosen one among them; the outermost of each. */
export function spread(layers: Layer[], most: number): Layer[] {
  const blocks = layers.filter(
    (layer) => !layers.some((other) => other !== layer && layer.name.startsWith(`${other.name}.`)),
  );
  const maps = blocks.length >= 3 ? blocks : layers;
  if (maps.length <= most) return maps;
  const kept = new Set<Layer>();
  for (let k = 0; k < most; k++) kept.add(maps[Math.round((k * (maps.length - 1)) / (most - 1))]!);
  return [...kept];
}
