import { describe, expect, it } from "vitest";

import { byShare, countsOf, nextName, simplified } from "../src/state/groups";

const square: [number, number][] = [
  [-1, -1],
  [1, -1],
  [1, 1],
  [-1, 1],
];
const arrays = {
  points: Float32Array.from([0, 0, 0.5, 0.5, 3, 3, 4, 4]),
  labels: Float32Array.from([0, 1, 1, -1]),
  predicted: Float32Array.from([0, 0, 0, 1]),
};

describe("groups of a map", () => {
  it("count a point for the first one only", () => {
    const within = { name: "A", by: "labels" as const, classes: null, line: square };
    const ones = { name: "1", by: "labels" as const, classes: [1], line: null };
    expect(countsOf([within, ones], arrays)).toEqual([2, 1]);
    expect(countsOf([ones, within], arrays)).toEqual([2, 1]);
    expect(countsOf([{ ...within, classes: [0] }], arrays)).toEqual([1]);
    expect(countsOf([{ ...ones, by: "predicted" }], arrays)).toEqual([1]);
  });
  it("are named by the next free letter", () => {
    expect(nextName([])).toBe("A");
    expect(nextName([{ name: "A", by: "labels", classes: null, line: null }])).toBe("B");
  });
  it("keep few corners of a long line", () => {
    const line = Array.from({ length: 1000 }, (_, k) => k / 3);
    expect(simplified(line).length).toBeLessThanOrEqual(60);
    expect(simplified([0.123456, 1, 2, 3])).toEqual([
      [0.1235, 1],
      [2, 3],
    ]);
  });
});

it("colours what has no score grey", () => {
  const colours = byShare(Float32Array.from([NaN, 0, 1]), "viridis");
  expect([...colours.slice(0, 3)]).toEqual([140, 140, 140]);
  expect([...colours.slice(3, 6)]).toEqual([68, 1, 84]);
});
