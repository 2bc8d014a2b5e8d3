/** Explanations against their model: sanity checks that are measured, one verdict, its reasons. */

import { useState } from "react";

import type { Verdict, Verified } from "../api/client";
import { number } from "../overlay/scale";
import { useSession } from "../state/live";
import { useOnDemand, useResult } from "../state/results";
import { Trouble, Working } from "./words";
import { Segments } from "./controls";

interface Props {
  asked: { model: number; item: string; results: string[] };
}

type Level = "quick" | "full";

/** What each check asks, in the order in which they are listed. */
const QUESTIONS: [string, string, string][] = [
  ["tells places apart", "Tells places apart", "Does the map differ from place to place?"],
  ["completeness", "Adds up", "Do the values add up to what they promise?"],
  ["deletion and insertion", "Order", "Do deletion and insertion in its order beat random orders?"],
  ["another seed", "Same again", "Does another seed give the same map?"],
  ["imperceptible change", "Stable", "Does an input changed unnoticeably give the same map?"],
  ["class sensitivity", "Knows classes", "Does another class have another map?"],
  ["random network", "Knows weights", "Does the map change when the weights are made random?"],
  ["second opinion", "Others agree", "Do methods of other families point to the same places?"],
];

export function Verification({ asked }: Props) {
  const [level, setLevel] = useState<Level>("quick");
  const { job, problem, begin, waits } = useOnDemand({ kind: "verify", ...asked, level });
  const found = useResult(job ? `${job.id}.0` : null);
  const rows = found?.kind === "verify" ? found.rows : [];
  const over = found?.kind === "verify" && !found.partial;
  return (
    <section className="sheet padded gap" aria-label="Verification">
      <div className="row-head">
        <h2>Verification</h2>
        <span className="small quiet">
          Each explanation against the model itself: is it faithful, stable, about this class, about
          these weights?
        </span>
      </div>
      <div className="tools flush">
        <Segments
          label="How much is tried"
          value={level}
          choices={[
            { value: "quick", words: "Quick", title: "Seconds for each" },
            { value: "full", words: "Full", title: "More draws, and costly methods again" },
          ]}
          onChange={setLevel}
        />
        {waits && (
          <button className="button primary" onClick={begin}>
            Verify
          </button>
        )}
      </div>
      {problem && <Trouble problem={problem} />}
      {rows.length > 0 && <Table rows={rows} />}
      {!waits && !over && (
        <div className="gap">
          <Working job={job} what="Verifying" />
        </div>
      )}
    </section>
  );
}

function Table({ rows }: { rows: Verified[] }) {
  const session = useSession();
  const title = (method: string) =>
    session?.methods.find((one) => one.name === method)?.title ?? method;
  const listed = QUESTIONS.filter(([name]) =>
    rows.some((row) => checkOf(row, name) || row.skipped?.[name] !== undefined),
  );
  return (
    <div className="wide-table">
      <table className="verified">
        <thead>
          <tr>
            <th scope="col">Method</th>
            {listed.map(([name, short, question]) => (
              <th key={name} scope="col" title={question}>
                {short}
              </th>
            ))}
          </tr>
        </thead>
        {rows.map((row) => (
          <tbody key={row.result}>
            <tr>
              <th scope="row">
                {title(row.method)}
                <Headline row={row} />
              </th>
              {listed.map(([name]) => (
                <Cell key={name} row={row} name={name} />
              ))}
            </tr>
            <tr>
              <td colSpan={listed.length + 1} className="small quiet reasons">
                {row.refused ?? row.reasons?.join(" ")}
              </td>
            </tr>
          </tbody>
        ))}
      </table>
    </div>
  );
}

function Headline({ row }: { row: Verified }) {
  if (!row.verdict) return <span className="badge none">Not verified</span>;
  return <span className={`badge ${row.verdict}`}>{row.headline}</span>;
}

/** Checks are named as the steps that made them, or begin with their name. */
const checkOf = (row: Verified, name: string) =>
  row.checks?.find((check) => check.name === name || check.name.startsWith(name));

const MARKS: Record<Verdict, string> = { ok: "passed", poor: "doubtful", failed: "failed" };

function Cell({ row, name }: { row: Verified; name: string }) {
  const check = checkOf(row, name);
  if (!check)
    return (
      <td className="quiet" title={row.skipped?.[name]}>
        –
      </td>
    );
  const value = Array.isArray(check.value) ? (check.value as unknown[])[0] : check.value;
  return (
    <td title={check.meaning}>
      <span className={`badge ${check.verdict}`}>{MARKS[check.verdict]}</span>
      {typeof value === "number" && <div className="numbers small quiet">{number(value)}</div>}
    </td>
  );
}
