/** What the server tells: jobs, results, and whether it is there at all. */

import { client, data, Refused, type Job, type Problem, type Session } from "../api/client";
import { store, useStore } from "./store";

export const session = store<Session | null>(null);
export const problem = store<{ words: Problem; status: number } | null>(null);
export const jobs = store<ReadonlyMap<string, Job>>(new Map());
export const connected = store(true);

/** How often each result was written; its name is `job.number`. */
export const revisions = store<ReadonlyMap<string, number>>(new Map());

export const useSession = () => useStore(session);
export const useJobs = () => useStore(jobs);
export const useJob = (id: string | null | undefined) => {
  const all = useStore(jobs);
  return id ? all.get(id) : undefined;
};

export function noteJobs(found: readonly Job[]): void {
  jobs.change((known) => {
    const next = new Map(known);
    for (const job of found) next.set(job.id, newer(known.get(job.id), job));
    return next;
  });
}

export async function fetchSession(): Promise<void> {
  try {
    session.set(await data(client.GET("/api/v1/session")));
    problem.set(null);
  } catch (error) {
    if (error instanceof Refused) problem.set({ words: error.problem, status: error.status });
    else throw error;
  }
}

const STAGES: Job["state"][] = ["queued", "running", "cancelling"];

export const isUnderway = (job: Job | undefined) =>
  job !== undefined && STAGES.includes(job.state);

const stage = (job: Job) => (STAGES.includes(job.state) ? STAGES.indexOf(job.state) : STAGES.length);

/** Of two tellings of a job the later one: an answer may arrive after an event that came later. */
export function newer(known: Job | undefined, told: Job): Job {
  if (!known) return told;
  const later = stage(known) - stage(told) || known.results.length - told.results.length;
  return later > 0 ? known : told;
}

async function fetchJobs(): Promise<void> {
  const found = await data(client.GET("/api/v1/jobs"));
  jobs.set(new Map(found.map((job) => [job.id, job])));
}

/** Fetch everything, then listen. */
export async function begin(): Promise<void> {
  await fetchSession();
  const known = session.get();
  if (known === null) return;
  await fetchJobs();
  // What happened since the session was described is told again, so that nothing falls between.
  const stream = new EventSource(`/api/v1/events?after=${known.event}`);
  stream.onopen = () => connected.set(true);
  stream.onerror = () => connected.set(false);
  stream.addEventListener("job", (event) => noteJobs([JSON.parse(event.data) as Job]));
  stream.addEventListener("gone", (event) => {
    const gone = (JSON.parse(event.data) as { job: string }).job;
    jobs.change((known) => new Map([...known].filter(([id]) => id !== gone)));
  });
  stream.addEventListener("result", (event) => {
    const told = JSON.parse(event.data) as { job: string; number: string };
    const name = `${told.job}.${told.number}`;
    revisions.change((known) => new Map(known).set(name, (known.get(name) ?? 0) + 1));
  });
  stream.addEventListener("session", () => void fetchSession());
  stream.addEventListener("reset", () => void Promise.all([fetchSession(), fetchJobs()]));
}
