/** The place under the pointer, from 0 to 1, the same in every map on the screen. */

import type { PointerEvent } from "react";

import { store } from "./store";

export interface Cursor {
  x: number;
  y: number;
}

export const cursor = store<Cursor | null>(null);

export function placeOf(event: PointerEvent<HTMLCanvasElement>): Cursor | null {
  const box = event.currentTarget.getBoundingClientRect();
  const x = (event.clientX - box.left) / box.width;
  const y = (event.clientY - box.top) / box.height;
  return x >= 0 && x < 1 && y >= 0 && y < 1 ? { x, y } : null;
}
