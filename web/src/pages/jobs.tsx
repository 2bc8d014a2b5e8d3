import { useEffect, useState } from "react";

import { client, data, type Job } from "../api/client";
import { Bar, Empty, Text, timeLeft } from "../parts/words";
import { useJobs } from "../state/live";
import { again, cancel } from "../state/results";
import { go, useAddress } from "../state/address";

const LOOKS: Record<Job["state"], string> = {
  queued: "badge",
  running: "badge on",
  cancelling: "badge poor",
  done: "badge ok",
  failed: "badge failed",
  cancelled: "badge",
};

const isOver = (job: Job) => ["done", "failed", "cancelled"].includes(job.state);

export function Jobs() {
  const jobs = [...useJobs().values()].sort((a, b) => b.created - a.created);
  const { open } = useAddress();
  const over = jobs.filter(isOver);
  const waiting = jobs.filter((job) => !isOver(job));
  return (
    <div className="page">
      <div className="page-head">
        <h1>Jobs</h1>
        <p>Everything that runs or ran. Each has a process of its own and survives a restart.</p>
      </div>
      <div className="tools">
        <button
          className="button"
          disabled={!waiting.length}
          onClick={() => waiting.forEach((job) => void cancel(job.id))}
        >
          Cancel all
        </button>
        <button
          className="button"
          disabled={!over.length}
          onClick={() => over.forEach((job) => void forget(job.id))}
        >
          Clear what has ended
        </button>
        <span className="small quiet numbers">
          {waiting.length} to do, {over.length} ended
        </span>
      </div>
      {jobs.length === 0 ? (
        <Empty title="Nothing has run yet">
          <p>
            Explain something on the page <a href="#/explain">Explain</a>.
          </p>
        </Empty>
      ) : (
        <div className="sheet">
          <table>
            <thead>
              <tr>
                <th scope="col">Job</th>
                <th scope="col">State</th>
                <th scope="col">Progress</th>
                <th scope="col">Asked at</th>
                <th scope="col">
                  <span className="unseen">What to do</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {jobs.map((job) => (
                <Row key={job.id} job={job} open={open === job.id} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

function Row({ job, open }: { job: Job; open: boolean }) {
  return (
    <>
      <tr data-job={job.id} data-state={job.state}>
        <td>
          {job.title}
          {job.cause && (
            <p className="small quiet">
              <Text>{`${job.cause} ${job.remedy}`}</Text>
            </p>
          )}
        </td>
        <td>
          <span className={LOOKS[job.state]}>{job.state}</span>
        </td>
        <td className="progress-cell numbers small">
          {job.state === "running" || job.state === "cancelling" ? (
            <>
              <Bar done={job.done} total={job.total} />
              {job.task} {job.total > 0 && `${job.done} of ${job.total}`}{" "}
              {timeLeft(job.seconds_left)}
            </>
          ) : (
            <span className="quiet">{took(job)}</span>
          )}
        </td>
        <td className="numbers small quiet nowrap">{clock(job.created)}</td>
        <td className="actions">
          {isOver(job) ? (
            <>
              <button className="button" onClick={() => void again(job.id)}>
                Run again
              </button>
              <button className="button" onClick={() => void forget(job.id)}>
                Clear
              </button>
            </>
          ) : (
            <button
              className="button"
              disabled={job.state === "cancelling"}
              onClick={() => void cancel(job.id)}
            >
              Cancel
            </button>
          )}
          <button
            className="button bare"
            aria-expanded={open}
            onClick={() => go({ open: open ? null : job.id })}
          >
            Log
          </button>
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={5}>
            <LogOf job={job} />
          </td>
        </tr>
      )}
    </>
  );
}

function LogOf({ job }: { job: Job }) {
  const [events, setEvents] = useState<Record<string, unknown>[] | null>(null);
  useEffect(() => {
    data(client.GET("/api/v1/jobs/{job}/log", { params: { path: { job: job.id } } })).then(
      (log) => setEvents(log.events),
      () => setEvents([]),
    );
  }, [job.id, job.state, job.done]);
  const text = events
    ?.map(({ time, event, ...rest }) => `${clock(Number(time))}  ${event}  ${facts(rest)}`)
    .join("\n");
  return (
    <pre className="code log" tabIndex={0} aria-label={`Log of ${job.title}`}>
      {text || (events ? "Nothing was noted yet." : "Reading …")}
    </pre>
  );
}

function facts(rest: Record<string, unknown>): string {
  return Object.entries(rest)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name}=${typeof value === "number" ? Number(value.toFixed(2)) : value}`)
    .join("  ");
}

function took(job: Job): string {
  if (job.started === null || job.ended === null) return "";
  return `${Math.max(0.1, job.ended - job.started).toFixed(1)} s`;
}

function clock(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString();
}

async function forget(job: string): Promise<void> {
  await data(client.DELETE("/api/v1/jobs/{job}", { params: { path: { job } } }));
}
