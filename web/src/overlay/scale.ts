/** From raw values to the range that is drawn, as `pellucid.render.scale` does it. */

import type { Channels } from "../state/url";

export interface Scale {
  low: number;
  high: number;
  signed: boolean;
  clipped: number;
}

const FEW = 1000;

/** The scale of one map or of several that shall be comparable. */
export function scaleOf(maps: readonly Float32Array[], signed: boolean, clip: number): Scale {
  let count = 0;
  for (const map of maps) for (const value of map) if (size(value, signed) > 0) count += 1;
  if (count === 0) return { low: 0, high: 0, signed, clipped: 100 };
  const sizes = new Float64Array(count);
  let place = 0;
  for (const map of maps)
    for (const value of map) {
      const found = size(value, signed);
      if (found > 0) sizes[place++] = found;
    }
  sizes.sort();
  const cut = clip < 100 && count >= FEW;
  const high = cut ? percentile(sizes, clip) : sizes[count - 1]!;
  return { low: signed ? -high : 0, high, signed, clipped: cut ? clip : 100 };
}

function size(value: number, signed: boolean): number {
  if (!Number.isFinite(value)) return 0;
  return signed ? Math.abs(value) : value;
}

/** Linear between the two nearest, as numpy's. */
export function percentile(sorted: Float64Array, percent: number): number {
  const place = ((sorted.length - 1) * percent) / 100;
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (place - low);
}

/** One value a place of `(channel, …)`. */
export function overChannels(values: Float32Array, channels: number, how: Channels): Float32Array {
  const places = values.length / channels;
  const found = new Float32Array(places);
  for (let c = 0; c < channels; c++)
    for (let p = 0; p < places; p++) {
      const value = values[c * places + p]!;
      if (how === "sum") found[p]! += value;
      else if (how === "sum_abs") found[p]! += Math.abs(value);
      else found[p] = Math.max(found[p]!, Math.abs(value));
    }
  return found;
}

/** A raw value in three digits, without a sign on zero. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text =
    size >= 1e-4 && size < 1e5
      ? String(Number(value.toPrecision(3)))
      : value.toExponential(2).replace("e+", "e");
  return text.replace(/-/g, "−");
}
