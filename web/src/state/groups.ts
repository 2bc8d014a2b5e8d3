/** Groups of items on a map: their colours, their names, and those that are compared. */

import type { ProjectResult } from "../api/client";
import { entry, table } from "../colour/palette";
import { inside } from "../overlay/points";
import type { Arrays } from "./results";
import type { Group } from "./url";

export type By = "labels" | "predicted";

export interface Classes {
  /** The class of every point; negative where it is not known. */
  of: Float32Array;
  names: Map<number, string>;
}

export function classesOf(found: ProjectResult, arrays: Arrays, by: By): Classes {
  const of = arrays[by] ?? new Float32Array(0);
  const name = (one: number) => {
    if (one < 0) return "unknown";
    return (by === "labels" ? found.labels[one] : found.classes[one]) ?? `class ${one}`;
  };
  const all = [...new Set(of)].sort((a, b) => a - b);
  return { of, names: new Map(all.map((one) => [one, name(one)])) };
}

/** RGB of every point by its class. */
export function byClass(classes: Classes, colour: (place: number) => string): Uint8Array {
  const shades = new Map([...classes.names.keys()].map((one, k) => [one, rgb(colour(k))]));
  const colours = new Uint8Array(classes.of.length * 3);
  classes.of.forEach((one, k) => colours.set(shades.get(one)!, 3 * k));
  return colours;
}

/** RGB of every point by a share from 0 to 1; grey where there is none. */
export function byShare(shares: Float32Array, cmap: string): Uint8Array {
  const tables = table(cmap);
  const colours = new Uint8Array(shares.length * 3);
  shares.forEach((share, k) => {
    const at = Number.isFinite(share) ? entry(Math.min(1, Math.max(0, share)), false) : -1;
    for (let c = 0; c < 3; c++) colours[3 * k + c] = at < 0 ? 140 : tables[at + c]!;
  });
  return colours;
}

/** 1 for points whose class is not hidden. */
export function shownOf(classes: Classes, hidden: ReadonlySet<number>): Uint8Array {
  return Uint8Array.from(classes.of, (one) => (hidden.has(one) ? 0 : 1));
}

/** How many points belong to each group; a point counts for the first one that it is in. */
export function countsOf(groups: Group[], arrays: Arrays): number[] {
  const points = arrays["points"]!;
  const taken = new Uint8Array(points.length / 2);
  return groups.map((group) => {
    const all = group.line ? inside(points, group.line.flat()) : [...taken.keys()];
    const allowed = group.classes && new Set(group.classes);
    const own = all.filter((k) => !taken[k] && (!allowed || allowed.has(arrays[group.by]![k]!)));
    for (const point of own) taken[point] = 1;
    return own.length;
  });
}

const MOST_CORNERS = 60;

/** The line as it is kept in the address: fewer corners, four digits each. */
export function simplified(line: number[]): [number, number][] {
  const corners = line.length / 2;
  const every = Math.max(1, corners / MOST_CORNERS);
  return Array.from({ length: Math.floor(corners / every) }, (_, k) => {
    const at = 2 * Math.floor(k * every);
    return [round(line[at]!), round(line[at + 1]!)];
  });
}

const round = (value: number) => Number(value.toPrecision(4));

/** The first letter that no group has. */
export function nextName(groups: Group[]): string {
  const used = new Set(groups.map((group) => group.name));
  return [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].find((letter) => !used.has(letter)) ?? "Z";
}

function rgb(hex: string): [number, number, number] {
  const value = parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
