import { describe, expect, it } from "vitest";

import { entry, fitting, gradient, table } from "../src/colour/palette";
import { ENTRIES } from "../src/colour/tables";
import matplotlib from "./matplotlib.json";

describe("colours", () => {
  it.each(Object.entries(matplotlib.colours))("%s is matplotlib's to 1/255", (name, wanted) => {
    const colours = table(name);
    matplotlib.values.forEach((value, k) => {
      const at = entry(value, false);
      for (let c = 0; c < 3; c++)
        expect(Math.abs(colours[at + c]! - wanted[k]![c]!)).toBeLessThanOrEqual(STEP[name] ?? 1.01);
    });
  });
  it("puts zero of a signed map on the neutral colour", () => {
    const at = entry(0, true);
    expect(at).toBe(((ENTRIES - 1) / 2) * 3);
    expect([...table("pellucid").slice(at, at + 3)]).toEqual([244, 242, 238]);
  });
  it("uses a map that fits the sign", () => {
    expect(fitting("auto", true)).toBe("pellucid");
    expect(fitting("viridis", true)).toBe("pellucid");
    expect(fitting("viridis", false)).toBe("viridis");
    expect(fitting("coolwarm", true)).toBe("coolwarm");
  });
  it("spans the table in a colour bar", () => {
    expect(gradient("gray", 2)).toBe("linear-gradient(to right, rgb(0 0 0), rgb(255 255 255))");
  });
});

/** Maps of 256 colours that change by more than 1/255 from one to the next. */
const STEP: Record<string, number> = {};
