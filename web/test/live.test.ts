import { expect, it } from "vitest";

import type { Job } from "../src/api/client";
import { newer } from "../src/state/live";

const job = (state: Job["state"], results: string[] = []) => ({ state, results }) as Job;

it("does not go back to an earlier state of a job", () => {
  const done = job("done", ["0"]);
  expect(newer(done, job("queued"))).toBe(done);
  expect(newer(done, job("running", ["0"]))).toBe(done);
  const more = job("running", ["0", "1"]);
  expect(newer(more, job("running", ["0"]))).toBe(more);
});

it("takes what is new", () => {
  const told = job("running");
  expect(newer(undefined, told)).toBe(told);
  expect(newer(job("queued"), told)).toBe(told);
  expect(newer(told, job("cancelled"))).toEqual(job("cancelled"));
});
