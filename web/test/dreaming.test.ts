import { describe, expect, it, vi } from "vitest";

import type { Layer } from "../src/api/client";

vi.mock("../src/state/address", () => ({ addressNow: vi.fn(), go: vi.fn() }));
const { channelsOf, channelWords, readChannels } = await import("../src/state/dreaming");

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
