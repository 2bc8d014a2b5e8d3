/** What the colours of a map mean. */

import { useState } from "react";

import type { Job } from "../api/client";
import { gradient } from "../colour/palette";
import { go, useAddress } from "../state/address";
import { useDataset } from "../state/dataset";
import type { By, Classes } from "../state/groups";
import { isUnderway } from "../state/live";
import { submit, words } from "../state/results";
import { SCORES } from "../state/shares";
import { colourOf } from "./chart";
import { Icon } from "./icon";
import { Trouble, Working } from "./words";

interface Props {
  classes: Classes;
  by: By;
  hidden: ReadonlySet<number>;
  /** Whether the points have other colours than those of the classes. */
  plain: boolean;
  onHide: (hidden: ReadonlySet<number>) => void;
}

export function Legend({ classes, by, hidden, plain, onHide }: Props) {
  const { groups } = useAddress();
  const all = [...classes.names];
  return (
    <div>
      <div className="row-head tight">
        <h2>Classes</h2>
        <button
          className="link small"
          onClick={() => onHide(new Set(hidden.size ? [] : all.map(([one]) => one)))}
        >
          {hidden.size ? "Show all" : "Hide all"}
        </button>
      </div>
      <ul className="legend-list">
        {all.map(([one, name], k) => {
          const kept = groups.some((group) => group.name === name);
          return (
            <li key={one}>
              <label>
                <input
                  type="checkbox"
                  checked={!hidden.has(one)}
                  onChange={() => onHide(toggled(hidden, one))}
                />
                {!plain && <i className="dot" style={{ background: colourOf(k) }} />}
                <span className="cut">{name}</span>
              </label>
              {!kept && (
                <button
                  className="button icon bare"
                  aria-label={`Compare ${name}`}
                  title={`Compare ${name} with other groups`}
                  onClick={() =>
                    go({ groups: [...groups, { name, by, classes: [one], line: null }] })
                  }
                >
                  <Icon name="plus" size={13} />
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function toggled(hidden: ReadonlySet<number>, one: number): Set<number> {
  const next = new Set(hidden);
  if (!next.delete(one)) next.add(one);
  return next;
}

/** The scale of the scores; or how to get them. */
export function Confidence({ job, there }: { job: Job | undefined; there: boolean }) {
  const dataset = useDataset();
  const { model } = useAddress();
  const [trouble, setTrouble] = useState<unknown>(null);
  if (there)
    return (
      <div className="legend">
        <div className="colours" style={{ background: gradient(SCORES) }} />
        <div className="ends numbers">
          <span>0 %</span>
          <span>sure of its class</span>
          <span>100 %</span>
        </div>
      </div>
    );
  if (isUnderway(job))
    return <Working job={job} what="Predicting" />;
  return (
    <>
      <p className="small quiet">Scores are known once every item was predicted.</p>
      {trouble !== null && <Trouble problem={words(trouble)} />}
      <button
        className="button"
        onClick={() =>
          dataset &&
          submit({ kind: "predict_all", model, dataset: dataset.id }).catch(setTrouble)
        }
      >
        Predict all items
      </button>
    </>
  );
}
