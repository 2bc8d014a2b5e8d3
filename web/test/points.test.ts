import { describe, expect, it } from "vitest";

import { inside, PointIndex, scattered } from "../src/overlay/points";

describe("points", () => {
  const many = Float32Array.from({ length: 4000 }, (_, k) => (Math.sin(k * 12.9898) * 43.7) % 1);
  it("finds the nearest as a search of all does", () => {
    const index = new PointIndex(many);
    for (let t = 0; t < 50; t++) {
      const [x, y] = [Math.cos(t) * 0.8, Math.sin(t * 3) * 0.8];
      let [best, least] = [-1, Infinity];
      for (let k = 0; k < many.length / 2; k++) {
        const distance = Math.hypot(many[2 * k]! - x, many[2 * k + 1]! - y);
        if (distance < least) [best, least] = [k, distance];
      }
      expect(index.nearest(x, y, 2, () => true)).toBe(best);
    }
  });
  it("passes over what does not count, and finds nothing beyond its reach", () => {
    const index = new PointIndex(Float32Array.of(0, 0, 1, 1));
    expect(index.nearest(0.1, 0.1, 2, (k) => k === 1)).toBe(1);
    expect(index.nearest(0.5, 0.5, 0.1, () => true)).toBe(-1);
  });
  it("bears no points, one point, and what is no number", () => {
    expect(new PointIndex(new Float32Array(0)).nearest(0, 0, 1, () => true)).toBe(-1);
    expect(new PointIndex(Float32Array.of(3, 4)).nearest(3, 4, 1, () => true)).toBe(0);
    expect(new PointIndex(Float32Array.of(NaN, 1, 0, 0)).nearest(0, 0, 1, () => true)).toBe(1);
  });
  it("tells what lies inside a line", () => {
    const square = [0, 0, 2, 0, 2, 2, 0, 2];
    expect(inside(Float32Array.of(1, 1, 3, 1, 1, 3, 0.1, 0.1), square)).toEqual([0, 3]);
  });
});

describe("an order whose beginnings are fair samples", () => {
  it("holds every number once", () => {
    for (const count of [0, 1, 2, 10, 1000, 1024])
      expect([...scattered(count)].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
  });
  it("takes from every part alike, also of what was sorted", () => {
    const tenths = Array<number>(10).fill(0);
    for (const k of scattered(100_000).subarray(0, 1000)) tenths[Math.floor(k / 10_000)]!++;
    expect(Math.min(...tenths)).toBeGreaterThan(90);
    expect(Math.max(...tenths)).toBeLessThan(110);
  });
});
