/** What is said where there is nothing, or where something went wrong. */

import type { ReactNode } from "react";

import type { Job, Problem, Verdict } from "../api/client";
import { cancel } from "../state/results";

/** Text in which `code` is marked by backticks. */
export function Text({ children }: { children: string }) {
  const parts = children.split("`");
  return parts.map((part, k) => (k % 2 ? <code key={k}>{part}</code> : part));
}

export function Trouble({ problem }: { problem: Problem }) {
  return (
    <div className="notice failed" role="alert">
      <strong>
        <Text>{problem.cause}</Text>
      </strong>
      <span>
        <Text>{problem.remedy}</Text>
      </span>
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export const BADGES: Record<Verdict, string> = {
  ok: "Checks passed",
  poor: "Read with care",
  failed: "Do not rely on it",
};

export function Badge({ verdict, checks }: { verdict: Verdict; checks: readonly unknown[] }) {
  if (!checks.length) return <span className="badge none">Not checked</span>;
  return <span className={`badge ${verdict}`}>{BADGES[verdict]}</span>;
}

export function Bar({ done, total }: { done: number; total: number }) {
  const known = total > 0;
  return (
    <div
      className={known ? "progress" : "progress unknown"}
      role="progressbar"
      aria-label="Progress"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={known ? Math.round((100 * done) / total) : undefined}
    >
      <div style={known ? { width: `${(100 * done) / total}%` } : {}} />
    </div>
  );
}

export function timeLeft(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 1) return "almost done";
  if (seconds < 90) return `${Math.round(seconds)} s left`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min left`;
  return `${(seconds / 3600).toFixed(1)} h left`;
}

/** What a job is doing, until it has ended. */
export function Working({ job, what }: { job: Job | undefined; what: string }) {
  if (job?.state === "failed") return <Trouble problem={job} />;
  if (job?.state === "cancelled") return <p className="quiet">Cancelled.</p>;
  return (
    <div className="notice" aria-live="polite">
      <strong>{job?.task || (job?.state === "queued" ? "Waiting for its turn" : what)}</strong>
      <Bar done={job?.done ?? 0} total={job?.total ?? 0} />
      <span className="quiet small numbers">
        {job?.total ? `${job.done} of ${job.total}` : ""} {timeLeft(job?.seconds_left)}
      </span>
      {job && (
        <span>
          <button className="button" onClick={() => void cancel(job.id)}>
            Cancel
          </button>
        </span>
      )}
    </div>
  );
}
