/** What else is known of a channel: an input drawn for it, and the items that it is strongest on. */

import { number } from "../overlay/scale";
import { go, useAddress } from "../state/address";
import { useDataset } from "../state/dataset";
import { useOnDemand, useResult } from "../state/results";
import { Made } from "./made";
import { Thumb } from "./thumb";
import { Trouble, Working } from "./words";

interface Props {
  layer: string;
  channel: number;
}

const STEPS = 128;

/** Feature visualisation of the channel. */
export function Drawn({ layer, channel }: Props) {
  const { item, model } = useAddress();
  const method = { name: "feature_visualization", params: { layer, channel, steps: STEPS } };
  const asked = item ? ({ kind: "dream", model, item, method, seed: 0 } as const) : null;
  const { job, problem, begin, waits } = useOnDemand(asked);
  const id = job ? `${job.id}.0` : null;
  const found = useResult(id);
  if (problem) return <Trouble problem={problem} />;
  if (waits)
    return (
      <button className="button" onClick={begin}>
        Draw what it responds to
      </button>
    );
  if (job?.state === "failed") return <Trouble problem={job} />;
  const checks = found?.kind === "dream" ? (found.samples[0]?.checks ?? []) : [];
  const failed = checks.find((check) => check.verdict === "failed");
  const dream = { method, target: null, size: null, seed: 0, guide: null };
  return (
    <section aria-label="Drawn from noise">
      <h2>What it responds to</h2>
      {found?.kind === "dream" && id ? (
        <>
          <div className="sheet">
            <Made id={id} view={found} />
          </div>
          {failed && (
            <p className="small wrong">
              {failed.meaning}
            </p>
          )}
          <button className="link small" onClick={() => go({ page: "dream", dream, run: id })}>
            Open it in Dream
          </button>
        </>
      ) : null}
      {(found === null || found.partial) && <Working job={job} what="Drawing" />}
    </section>
  );
}

/** The items of the data set on which the channel is strongest and weakest. */
export function ExtremeItems({ layer, channel }: Props) {
  const { model } = useAddress();
  const dataset = useDataset();
  const asked = dataset
    ? ({ kind: "extremes", model, dataset: dataset.id, layer, channel } as const)
    : null;
  const { job, problem, begin, waits } = useOnDemand(asked);
  const found = useResult(job ? `${job.id}.0` : null);
  if (!dataset) return null;
  if (problem) return <Trouble problem={problem} />;
  if (waits)
    return (
      <button className="button" onClick={begin}>
        Find its strongest items in {dataset.name}
      </button>
    );
  if (found?.kind !== "extremes") return <Working job={job} what="Running the data set" />;
  return Object.entries(found.lists).map(([kind, entries]) => (
    <section key={kind} aria-label={kind}>
      <h2>{kind === "top" ? "Strongest items" : "Weakest items"}</h2>
      <ul className="extremes">
        {entries.map((entry) => (
          <li key={entry.item}>
            <button
              title={`${number(entry.value)}: look at it`}
              onClick={() => go({ item: entry.item })}
            >
              <Thumb id={entry.item} alt={`Item with ${number(entry.value)}`} />
              <span className="numbers">{number(entry.value)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  ));
}
