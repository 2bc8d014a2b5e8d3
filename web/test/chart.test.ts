import { expect, it } from "vitest";

import { ticks } from "../src/parts/chart";

it.each([
  [0, 1, [0, 0.25, 0.5, 0.75, 1]],
  [0, 53, [0, 20, 40]],
  [-2.2, 13, [0, 5, 10]],
  [0, 0.0031, [0, 0.001, 0.002, 0.003]],
  [0, 256, [0, 100, 200]],
])("ticks from %s to %s are round", (low, high, wanted) => {
  expect(ticks(low, high)).toEqual(wanted);
});
