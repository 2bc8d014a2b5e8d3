import { useEffect, useState } from "react";

import { client, data, type Confusion, type Job } from "../api/client";
import { useOutcome } from "../parts/itempanel";
import { Seen } from "../parts/seen";
import { Trouble, Working } from "../parts/words";
import { go, useAddress } from "../state/address";
import { useDataset } from "../state/dataset";
import { useItem } from "../state/items";
import { isUnderway, useSession } from "../state/live";
import { again, submit, words } from "../state/results";
import { usePredictions } from "../state/shares";

export function Predict() {
  return (
    <div className="page">
      <div className="page-head">
        <h1>Predict</h1>
        <p>What the model says, of one item and of all of them.</p>
      </div>
      <div className="columns">
        <One />
        <All />
      </div>
    </div>
  );
}

function One() {
  const item = useItem();
  const { id, outcome, failed } = useOutcome();
  const rows = outcome?.outcome.rows ?? [];
  return (
    <section className="sheet" aria-label="This item">
      <div className="one">
        <div>{item && <Seen item={item} id={id} outcome={outcome} />}</div>
        <div>
          <h2 className="cut">{item?.name}</h2>
          {item?.label != null && (
            <p className="small quiet">
              labelled <strong>{item.label}</strong>
            </p>
          )}
          {failed && <Trouble problem={failed} />}
          {!outcome && !failed && <Working job={undefined} what="Asking the model" />}
          {outcome && outcome.outcome.value !== null && (
            <p className="numbers">{outcome.outcome.value}</p>
          )}
          <table className="numbers">
            <thead className="unseen">
              <tr>
                <th>Class</th>
                <th>Probability</th>
                <th>Score</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.index}>
                  <td>
                    {row.name}
                    <div className="meter">
                      <div style={{ width: `${Math.max(0.5, 100 * row.share)}%` }} />
                    </div>
                  </td>
                  <td>{(100 * row.share).toFixed(1)} %</td>
                  <td className="quiet">{row.raw.toFixed(2)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <div className="buttons">
            <button className="button primary" onClick={() => go({ page: "explain" })}>
              Explain it
            </button>
          </div>
        </div>
      </div>
    </section>
  );
}

function All() {
  const dataset = useDataset();
  const { model } = useAddress();
  const ready = useSession()?.ready ?? false;
  const [trouble, setTrouble] = useState<unknown>(null);
  const own = usePredictions(dataset?.id ?? null)[0];
  const found = useConfusion(dataset?.id ?? null, own);
  if (!dataset) return null;
  const begin = () => {
    setTrouble(null);
    const asked = { kind: "predict_all" as const, model, dataset: dataset.id };
    (own?.state === "done" ? again(own.id) : submit(asked)).catch(setTrouble);
  };
  const busy = isUnderway(own);
  return (
    <section aria-label="All items">
      <div className="sheet padded">
        <div className="row-head">
          <h2>{dataset.name}</h2>
          <span className="small quiet numbers">{dataset.count.toLocaleString("en")} items</span>
        </div>
        {busy ? (
          <Working job={own} what="Predicting" />
        ) : (
          <button
            className="button"
            disabled={!ready}
            onClick={begin}
          >
            {found ? "Predict again" : "Predict all items"}
          </button>
        )}
        {own?.state === "failed" && <Trouble problem={own} />}
        {trouble !== null && <Trouble problem={words(trouble)} />}
      </div>
      {found && <Summary found={found} dataset={dataset.id} />}
    </section>
  );
}

function useConfusion(dataset: string | null, job: Job | undefined): Confusion | null {
  const { model } = useAddress();
  const [found, setFound] = useState<Confusion | null>(null);
  const state = job?.state;
  useEffect(() => {
    if (!dataset) return;
    let wanted = true;
    data(
      client.GET("/api/v1/datasets/{dataset}/confusion", {
        params: { path: { dataset }, query: { model } },
      }) as never,
    ).then(
      (answer) => wanted && setFound(answer as Confusion | null),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [dataset, model, job?.id, state]);
  return found;
}

function Summary({ found, dataset }: { found: Confusion; dataset: string }) {
  const most = Math.max(...found.shares, 1);
  return (
    <>
      <div className="sheet padded">
        <h2>How sure it is</h2>
        <div
          className="histogram"
          role="img"
          aria-label={`Items by the probability of their best class, from 0 to 100 % in steps of 5: ${found.shares.join(", ")}`}
        >
          {found.shares.map((count, k) => (
            <div
              key={k}
              style={{ height: `${(100 * count) / most}%` }}
              title={`${5 * k} to ${5 * (k + 1)} %: ${count} items`}
            />
          ))}
        </div>
        <p className="ends-of-axis small quiet numbers">
          <span>0 %</span>
          <span>probability of the best class</span>
          <span>100 %</span>
        </p>
        <div className="buttons">
          <button
            className="button"
            onClick={() => go({ page: "data", dataset, order: "unsure" })}
          >
            Least sure
          </button>
          {found.known > 0 && (
            <button
              className="button"
              onClick={() => go({ page: "data", dataset, order: "wrong" })}
            >
              Misclassified
            </button>
          )}
        </div>
      </div>
      {found.labels.length > 0 && <Matrix found={found} dataset={dataset} />}
    </>
  );
}

const MOST_CLASSES = 40;

function Matrix({ found, dataset }: { found: Confusion; dataset: string }) {
  const most = Math.max(...found.counts.map(([, , count]) => count), 1);
  const counts = new Map(found.counts.map(([row, column, count]) => [`${row} ${column}`, count]));
  const columns = found.predicted.slice(0, MOST_CLASSES);
  return (
    <div className="sheet padded">
      <div className="row-head">
        <h2>Labels and what they were taken for</h2>
        {found.known > 0 && (
          <span className="badge on numbers">
            {found.right} of {found.known} right
          </span>
        )}
      </div>
      <div className="confusion">
        <table className="numbers">
          <thead>
            <tr>
              <th scope="col">label</th>
              {columns.map((name, column) => (
                <th key={column} scope="col" className="cut" title={name}>
                  {name.split(",")[0]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.labels.slice(0, MOST_CLASSES).map((label, row) => (
              <tr key={label}>
                <th scope="row" className="cut">
                  {label}
                </th>
                {columns.map((name, column) => {
                  const count = counts.get(`${row} ${column}`) ?? 0;
                  const share = count ? 12 + (60 * count) / most : 0;
                  return (
                    <td
                      key={column}
                      style={{
                        background: `color-mix(in srgb, var(--accent) ${share}%, transparent)`,
                      }}
                    >
                      {count > 0 && (
                        <button
                          title={`${count} of ${label} taken for ${name}`}
                          onClick={() => go({ page: "data", dataset, label, order: "given" })}
                        >
                          {count}
                        </button>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
