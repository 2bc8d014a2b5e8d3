/** Results and their arrays, as components use them. */

import { useEffect, useState } from "react";

import {
  array,
  client,
  data,
  Refused,
  result,
  type ArrayInfo,
  type Job,
  type Problem,
  type Result,
} from "../api/client";
import type { paths } from "../api/schema";
import { jobs, noteJobs, revisions, useJob } from "./live";
import { useStore } from "./store";

export type Asked = NonNullable<
  paths["/api/v1/jobs"]["post"]["requestBody"]
>["content"]["application/json"];

/** A result by its name `job.number`, as soon as there is one, and again when it grows. */
export function useResult(id: string | null): Result | null {
  const revision = useStore(revisions).get(id ?? "") ?? 0;
  const [job, number] = split(id);
  const written = useJob(job)?.results.includes(number) ?? false;
  const there = written || revision > 0;
  const [found, setFound] = useState<{ id: string; view: Result } | null>(null);
  useEffect(() => {
    if (!id || !there) return;
    let wanted = true;
    result(id).then(
      (view) => wanted && setFound({ id, view }),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [id, there, revision, written]);
  return found && found.id === id ? found.view : null;
}

export type Arrays = Record<string, Float32Array>;

/** The arrays that a map is drawn from; those of the last revision until the next is there. */
export function useArrays(
  id: string | null,
  view: { arrays: Record<string, ArrayInfo>; revision: number } | null,
): Arrays | null {
  const [found, setFound] = useState<{ id: string; arrays: Arrays } | null>(null);
  const revision = view?.revision;
  useEffect(() => {
    if (!id || !view) return;
    let wanted = true;
    const names = Object.keys(view.arrays).filter((name) => name !== "segments");
    Promise.all(names.map((name) => array(id, view.arrays[name]!))).then(
      (all) =>
        wanted &&
        setFound({ id, arrays: Object.fromEntries(names.map((name, k) => [name, all[k]!])) }),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [id, revision]);
  return found && found.id === id ? found.arrays : null;
}

function split(id: string | null): [string, string] {
  const [job = "", number = ""] = (id ?? "").split(".");
  return [job, number];
}

/** Ask for a job. */
export async function submit(asked: Asked): Promise<Job> {
  const job = await data(client.POST("/api/v1/jobs", { body: asked as never }));
  noteJobs([job]);
  return job;
}

/** A job that is asked for as long as `asked` says so; the same question is asked once. */
export function useAsked(asked: Asked | null): { job: Job | undefined; problem: Problem | null } {
  const key = asked === null ? "" : JSON.stringify(asked);
  const [id, setId] = useState<{ key: string; id: string } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    if (!key) return;
    let wanted = true;
    setProblem(null);
    submit(JSON.parse(key) as Asked).then(
      (job) => wanted && setId({ key, id: job.id }),
      (error: unknown) => wanted && setProblem(words(error)),
    );
    return () => {
      wanted = false;
    };
  }, [key]);
  const job = useJob(id && id.key === key ? id.id : null);
  return { job, problem };
}

/** A job that is begun when somebody wants it; where the server knows one that did or does the same,
 * with the same model on the same file, it is found again. */
export function useOnDemand(asked: Asked | null) {
  const key = asked === null ? "" : JSON.stringify(asked);
  const [wanted, setWanted] = useState("");
  const known = useKnown(key);
  const old = useJob(known ?? null);
  const gone = known === null || (old && ["failed", "cancelled"].includes(old.state));
  const begun = useAsked(wanted === key && gone ? asked : null);
  return {
    job: gone ? begun.job : old,
    problem: begun.problem,
    begin: () => setWanted(key),
    waits: gone && wanted !== key,
  };
}

/** The job that does what is asked already; null where there is none, undefined until it is known. */
function useKnown(key: string): string | null | undefined {
  const [found, setFound] = useState<{ key: string; id: string | null } | null>(null);
  useEffect(() => {
    if (!key) return;
    let wanted = true;
    data(client.POST("/api/v1/known", { body: JSON.parse(key) as never })).then(
      ({ job }) => {
        if (job) noteJobs([job]);
        if (wanted) setFound({ key, id: job?.id ?? null });
      },
      () => wanted && setFound({ key, id: null }),
    );
    return () => {
      wanted = false;
    };
  }, [key]);
  return found && found.key === key ? found.id : undefined;
}

export function words(error: unknown): Problem {
  if (error instanceof Refused) return error.problem;
  return { cause: String(error), remedy: "Reload the page." };
}

export async function cancel(job: string): Promise<void> {
  const found = await data(
    client.POST("/api/v1/jobs/{job}/cancel", { params: { path: { job } }, body: {} }),
  );
  noteJobs([found]);
}

/** The same work once more. */
export async function again(job: string): Promise<void> {
  const found = await data(
    client.POST("/api/v1/jobs/{job}/again", { params: { path: { job } }, body: {} }),
  );
  noteJobs([found]);
}

/** The job once it has ended. */
export function ended(id: string): Promise<Job> {
  return new Promise((resolve) => {
    const look = () => {
      const job = jobs.get().get(id);
      if (job && ["done", "failed", "cancelled"].includes(job.state)) {
        stop();
        resolve(job);
      }
    };
    const stop = jobs.listen(look);
    look();
  });
}
