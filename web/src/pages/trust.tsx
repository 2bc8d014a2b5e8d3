import { useEffect, useMemo, useState } from "react";

import type { MapResult, TrustResult } from "../api/client";
import { number } from "../overlay/scale";
import { isMap } from "../parts/card";
import { Chart, colourOf } from "../parts/chart";
import { Verification } from "../parts/verification";
import { Badge, Empty, Trouble, Working } from "../parts/words";
import { go, useAddress } from "../state/address";
import { useCells } from "../state/cells";
import { useJobs, useSession } from "../state/live";
import { useAsked, useResult } from "../state/results";

/** How far the explanations of the page Explain can be trusted, side by side. */
export function Trust() {
  const state = useAddress();
  const session = useSession();
  const first = useMemo(() => ({ ...state, targets: state.targets.slice(0, 1) }), [state]);
  const grid = useCells(first, 0);
  const ids = useMemo(() => [...grid.cells.values()].map((cell) => cell.result), [grid.cells]);
  const jobs = useJobs();
  const whole = ids.filter((id) => {
    const [job, place] = id.split(".");
    return jobs.get(job!)?.results.includes(place!);
  });
  const ready = ids.length > 0 && whole.length === ids.length;
  const asked =
    ready && state.item
      ? { model: state.model, item: state.item, results: whole }
      : null;
  const { job, problem } = useAsked(asked && { kind: "trust", ...asked });
  const found = useResult(job ? `${job.id}.0` : null);
  if (!state.methods.length)
    return (
      <Empty title="Nothing to measure yet">
        <p>
          Explain an item first, on the page <a href="#/explain">Explain</a>.
        </p>
      </Empty>
    );
  return (
    <div className="page">
      <div className="page-head">
        <h1>Trust</h1>
        <p>What was measured about each explanation, and how they compare.</p>
      </div>
      {problem && <Trouble problem={problem} />}
      <Verdicts ids={ids} />
      {asked && <Verification asked={asked} />}
      {found?.kind === "trust" ? (
        <Measured found={found} />
      ) : (
        <div className="gap">
          <Working
            job={job}
            what={
              !session?.ready
                ? "Loading the model"
                : ready
                  ? "Measuring"
                  : `Waiting for the explanations (${whole.length} of ${ids.length})`
            }
          />
        </div>
      )}
    </div>
  );
}

function Verdicts({ ids }: { ids: string[] }) {
  return (
    <section className="sheet" aria-label="Checks">
      <table>
        <thead>
          <tr>
            <th scope="col">Method</th>
            <th scope="col">Verdict</th>
            <th scope="col">What was checked on this very explanation</th>
          </tr>
        </thead>
        <tbody>
          {ids.map((id) => (
            <VerdictRow key={id} id={id} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function VerdictRow({ id }: { id: string }) {
  const view = useResult(id);
  if (!view) return null;
  if (view.kind === "refused")
    return (
      <tr>
        <td>{view.method}</td>
        <td>
          <span className="badge">refused</span>
        </td>
        <td className="small quiet">{view.cause}</td>
      </tr>
    );
  if (!isMap(view)) return null;
  return (
    <tr>
      <td>
        <button
          className="link"
          onClick={() => go({ page: "explain", open: id })}
          title="Open it on the page Explain"
        >
          {view.title}
        </button>
      </td>
      <td>
        <Badge {...view} />
      </td>
      <td className="check-words">
        <CheckWords view={view} />
      </td>
    </tr>
  );
}

function CheckWords({ view }: { view: MapResult }) {
  if (!view.checks.length) return <span className="small quiet">nothing was measured</span>;
  return view.checks.map((check) => (
    <span key={check.name} className={`badge ${check.verdict}`} title={check.meaning}>
      {check.name}
      {typeof check.value === "number" && <span className="numbers"> {number(check.value)}</span>}
    </span>
  ));
}

function Measured({ found }: { found: TrustResult }) {
  const session = useSession();
  const title = (method: string) =>
    session?.methods.find((one) => one.name === method)?.title ?? method;
  const curves = found.metrics.filter((metric) =>
    found.rows.some((row) => row.scores.some((s) => s.metric === metric.name && s.curve)),
  );
  const [lit, setLit] = useState<string | null>(null);
  useEffect(() => setLit(null), [found]);
  return (
    <>
      <section className="sheet gap" aria-label="Metrics">
        <table className="numbers">
          <thead>
            <tr>
              <th scope="col">Method</th>
              {found.metrics.map((metric) => (
                <th key={metric.name} scope="col" title={`${metric.summary} Mind: ${metric.flaw} ${metric.paper}`}>
                  {metric.title} {metric.better === "higher" ? "↑" : "↓"}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.rows.map((row, k) => (
              <tr
                key={row.result}
                onMouseEnter={() => setLit(row.result)}
                onMouseLeave={() => setLit(null)}
              >
                <td>
                  <i className="dot" style={{ background: colourOf(k) }} /> {title(row.method)}
                </td>
                {found.metrics.map((metric) => (
                  <ScoreCell key={metric.name} found={found} name={metric.name} place={k} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="small quiet gap">
        ↑ more is better, ↓ less is better; the best of each column is marked. No single number
        decides: each metric has a known flaw, told below its
        curve or when you point at its name.
      </p>
      <div className="columns gap">
        {curves.map((metric) => (
          <section key={metric.name} className="sheet padded" aria-label={metric.title}>
            <h2>{metric.title}</h2>
            <p className="small quiet">{metric.summary}</p>
            <Chart
              label={metric.title}
              across="share of the features"
              up="score"
              lines={found.rows.flatMap((row, k) => {
                const score = row.scores.find((one) => one.metric === metric.name);
                if (!score?.curve?.[0] || !score.at) return [];
                return [
                  {
                    name: title(row.method),
                    colour: colourOf(k),
                    x: score.at,
                    y: score.curve[0],
                    faint: lit !== null && lit !== row.result,
                  },
                ];
              })}
            />
            <p className="small">
              <strong>Mind:</strong> {metric.flaw}
            </p>
          </section>
        ))}
      </div>
    </>
  );
}

function ScoreCell({ found, name, place }: { found: TrustResult; name: string; place: number }) {
  const row = found.rows[place]!;
  const score = row.scores.find((one) => one.metric === name);
  const refused = row.refused.find((one) => one.metric === name);
  if (!score) return <td className="quiet" title={refused?.reason}>–</td>;
  const all = found.rows.flatMap((one) => {
    const mean = one.scores.find((s) => s.metric === name)?.mean;
    return mean === null || mean === undefined ? [] : [mean];
  });
  const best = score.better === "higher" ? Math.max(...all) : Math.min(...all);
  const marked = all.length > 1 && score.mean === best;
  return <td>{marked ? <strong>{number(score.mean!)} ●</strong> : number(score.mean ?? NaN)}</td>;
}
