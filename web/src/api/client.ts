/** The server, with types that come from its own description. */

import createClient from "openapi-fetch";

import type { components, paths } from "./schema";
import type { ArrayInfo, Result } from "./views";

export type * from "./views";

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
