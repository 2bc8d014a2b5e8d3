import { describe, expect, it } from "vitest";

import type { Layer } from "../src/api/client";
import { read } from "../src/state/typed";
import { readTyped } from "../src/state/typed";
import { spread } from "../src/state/typed";

describe("what is typed into a form", () => {
  it.each([
    ["", "integer", undefined],
    ["7", "integer or null", 7],
    ["0.5", "number", 0.5],
    ["blur", "any", "blur"],
    ["9 9", "any", [9, 9]],
    ["9×5", "any", [9, 5]],
    ["1", "string", "1"],
  ])("%s for %s", (text, kind, wanted) => {
    expect(read(text, { kind, layer: false })).toEqual(wanted);
  });
  it("takes a layer as it is", () => {
    expect(read("4", { kind: "any", layer: true })).toBe("4");
  });
});

describe("what is typed as a target", () => {
  const model = { classes: ["cat", "7", "a-b"] };
  it.each([
    ["", undefined],
    ["cat", 0],
    ["7", 1],
    ["5", 5],
    ["a-b", 2],
    ["3 – 4", { a: 3, b: 4 }],
    ["positive", "positive"],
  ])("%s", (text, wanted) => expect(readTyped(text, model)).toEqual(wanted));
});

describe("layers over which a method is swept", () => {
  const layer = (name: string) => ({ name }) as Layer;
  it("takes blocks rather than what lies in them, the first and the last among them", () => {
    const all = ["stem", "b1", "b1.conv", "b1.act", "b2", "b2.conv", "head"].map(layer);
    expect(spread(all, 12).map((one) => one.name)).toEqual(["stem", "b1", "b2", "head"]);
    expect(spread(all, 2).map((one) => one.name)).toEqual(["stem", "head"]);
  });
});
