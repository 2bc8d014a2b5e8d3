/** A map in colours, over what the network saw or alone. */

import { entry, table } from "../colour/palette";
import type { Scale } from "./scale";

export interface Paint {
  view: "overlay" | "blend" | "map" | "input";
  alpha: number;
  threshold: number;
  cmap: string;
}

/**
 * RGBA of `values`. In `overlay` the colour is as strong as the evidence, so that where there is
 * none the pixel is the picture's; `blend` gives every place the weight `alpha`. Values whose share
 * of the scale is below `threshold` are left out.
 */
export function paint(
  values: Float32Array,
  scale: Scale,
  photo: Uint8ClampedArray | null,
  out: Uint8ClampedArray,
  how: Paint,
): void {
  const colours = table(how.cmap);
  const view = photo === null && how.view !== "input" ? "map" : how.view;
  for (let k = 0; k < values.length; k++) {
    const at = k * 4;
    const drawn = display(values[k]!, scale);
    const size = Math.abs(drawn);
    const kept = size >= how.threshold;
    let weight = 0;
    if (view === "map") weight = kept ? 1 : 0;
    else if (view === "blend") weight = kept ? how.alpha : 0;
    else if (view === "overlay") weight = kept ? how.alpha * size : 0;
    const colour = entry(drawn, scale.signed);
    for (let c = 0; c < 3; c++) {
      const below = view === "map" || photo === null ? neutral(scale.signed) : photo[at + c]!;
      out[at + c] = Math.round(below + weight * (colours[colour + c]! - below));
    }
    out[at + 3] = 255;
  }
}

/** −1 to 1 where signed, 0 to 1 otherwise; never NaN. */
export function display(value: number, scale: Scale): number {
  if (scale.high <= 0 || Number.isNaN(value)) return 0;
  const share = value / scale.high;
  return Math.min(1, Math.max(scale.signed ? -1 : 0, share));
}

function neutral(signed: boolean): number {
  return signed ? 243 : 8;
}
