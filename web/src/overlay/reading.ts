/** Which numbers of a result are drawn, and on which scale. */

import type { MapResult } from "../api/client";
import type { Look } from "../state/url";
import type { Arrays } from "../state/results";
import type { Grid } from "./resample";
import { overChannels, scaleOf, type Scale } from "./scale";

/** The numbers that are meant: those of one of several that lie together, or all. */
export function valuesOf(view: MapResult, arrays: Arrays | null): Float32Array | undefined {
  const all = arrays?.["values"];
  const info = view.arrays["values"];
  if (!all || info?.unit === undefined) return all;
  const cells = info.shape.reduce((a, b) => a * b, 1);
  return all.subarray(info.unit * cells, (info.unit + 1) * cells);
}

/** The view of one of several that lie together: its file is the same, its numbers are a part. */
export function oneOf<V extends { arrays: MapResult["arrays"] }>(view: V, unit: number): V {
  const values = view.arrays["values"];
  if (!values) return view;
  return { ...view, arrays: { ...view.arrays, values: { ...values, shape: values.shape.slice(1), unit } } };
}

/** The map at the resolution that was asked for, one value a place. */
export function gridOf(view: MapResult, arrays: Arrays, look: Look): Grid | null {
  const coarse = look.detail === "native" ? arrays["coarse"] : undefined;
  const shape = coarse ? view.arrays["coarse"]!.shape : view.arrays["values"]!.shape;
  const values = coarse ?? valuesOf(view, arrays);
  if (!values || shape.length < 2) return null;
  const [height, width] = shape.slice(-2) as [number, number];
  const channels = values.length / (height * width);
  const flat = channels > 1 ? overChannels(values, channels, look.channels) : values;
  return { values: flat, height, width };
}

/** Whether the sign is shown: as the method says, unless the reader says else. */
export function isSigned(view: MapResult, look: Look): boolean {
  if (look.sign !== "auto") return look.sign === "signed";
  return view.signed;
}

export function ownScale(values: Float32Array, view: MapResult, look: Look): Scale {
  return scaleOf([values], isSigned(view, look), look.clip);
}
