/** The server, with types that come from its own description. */

import createClient from "openapi-fetch";

import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Session = Schemas["SessionInfo"];
export type Method = Schemas["MethodInfo"];
export type Parameter = Schemas["ParameterInfo"];
export type Model = Schemas["ModelInfo"];
export type Dataset = Schemas["DatasetInfo"];
export type Item = Schemas["ItemInfo"];
export type Job = Schemas["JobInfo"];
export type Cell = Schemas["Cell"];
export type Problem = Schemas["Problem"];
export type Confusion = Schemas["Confusion"];

export const client = createClient<paths>({ baseUrl: "/" });

/** What went wrong, in words; thrown by everything here. */
export class Refused extends Error {
  constructor(
    readonly problem: Problem,
    readonly status: number,
  ) {
    super(`${problem.cause} ${problem.remedy}`);
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer, or `Refused`. */
export async function data<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch {
    throw new Refused(
      {
        cause: "The studio does not answer.",
        remedy: "It may have been closed: start it again with `pellucid studio`.",
      },
      0,
    );
  }
  if (answer.data !== undefined) return answer.data;
  throw new Refused(problemOf(answer.error), answer.response.status);
}

function problemOf(error: unknown): Problem {
  if (error && typeof error === "object" && "cause" in error) return error as Problem;
  return { cause: "The studio refused this.", remedy: "Reload the page." };
}

/** How an array of a result is read. */
export interface ArrayInfo {
  /** The channel alone that is meant, where it is one of many. */
  unit?: number;
  file: string;
  shape: number[];
  type: "float32" | "int32";
}

export interface Check {
  name: string;
  verdict: Verdict;
  meaning: string;
  value: number | string | null;
}

export type Verdict = "ok" | "poor" | "failed";

export interface Outcome {
  rows: { name: string; index: number; share: number; raw: number }[];
  value: number | null;
  origin: string;
}

interface Written {
  partial: boolean;
  revision: number;
}

/** One sample of one explanation, to be drawn here. */
export interface MapResult extends Written {
  kind: "image" | "series" | "volume" | "bars" | "words" | "activations";
  method: string;
  title: string;
  paper: string;
  caution: string;
  axes: string[];
  signed: boolean;
  note: string;
  usual: "overlay" | "map";
  target: string;
  score: string;
  unit: string;
  ends: { signed: [string, string]; positive: [string, string] };
  verdict: Verdict;
  checks: Check[];
  params: Record<string, unknown>;
  seed: number;
  cost: Record<string, number>;
  record: Record<string, unknown>;
  versions: Record<string, string>;
  names: string[] | null;
  words: string[] | null;
  arrays: Record<string, ArrayInfo>;
  picture: [number, number] | null;
  outcome: Outcome;
  snippet: string;
  layer?: string;
  order?: number[];
  strength?: number[];
  mean?: number[];
}

/** One of several inputs that were made together: what it shows, and what was measured of it. */
export interface Sample {
  label: string;
  /** How strongly it is responded to. */
  score: string;
  verdict: Verdict;
  checks: Check[];
}

/** An input that was made; its pictures lie beside it. */
export interface DreamResult extends Written {
  kind: "dream";
  method: string;
  title: string;
  paper: string;
  caution: string;
  axes: string[];
  params: Record<string, unknown>;
  seed: number;
  cost: Record<string, number>;
  record: Record<string, unknown>;
  versions: Record<string, string>;
  names: string[] | null;
  arrays: Record<string, ArrayInfo>;
  samples: Sample[];
  /** How many of them have pictures. */
  pictured: number;
  curves: (number | null)[][];
  /** Sizes of the octaves; empty where there are none. */
  octaves: number[][];
  steps: number;
  frames: { number: number; step: number }[];
  start: string | null;
  stopped: boolean;
  snippet: string;
}

export interface RefusedResult extends Written {
  kind: "refused";
  method?: string;
  layer?: string;
  cause: string;
  remedy: string;
}

export interface OutcomeResult extends Written {
  kind: "outcome";
  outcome: Outcome;
  picture: [number, number] | null;
  /** Of a row of a table; of a text; of a series. */
  fields: [string, string | number | null][] | null;
  text: string | null;
  arrays: Record<string, ArrayInfo>;
}

export interface Layer {
  name: string;
  type: string;
  shape: (number | string)[];
  layout: string;
  calls: number;
  parameters: number;
  chosen: boolean;
  reason: string;
  address: string;
}

export interface LayersResult extends Written {
  kind: "layers";
  layers: Layer[];
}

export interface FileResult extends Written {
  kind: "file";
  name: string;
  type: string;
  bytes: number;
}

export interface PredictionsResult extends Written {
  kind: "predictions";
  items: string[];
  arrays: Record<string, ArrayInfo>;
  failures: Record<string, string>;
}

export interface Score {
  metric: string;
  mean: number | null;
  better: "higher" | "lower";
  flaw: string;
  at?: number[];
  curve?: number[][];
}

export interface TrustResult extends Written {
  kind: "trust";
  rows: {
    result: string;
    method: string;
    scores: Score[];
    refused: { metric: string; reason: string }[];
  }[];
  metrics: {
    name: string;
    title: string;
    better: "higher" | "lower";
    paper: string;
    flaw: string;
    summary: string;
  }[];
}

/** What was found of one explanation; or why nothing could be. */
export interface Verified {
  result: string;
  method: string;
  refused?: string;
  verdict?: Verdict;
  headline?: string;
  reasons?: string[];
  checks?: { name: string; value: unknown; verdict: Verdict; meaning: string }[];
  skipped?: Record<string, string>;
  forwards?: number;
  seconds?: number;
}

export interface VerifyResult extends Written {
  kind: "verify";
  level: "quick" | "full";
  rows: Verified[];
}

export interface ExtremesResult extends Written {
  kind: "extremes";
  lists: Record<string, { item: string; value: number; box: [number, number][] | null }[]>;
  unit: string;
  skipped: number;
}

export interface ProjectResult extends Written {
  kind: "project";
  items: string[];
  labels: string[];
  classes: Record<string, string>;
  method: string;
  recall: number | null;
  arrays: Record<string, ArrayInfo>;
}

/** Two groups of a map: how far apart, and how likely that is by chance. */
export interface Pair {
  first: string;
  second: string;
  distance: number;
  p: number;
  adjusted: number;
  p_permutation: number | null;
  adjusted_permutation: number | null;
}

export interface GroupsResult extends Written {
  kind: "compare_groups";
  groups: string[];
  sizes: number[];
  pairs: Pair[];
  permutations: number;
  at: number[];
  quantiles: number[][];
}

export type Result =
  | VerifyResult
  | GroupsResult
  | ProjectResult
  | TrustResult
  | ExtremesResult
  | MapResult
  | DreamResult
  | RefusedResult
  | OutcomeResult
  | LayersResult
  | FileResult
  | PredictionsResult;

export async function result(id: string): Promise<Result> {
  const found = await data(
    client.GET("/api/v1/results/{result}", { params: { path: { result: id } } }),
  );
  return found as unknown as Result;
}

const arrays = new Map<string, Promise<Float32Array>>();
const MOST_ARRAYS = 300;

/** The raw numbers of an array, fetched once. */
export function array(id: string, info: ArrayInfo): Promise<Float32Array> {
  const address = `/api/v1/results/${id}/arrays/${info.file}`;
  let found = arrays.get(address);
  if (!found) {
    found = fetchArray(address, info);
    arrays.set(address, found);
    if (arrays.size > MOST_ARRAYS) arrays.delete(arrays.keys().next().value!);
  }
  return found;
}

async function fetchArray(address: string, info: ArrayInfo): Promise<Float32Array> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Refused(problemOf(await answer.json()), answer.status);
  const raw = await answer.arrayBuffer();
  return info.type === "int32" ? Float32Array.from(new Int32Array(raw)) : new Float32Array(raw);
}

export const thumbnail = (item: string) => `/api/v1/items/${item}/thumbnail`;
export const made = (id: string, name: string) => `/api/v1/results/${id}/pictures/${name}`;
export const picture = (id: string) => `/api/v1/results/${id}/picture`;
