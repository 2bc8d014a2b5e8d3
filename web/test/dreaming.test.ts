import { describe, expect, it, vi } from "vitest";

import type { Layer, Method } from "../src/api/client";

vi.mock("../src/state/address", () => ({ addressNow: vi.fn(), go: vi.fn() }));
const { channelsOf, channelWords, dreamers, isAimed, readChannels } = await import("../src/state/dreaming");

describe("channels as they are typed", () => {
  it.each([
    ["", undefined],
    ["all", undefined],
    ["7", 7],
    ["0, 4 9", [0, 4, 9]],
    ["3, 8-11", [3, 8, 9, 10, 11]],
    ["9-8", undefined],
  ])("%s", (text, wanted) => expect(readChannels(text)).toEqual(wanted));
  it("come back as words", () => {
    expect(readChannels(channelWords([3, 8]))).toEqual([3, 8]);
    expect(channelWords(undefined)).toBe("");
  });
});

describe("the number of channels of a layer", () => {
  const layer = (layout: string, shape: (number | string)[]) => ({ layout, shape }) as Layer;
  it.each([
    ["NCHW", [1, 16, 8, 8], 16],
    ["NHWC", [1, 8, 8, 16], 16],
    ["NLC", [1, 5, 12], 12],
    ["NCHW", [1, "?", 8, 8], null],
  ])("%s", (layout, shape, wanted) => expect(channelsOf(layer(layout, shape))).toBe(wanted));
});

describe("what can be made of an item", () => {
  const method = (name: string, modalities: string[], needs_target: boolean) =>
    ({ name, gives: "input", modalities, needs_target }) as unknown as Method;
  const deep = method("deep_dream", ["image", "series"], false);
  const drawn = method("feature_visualization", ["image", "series", "table"], true);
  it.each([
    ["image", [deep, drawn]],
    ["row", [drawn]],
    ["text", []],
    ["array", [deep, drawn]],
  ])("%s", (kind, wanted) => expect(dreamers([deep, drawn], kind)).toEqual(wanted));
  it("needs an aim where it begins with noise", () => {
    const dream = (target: number | null, params: Record<string, unknown>) => ({
      ...{ method: { name: "", params }, target, size: null, seed: 0, guide: null },
    });
    expect(isAimed(dream(null, {}), deep)).toBe(true);
    expect(isAimed(dream(null, {}), drawn)).toBe(false);
    expect(isAimed(dream(3, {}), drawn)).toBe(true);
    expect(isAimed(dream(null, { layer: "2" }), drawn)).toBe(true);
  });
});
