import { describe, expect, it } from "vitest";

import { display, paint } from "../src/overlay/paint";
import { resampled } from "../src/overlay/resample";
import { number, overChannels, percentile, scaleOf } from "../src/overlay/scale";

const wide = (count: number, value: (k: number) => number) =>
  Float32Array.from({ length: count }, (_, k) => value(k));

describe("scale", () => {
  it("ends at the greatest of few values", () => {
    expect(scaleOf([Float32Array.of(1, -4, 2)], false, 99)).toMatchObject({ low: 0, high: 2 });
    expect(scaleOf([Float32Array.of(1, -4, 2)], true, 99)).toMatchObject({ low: -4, high: 4 });
  });
  it("ends at the percentile of the sizes that are not zero", () => {
    const values = wide(4002, (k) => (k < 2001 ? 0 : k - 2000));
    expect(scaleOf([values], false, 99.5).high).toBeCloseTo(1 + 2000 * 0.995, 6);
  });
  it("is shared by several maps", () => {
    expect(scaleOf([Float32Array.of(1), Float32Array.of(7)], false, 100).high).toBe(7);
  });
  it("leaves out what is not finite", () => {
    expect(scaleOf([Float32Array.of(NaN, Infinity, 3)], false, 100).high).toBe(3);
    expect(scaleOf([Float32Array.of(NaN, 0)], true, 100).high).toBe(0);
  });
  it("interpolates percentiles as numpy does", () => {
    expect(percentile(Float64Array.of(0, 10, 20, 30), 50)).toBe(15);
  });
});

describe("channels", () => {
  const values = Float32Array.of(1, -2, -3, 5);
  it.each([
    ["sum", [-2, 3]],
    ["sum_abs", [4, 7]],
    ["max_abs", [3, 5]],
  ] as const)("%s", (how, wanted) => {
    expect([...overChannels(values, 2, how)]).toEqual(wanted);
  });
});

describe("paint", () => {
  const photo = Uint8ClampedArray.of(10, 20, 30, 255, 10, 20, 30, 255);
  const draw = (view: "overlay" | "blend" | "map", threshold = 0, alpha = 0.6) => {
    const out = new Uint8ClampedArray(8);
    const scale = { low: 0, high: 2, signed: false, clipped: 100 };
    const how = { view, alpha, threshold, cmap: "inferno" };
    paint(Float32Array.of(0, 2), scale, photo, out, how);
    return [...out];
  };
  it("leaves the picture where there is no evidence", () => {
    expect(draw("overlay").slice(0, 4)).toEqual([10, 20, 30, 255]);
  });
  it("gives the strongest the weight alpha", () => {
    const [r] = draw("overlay").slice(4);
    expect(r).toBe(Math.round(10 + 0.6 * (252 - 10)));
  });
  it("blends everywhere alike", () => {
    expect(draw("blend", 0, 1).slice(0, 3)).toEqual([0, 0, 4]);
  });
  it("leaves out what is below the threshold", () => {
    expect(draw("blend", 0.5).slice(0, 3)).toEqual([10, 20, 30]);
    expect(draw("overlay", 1).slice(4)).not.toEqual([10, 20, 30, 255]);
  });
  it("never draws what is not a number", () => {
    expect(display(NaN, { low: 0, high: 1, signed: false, clipped: 100 })).toBe(0);
  });
  it("cuts at both ends", () => {
    const scale = { low: -2, high: 2, signed: true, clipped: 100 };
    expect([display(-9, scale), display(9, scale), display(1, scale)]).toEqual([-1, 1, 0.5]);
  });
});

describe("resampling", () => {
  const map = { values: Float32Array.of(0, 1, 2, 3), height: 2, width: 2 };
  it("repeats cells", () => {
    expect([...resampled(map, 4, 4, false)].slice(0, 4)).toEqual([0, 0, 1, 1]);
  });
  it("interpolates between the centres of cells", () => {
    const found = resampled(map, 4, 4, true);
    expect([...found].slice(0, 4)).toEqual([0, 0.25, 0.75, 1]);
    expect(found[15]).toBe(3);
  });
  it("keeps what has the size already", () => {
    expect(resampled(map, 2, 2, true)).toBe(map.values);
  });
});

describe("numbers", () => {
  it.each([
    [0, "0"],
    [-0, "0"],
    [1.23456, "1.23"],
    [-0.5, "−0.5"],
    [0.00001234, "1.23e−5"],
    [NaN, "–"],
  ])("%f is %s", (value, text) => expect(number(value)).toBe(text));
});
