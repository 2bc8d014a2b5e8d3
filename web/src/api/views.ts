/** Results as the worker writes them: `view.json`, which names the arrays and pictures beside it. */

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
