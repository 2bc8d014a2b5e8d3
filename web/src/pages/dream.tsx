import { useMemo, useState } from "react";

import type { DreamResult, Job } from "../api/client";
import { colourOf, Chart } from "../parts/chart";
import { DreamForm } from "../parts/dreamform";
import { Icon } from "../parts/icon";
import { Made } from "../parts/made";
import { TakeHome } from "../parts/dreamsave";
import { Badge, Bar, Empty, timeLeft, Trouble } from "../parts/words";
import { go, useAddress } from "../state/address";
import { askedOf, makesInputs, usualDream } from "../state/dreaming";
import { useJob, useJobs, useSession } from "../state/live";
import { cancel, submit, useResult, words } from "../state/results";
import type { Dream as Wish } from "../state/url";

const isUnderway = (job: Job | undefined) =>
  job !== undefined && ["queued", "running", "cancelling"].includes(job.state);

/** Inputs that are changed or drawn until a layer, a channel or a class responds, step by step. */
export function Dream() {
  const state = useAddress();
  const session = useSession();
  const model = session?.models[state.model];
  const methods = session?.methods ?? [];
  const dream = state.dream ?? usualDream(methods, model);
  const job = useJob(state.run?.split(".")[0]);
  const method = methods.find((one) => one.name === dream?.method.name && makesInputs(one));
  if (session?.ready && model?.kind === "function")
    return (
      <Empty title="This model cannot dream">
        <p>It is a function, not a network: there is no gradient to climb. Load a network.</p>
      </Empty>
    );
  if (state.item === null)
    return (
      <Empty title="There is nothing to begin with yet">
        <p>
          Choose an item on the page <a href="#/data">Data</a>.
        </p>
      </Empty>
    );
  if (!dream || !method) return <Empty title="Loading the model …" />;
  const run = job && job.asked["item"] !== state.item ? null : state.run;
  return (
    <div className="split">
      <h1 className="unseen">Dream</h1>
      <aside className="side" aria-label="What is dreamt">
        <DreamForm dream={dream} method={method}>
          <Start dream={dream} run={run} />
        </DreamForm>
      </aside>
      <section aria-label="The dream" className="dream-page">
        {run ? <Run id={run} key={run} /> : <Before />}
        <Earlier />
      </section>
    </div>
  );
}

function Before() {
  return (
    <div className="empty">
      <h2>Nothing is dreamt yet</h2>
      <p>
        Choose on the left what is to respond, and start. The picture is shown at every step; stop it
        when you have seen enough, and go on from it when you like.
      </p>
    </div>
  );
}

function Start({ dream, run }: { dream: Wish; run: string | null }) {
  const job = useJob(run?.split(".")[0]);
  const [trouble, setTrouble] = useState<unknown>(null);
  const begin = (start: string | null) => {
    const asked = askedOf(dream, start);
    if (!asked) return;
    setTrouble(null);
    submit(asked).then((found) => go({ dream, run: `${found.id}.0` }), setTrouble);
  };
  const ended = job && !isUnderway(job) && job.results.length > 0;
  return (
    <div>
      <div className="buttons">
        {isUnderway(job) ? (
          <button
            className="button primary"
            disabled={job!.state === "cancelling"}
            onClick={() => void cancel(job!.id)}
          >
            <Icon name="stop" size={14} /> Stop
          </button>
        ) : (
          <button className="button primary" onClick={() => begin(null)}>
            {run ? "Start anew" : "Start"}
          </button>
        )}
        {ended && (
          <button className="button" title="From the picture as it is" onClick={() => begin(run)}>
            Go on
          </button>
        )}
      </div>
      {trouble !== null && <Trouble problem={words(trouble)} />}
    </div>
  );
}

function Run({ id }: { id: string }) {
  const found = useResult(id);
  const job = useJob(id.split(".")[0]);
  const view = found?.kind === "dream" ? found : null;
  if (job?.state === "failed") return <Trouble problem={job} />;
  if (!job)
    return (
      <Trouble
        problem={{
          cause: "This dream is not kept here any more.",
          remedy: "Start it again: everything that it was made of is on the left.",
        }}
      />
    );
  if (!view) return <Waiting job={job} />;
  return <Shown id={id} view={view} job={job} />;
}

function Waiting({ job }: { job: Job }) {
  if (job.state === "cancelled") return <p className="quiet">Stopped before the first step.</p>;
  return (
    <div className="notice" aria-live="polite">
      <strong>{job.state === "queued" ? "Waiting for its turn" : job.task || "Beginning"}</strong>
      <Bar done={job.done} total={job.total} />
    </div>
  );
}

function Shown({ id, view, job }: { id: string; view: DreamResult; job: Job }) {
  const [sample, setSample] = useState(0);
  const [frame, setFrame] = useState<number | undefined>(undefined);
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
        {view.labels.length > 1 && (
          <ul className="samples">
            {view.labels.map((label, k) => (
              <li key={k}>
                <button aria-pressed={k === sample} title={label} onClick={() => setSample(k)}>
                  <Made id={id} view={view} sample={k} frame={frame} named />
                  <span className="cut">{label}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
      <div className="dream-facts">
        <h2>{view.labels[sample]}</h2>
        <p className="small quiet numbers">{view.scores[sample] && `Response ${view.scores[sample]}`}</p>
        <State view={view} job={job} />
        <Rise view={view} job={job} sample={sample} />
        <Checks view={view} />
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

function State({ view, job }: { view: DreamResult; job: Job }) {
  if (view.stopped) return <span className="badge poor">Stopped at step {view.steps}</span>;
  if (!view.partial) return <Badge {...view} />;
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
          name: view.labels[k] ?? "",
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

function Checks({ view }: { view: DreamResult }) {
  if (view.partial) return null;
  return (
    <ul className="checks">
      {view.checks.map((check) => (
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

/** Dreams on this item, the newest first. */
function Earlier() {
  const { item, model, run } = useAddress();
  const all = [...useJobs().values()].sort((a, b) => b.created - a.created);
  const own = all.filter(
    (job) =>
      job.kind === "dream" &&
      job.asked["item"] === item &&
      (job.asked["model"] ?? 0) === model &&
      job.results.length > 0 &&
      `${job.id}.0` !== run,
  );
  if (!own.length) return null;
  return (
    <section aria-label="Earlier dreams" className="earlier">
      <h2>Earlier</h2>
      <ul className="samples">
        {own.slice(0, 24).map((job) => (
          <EarlierOne key={job.id} job={job} />
        ))}
      </ul>
    </section>
  );
}

function EarlierOne({ job }: { job: Job }) {
  const id = `${job.id}.0`;
  const found = useResult(id);
  if (found?.kind !== "dream") return null;
  const { method, target, size, seed } = job.asked as unknown as Wish;
  return (
    <li>
      <button
        title={found.labels.join(", ")}
        onClick={() => go({ run: id, dream: { method, target, size, seed } })}
      >
        <Made id={id} view={found} named />
        <span className="cut">{found.labels[0]}</span>
      </button>
    </li>
  );
}
