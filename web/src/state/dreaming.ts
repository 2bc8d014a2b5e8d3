/** What is to be dreamt, as the address says it or as is usual, and as the server is asked. */

import type { Layer, Method, Model } from "../api/client";
import { addressNow, go } from "./address";
import type { Asked } from "./results";
import type { Dream } from "./url";

/** Pixels of a dream where none are said: large enough for several octaves. */
export const USUAL_SIZE = 448;

/** Methods that make an input instead of explaining one. */
const makesInputs = (method: Method) => method.gives === "input";

const MODALITY: Record<string, string> = {
  image: "image",
  series: "series",
  row: "table",
  text: "text",
};

/** Methods that can make an item of this kind; arrays and live items may be anything. */
export function dreamers(methods: readonly Method[], kind: string | undefined): Method[] {
  const modality = MODALITY[kind ?? ""];
  return methods.filter(
    (method) => makesInputs(method) && (!modality || method.modalities.includes(modality)),
  );
}

export function usualDream(methods: readonly Method[], model: Model | undefined): Dream | null {
  const first = methods[0];
  if (!first) return null;
  const size = model?.resizable && beginsWithInput(first) ? USUAL_SIZE : null;
  return { method: { name: first.name, params: {} }, target: null, size, seed: 0, guide: null };
}

/** Whether the method changes the item, rather than noise of the same shape. */
export const beginsWithInput = (method: Method) => !method.needs_target;

/** Whether another item can say what is to be found. */
export const takesGuide = (method: Method) =>
  method.parameters.some((field) => field.name === "guide");

/** Change what is to be dreamt; typing leaves no steps to go back through. */
export function changeDream(now: Dream, change: Partial<Dream>): void {
  go({ dream: { ...now, ...change } }, true);
}

export function askedOf(dream: Dream, start: string | null): Asked | null {
  const { model, item } = addressNow();
  if (item === null) return null;
  return { kind: "dream", model, item, ...dream, start };
}

/** `3`, `0, 4`, `0-5` as channels; nothing for all of them. */
export function readChannels(text: string): number | number[] | undefined {
  const found = text.split(/[\s,]+/).flatMap((word) => {
    const span = /^(\d+)\s*[-–]\s*(\d+)$/.exec(word);
    if (span) {
      const [first, last] = [Number(span[1]), Number(span[2])];
      return Array.from({ length: Math.max(0, Math.min(last - first + 1, 64)) }, (_, k) => first + k);
    }
    return /^\d+$/.test(word) ? [Number(word)] : [];
  });
  if (!found.length) return undefined;
  return found.length === 1 ? found[0] : found;
}

export function channelWords(channels: unknown): string {
  if (Array.isArray(channels)) return channels.join(", ");
  return channels === undefined || channels === null ? "" : String(channels);
}

/** How many channels a layer has, by its shape and layout; null where it cannot be told. */
export function channelsOf(layer: Layer | undefined): number | null {
  if (!layer) return null;
  const axis = layer.layout.indexOf("C");
  const size = layer.shape[axis < 0 ? 1 : axis];
  return typeof size === "number" ? size : null;
}
