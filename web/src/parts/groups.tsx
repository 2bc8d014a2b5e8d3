/** Groups of a map: those that a line was drawn around or whose class was chosen, and whether they
 * differ. */

import { useEffect, useMemo } from "react";

import type { GroupsResult, Pair } from "../api/client";
import { number } from "../overlay/scale";
import { go, useAddress } from "../state/address";
import { countsOf, nextName, simplified, type By } from "../state/groups";
import { useOnDemand, useResult, type Arrays } from "../state/results";
import { Chart, colourOf } from "./chart";
import { Thumb } from "./thumb";
import { Trouble, Working } from "./words";

const MOST_SHOWN = 24;

interface ChosenProps {
  points: number[];
  line: number[];
  items: string[];
  by: By;
  classes: number[] | null;
  onDone: () => void;
}

/** What a line was drawn around. */
export function Chosen({ points, line, items, by, classes, onDone }: ChosenProps) {
  const { groups } = useAddress();
  const name = nextName(groups);
  return (
    <section aria-label="Chosen items" className="stack">
      <h2>{points.length.toLocaleString("en")} chosen</h2>
      <ul className="extremes">
        {points.slice(0, MOST_SHOWN).map((point) => (
          <li key={point}>
            <button
              aria-label={`Item ${point}`}
              onClick={() => go({ item: items[point]!, page: "explain" })}
            >
              <Thumb id={items[point]!} />
            </button>
          </li>
        ))}
      </ul>
      <div className="buttons">
        <button
          className="button"
          disabled={points.length < 2}
          onClick={() => {
            go({ groups: [...groups, { name, by, classes, line: simplified(line) }] });
            onDone();
          }}
        >
          Keep as group {name}
        </button>
        <button className="button bare" onClick={onDone}>
          Drop
        </button>
      </div>
    </section>
  );
}

/** The groups that were kept, and the test between them. */
export function Groups({ id, arrays }: { id: string; arrays: Arrays }) {
  const { groups, model } = useAddress();
  const counts = useMemo(() => countsOf(groups, arrays), [groups, arrays]);
  const asked =
    groups.length > 1
      ? ({ kind: "compare_groups", model, results: [id], groups } as const)
      : null;
  const { job, problem, begin, waits } = useOnDemand(asked as never);
  const found = useResult(job && !waits ? `${job.id}.0` : null);
  useEffect(() => {
    if (found) document.querySelector(".compared")?.scrollIntoView({ block: "nearest" });
  }, [found]);
  if (!groups.length) return null;
  return (
    <section aria-label="Groups to compare" className="stack">
      <h2>Do they differ?</h2>
      <div className="chips">
        {groups.map((group, k) => (
          <span className="chip" key={k}>
            <span className="cut">
              {group.name} <span className="numbers">· {counts[k]!.toLocaleString("en")}</span>
            </span>
            <button
              aria-label={`Leave out ${group.name}`}
              onClick={() => go({ groups: groups.filter((_, j) => j !== k) })}
            >
              ×
            </button>
          </span>
        ))}
      </div>
      {groups.length < 2 && (
        <p className="small quiet">
          Keep a second group: draw around points with Shift held, or press + beside a class.
        </p>
      )}
      {problem && <Trouble problem={problem} />}
      {asked && waits && (
        <button className="button" onClick={begin}>
          Test the difference
        </button>
      )}
      {asked && !waits && found?.kind !== "compare_groups" && (
        <Working job={job} what="Comparing the groups" />
      )}
      {found?.kind === "compare_groups" && <Compared found={found} />}
    </section>
  );
}

function Compared({ found }: { found: GroupsResult }) {
  const lines = found.groups.map((name, k) => ({
    name,
    colour: colourOf(k),
    x: found.quantiles[k]!,
    y: found.at,
  }));
  return (
    <div className="compared stack">
      {found.pairs.map((pair) => (
        <PairWords key={`${pair.first} ${pair.second}`} pair={pair} />
      ))}
      <Chart
        label="Distribution of each group"
        across="cross-entropy"
        up="share of the items"
        lines={lines}
        since={Math.min(...found.quantiles.flat())}
      />
      <p className="small">
        {found.groups.map((name, k) => (
          <span key={name} className="key">
            <i className="dot" style={{ background: colourOf(k) }} /> {name}
          </span>
        ))}
      </p>
      <p className="small quiet">
        The cross-entropy test (Roca et al. 2023) asks whether the points of two groups fit the map
        alike. D is 0 for groups that do and 1 for groups that never do; p is how often labels
        handed out at random part them as far.
      </p>
    </div>
  );
}

const LEVEL = 0.05;

function PairWords({ pair }: { pair: Pair }) {
  const p = pair.adjusted_permutation ?? pair.adjusted;
  const differ = p < LEVEL;
  return (
    <div className="pair-words">
      <strong>
        {pair.first} – {pair.second}
      </strong>
      <span className={differ ? "badge on" : "badge"}>{differ ? "differ" : "no evidence"}</span>
      <span className="numbers small quiet">
        D {number(pair.distance)} · p {number(p)}
      </span>
    </div>
  );
}
