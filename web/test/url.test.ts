import { describe, expect, it } from "vitest";

import { decode, EMPTY, encode, LOOK, readMethod, readTarget, type State } from "../src/state/url";

describe("address", () => {
  it("brings back every part of the state", () => {
    const state: State = {
      page: "layers",
      model: 2,
      item: "ab12",
      dataset: "s1",
      methods: [
        { name: "grad_cam", params: {} },
        { name: "lime", params: { n_samples: 64, preset: "a~b=c&d", groups: [1, 2], tie: 0.5 } },
      ],
      targets: [null, 281, "tabby, tabby cat", { a: 1, b: 2 }],
      look: { ...LOOK, alpha: 0.25, cmap: "viridis", sign: "signed", shared: true },
      layer: "_blocks.3",
      unit: 7,
      tab: "sweep",
      search: "a b",
      label: "cat/dog",
      order: "wrong",
      predicted: 4,
      pins: ["x.1"],
      open: "x.0",
      dream: {
        method: { name: "deep_dream", params: { layer: "b.3", channel: [1, 2] } },
        target: 7,
        size: 448,
        seed: 3,
        guide: "cd34",
      },
      run: "d.0",
      cam: "layer_cam",
      by: "score",
      beside: 1,
      groups: [
        { name: "A", by: "labels", classes: null, line: [[0.5, -1], [2, 3], [1, 1]] },
        { name: "cats & dogs", by: "predicted", classes: [1, 4], line: null },
      ],
    };
    expect(decode(encode(state))).toEqual(state);
  });
  it("says nothing of what is as usual", () => {
    expect(encode(EMPTY)).toBe("#/explain");
    expect(decode("")).toEqual(EMPTY);
  });
  it("takes nonsense for the usual", () => {
    const state = decode("#/nowhere?alpha=x&clip=7&view=<b>&model=-1&m=a~b=%&unit=1.5");
    expect(state.page).toBe("explain");
    expect(state.look).toEqual({ ...LOOK, clip: 50 });
    expect(state.model).toBe(0);
    expect(state.methods).toEqual([{ name: "a", params: {} }]);
    expect(state.unit).toBeNull();
  });
  it("leaves out groups that make no sense", () => {
    const lame = ["{", "7", '{"name":1}', '{"name":"a","by":"x","classes":null,"line":null}'];
    const text = lame.map((word) => `g=${encodeURIComponent(word)}`).join("&");
    expect(decode(`#/map?${text}`).groups).toEqual([]);
  });
  it("reads targets", () => {
    expect(["", "7", "7-9", "seven"].map(readTarget)).toEqual([null, 7, { a: 7, b: 9 }, "seven"]);
  });
  it("reads methods", () => {
    expect(readMethod("rise~p=0.25")).toEqual({ name: "rise", params: { p: 0.25 } });
  });
});
