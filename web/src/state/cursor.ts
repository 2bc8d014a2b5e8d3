/** The place under the pointer, from 0 to 1, the same in every map on the screen. */

import { store } from "./store";

export interface Cursor {
  x: number;
  y: number;
}

export const cursor = store<Cursor | null>(null);
