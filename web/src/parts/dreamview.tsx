/** A dream as it is, or as it was on the way: the picture, its curve, what was measured. */

import { useMemo, useState } from "react";

import type { Check, DreamResult, Job, Sample } from "../api/client";
import { Chart, colourOf } from "./chart";
import { TakeHome } from "./dreamsave";
import { Made } from "./made";
import { Badge, Bar, timeLeft } from "./words";

export function DreamView({ id, view, job }: { id: string; view: DreamResult; job: Job }) {
  const [sample, setSample] = useState(0);
  const [frame, setFrame] = useState<number | undefined>(undefined);
  const shown = view.samples[sample]!;
  const last = view.frames.length - 1;
  const step = view.frames[Math.min(frame ?? last, last)]?.step ?? view.steps;
  return (
    <div className="dream">
      <div className="dream-picture">
        <div className="sheet dream-frame">
          <Made id={id} view={view} sample={sample} frame={frame} />
        </div>
        {last > 0 && (
          <label className="field">
            <span className="numbers">{stepWords(view, job, step)}</span>
            <input
              type="range"
              min={0}
              max={last}
              value={frame ?? last}
              onChange={(event) => {
                const at = Number(event.target.value);
                setFrame(at === last ? undefined : at);
              }}
            />
          </label>
        )}
        {view.samples.length > 1 && (
          <ul className="samples">
            {view.samples.slice(0, view.pictured).map(({ label }, k) => (
              <li key={k}>
                <button aria-pressed={k === sample} title={label} onClick={() => setSample(k)}>
                  <Made id={id} view={view} sample={k} frame={frame} named />
                  <span className="cut">{label}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
        {view.samples.length > view.pictured && (
          <p className="small quiet">
            {view.samples.length - view.pictured} more have no picture here; they are in the raw
            values.
          </p>
        )}
      </div>
      <div className="dream-facts">
        <h2>{shown.label}</h2>
        <p className="small quiet numbers">{shown.score && `Response ${shown.score}`}</p>
        <State view={view} job={job} sample={shown} />
        <Rise view={view} job={job} sample={sample} />
        {!view.partial && <Checks checks={shown.checks} />}
        <TakeHome id={id} view={view} sample={sample} />
        <p className="small">
          <strong>Mind:</strong> {view.caution}
        </p>
        <p className="small quiet">{view.paper}</p>
      </div>
    </div>
  );
}

/** Steps of an octave; 0 where there are no octaves. */
function octaveSteps(view: DreamResult, job: Job): number {
  const total = view.partial || view.stopped ? job.total : view.steps;
  return view.octaves.length ? Math.round(total / view.octaves.length) : 0;
}

function stepWords(view: DreamResult, job: Job, step: number): string {
  const each = octaveSteps(view, job);
  const words = `Step ${step} of ${Math.max(job.total, view.steps)}`;
  if (!each) return words;
  const at = Math.min(view.octaves.length - 1, Math.floor(Math.max(0, step - 1) / each));
  return `${words} · octave ${at + 1} of ${view.octaves.length}, ${view.octaves[at]!.join(" × ")}`;
}

function State({ view, job, sample }: { view: DreamResult; job: Job; sample: Sample }) {
  if (view.stopped) return <span className="badge poor">Stopped at step {view.steps}</span>;
  if (!view.partial) return <Badge {...sample} />;
  if (job.state === "cancelled") return <span className="badge">Stopped</span>;
  return (
    <div className="numbers small quiet" aria-live="off">
      <Bar done={job.done} total={job.total} />
      {job.state === "cancelling" ? "Stopping" : timeLeft(job.seconds_left)}
    </div>
  );
}

function Rise({ view, job, sample }: { view: DreamResult; job: Job; sample: number }) {
  const lines = useMemo(
    () =>
      view.curves.map((curve, k) => {
        const known = curve.flatMap((y, x) => (y === null ? [] : [{ x: x + 1, y }]));
        return {
          name: view.samples[k]?.label ?? "",
          colour: colourOf(k),
          x: known.map((one) => one.x),
          y: known.map((one) => one.y),
          faint: k !== sample,
        };
      }),
    [view, sample],
  );
  const each = octaveSteps(view, job);
  const marks = each ? view.octaves.slice(1).map((_, k) => (k + 1) * each + 0.5) : [];
  if (!lines.some((line) => line.x.length > 1)) return null;
  return (
    <Chart
      label="How the response rose"
      across="steps"
      up="response"
      lines={lines}
      marks={marks}
      until={view.partial || view.stopped ? job.total : view.steps}
    />
  );
}

function Checks({ checks }: { checks: Check[] }) {
  return (
    <ul className="checks">
      {checks.map((check) => (
        <li key={check.name}>
          <span className={`badge ${check.verdict}`}>{check.verdict}</span>
          <strong>{check.name}</strong>
          <span />
          <p>{check.meaning}</p>
        </li>
      ))}
    </ul>
  );
}
