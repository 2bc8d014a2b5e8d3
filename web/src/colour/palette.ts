/** Colours of values, from the same tables that Pellucid's pictures are drawn with. */

import { DIVERGING, ENTRIES, SEQUENTIAL } from "./tables";

const tables = new Map<string, Uint8Array>();

export const SEQUENTIAL_NAMES = Object.keys(SEQUENTIAL);
export const DIVERGING_NAMES = Object.keys(DIVERGING);

/** The map that is used where none is chosen, or where the chosen one does not fit. */
export function fitting(name: string, signed: boolean): string {
  const known = signed ? DIVERGING : SEQUENTIAL;
  if (name in known) return name;
  return signed ? "pellucid" : "inferno";
}

/** `ENTRIES` RGB triples. */
export function table(name: string): Uint8Array {
  let found = tables.get(name);
  if (!found) {
    const text = SEQUENTIAL[name] ?? DIVERGING[name];
    if (text === undefined) throw new Error(`no colour map ${name}`);
    const raw = atob(text);
    found = new Uint8Array(raw.length);
    for (let k = 0; k < raw.length; k++) found[k] = raw.charCodeAt(k);
    tables.set(name, found);
  }
  return found;
}

/** Where the colour of a display value lies in a table: −1 to 1 where signed, else 0 to 1. */
export function entry(value: number, signed: boolean): number {
  const place = signed ? (value + 1) / 2 : value;
  return Math.round(Math.min(1, Math.max(0, place)) * (ENTRIES - 1)) * 3;
}

/** A colour bar for CSS. */
export function gradient(name: string, steps = 17): string {
  const colours = table(name);
  const stops = Array.from({ length: steps }, (_, k) => {
    const at = Math.round((k / (steps - 1)) * (ENTRIES - 1)) * 3;
    return `rgb(${colours[at]} ${colours[at + 1]} ${colours[at + 2]})`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
