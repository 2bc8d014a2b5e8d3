/** Which numbers of a result are drawn, and on which scale. */

import type { MapResult } from "../api/client";
import type { Look } from "../state/url";
import type { Arrays } from "../state/results";
import type { Grid } from "./resample";
import { overChannels, scaleOf, type Scale } from "./scale";

/** The map at the resolution that was asked for, one value a place. */
export function gridOf(view: MapResult, arrays: Arrays, look: Look): Grid | null {
  const coarse = look.detail === "native" ? arrays["coarse"] : undefined;
  const shape = coarse ? view.arrays["coarse"]!.shape : view.arrays["values"]!.shape;
  const values = coarse ?? arrays["values"];
  if (!values || shape.length < 2) return null;
  const [height, width] = shape.slice(-2) as [number, number];
  const unit = view.arrays["values"]!.unit;
  if (unit !== undefined) {
    const cells = height * width;
    return { values: values.subarray(unit * cells, (unit + 1) * cells), height, width };
  }
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
