import { useState } from "react";

import type { Job } from "../api/client";
import { DreamForm } from "../parts/dreamform";
import { DreamView } from "../parts/dreamview";
import { Icon } from "../parts/icon";
import { Made } from "../parts/made";
import { Bar, Empty, Trouble } from "../parts/words";
import { go, useAddress } from "../state/address";
import { askedOf, dreamers, usualDream } from "../state/dreaming";
import { useItem } from "../state/items";
import { isUnderway, useJob, useJobs, useSession } from "../state/live";
import { cancel, submit, useResult, words } from "../state/results";
import type { Dream as Wish, State } from "../state/url";

/** Inputs that are changed or drawn until a layer, a channel or a class responds, step by step. */
export function Dream() {
  const state = useAddress();
  const session = useSession();
  const model = session?.models[state.model];
  const item = useItem();
  const methods = dreamers(session?.methods ?? [], item?.kind);
  const dream = state.dream ?? usualDream(methods, model);
  const job = useJob(state.run?.split(".")[0]);
  const method = methods.find((one) => one.name === dream?.method.name);
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
  if (item && session?.ready && !methods.length)
    return (
      <Empty title="This item cannot be dreamt">
        <p>
          A dream changes numbers little by little, and a text is made of words. The page{" "}
          <a href="#/layers">Layers</a> shows what the network makes of it.
        </p>
      </Empty>
    );
  if (item && dream && session?.ready && !method)
    return (
      <Empty title="This dream is not for this item">
        <button className="button" onClick={() => go({ dream: null, run: null })}>
          Begin another
        </button>
      </Empty>
    );
  if (!dream || !method || !item) return <Empty title="Loading the model …" />;
  const run = job && !isOf(job, state) ? null : state.run;
  return (
    <div className="split">
      <h1 className="unseen">Dream</h1>
      <aside className="side" aria-label="What is dreamt">
        <DreamForm dream={dream} method={method} methods={methods}>
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

/** Whether a dream was made of this item by this model. */
function isOf(job: Job, { item, model }: Pick<State, "item" | "model">): boolean {
  return job.asked["item"] === item && (job.asked["model"] ?? 0) === model;
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
  return <DreamView id={id} view={view} job={job} />;
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

/** Dreams on this item, the newest first. */
function Earlier() {
  const { item, model, run } = useAddress();
  const all = [...useJobs().values()].sort((a, b) => b.created - a.created);
  const own = all.filter(
    (job) =>
      job.kind === "dream" &&
      isOf(job, { item, model }) &&
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
  const { method, target, size, seed, guide = null } = job.asked as unknown as Wish;
  return (
    <li>
      <button
        title={found.samples.map((one) => one.label).join(", ")}
        onClick={() => go({ run: id, dream: { method, target, size, seed, guide } })}
      >
        <Made id={id} view={found} named />
        <span className="cut">{found.samples[0]?.label}</span>
      </button>
    </li>
  );
}
