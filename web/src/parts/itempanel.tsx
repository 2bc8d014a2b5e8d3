/** The item on the left: what the network saw, what it said, what is explained, with what. */

import type { Method, Model, OutcomeResult, Problem } from "../api/client";
import { go, useAddress } from "../state/address";
import { useItem } from "../state/items";
import { useSession } from "../state/live";
import { useAsked, useResult } from "../state/results";
import type { Target } from "../state/url";
import { ClassInput } from "./classinput";
import { Seen } from "./seen";
import { Trouble } from "./words";

export function ItemPanel() {
  return (
    <aside className="side" aria-label="What is explained">
      <Answer />
      <Beside />
      <Targets />
      <Methods />
    </aside>
  );
}

interface Found {
  id: string | null;
  outcome: OutcomeResult | null;
  failed: Problem | null;
}

/** What the model says of the item that everything is about. */
export function useOutcome(): Found {
  const { item, model } = useAddress();
  return useOutcomeOf(model, item);
}

export function useOutcomeOf(model: number, item: string | null): Found {
  const ready = useSession()?.ready ?? false;
  const { job, problem } = useAsked(ready && item ? { kind: "predict", model, item } : null);
  const id = job ? `${job.id}.0` : null;
  const found = useResult(id);
  const outcome = found?.kind === "outcome" ? found : null;
  return { id, outcome, failed: job?.state === "failed" ? job : problem };
}

function Answer() {
  const item = useItem();
  const { id, outcome, failed } = useOutcome();
  const { targets } = useAddress();
  if (!item) return null;
  const rows = outcome?.outcome.rows ?? [];
  return (
    <section>
      <Seen item={item} id={id} outcome={outcome} />
      {failed && <Trouble problem={failed} />}
      <div className="classes" role="group" aria-label="Classes to explain">
        {outcome && outcome.outcome.value !== null && (
          <p>
            The model says <strong className="numbers">{outcome.outcome.value.toPrecision(4)}</strong>
          </p>
        )}
        {rows.map((row, k) => {
          const on = k === 0 ? isOn(targets, null) || isOn(targets, row.index) : isOn(targets, row.index);
          return (
            <button
              key={row.index}
              aria-pressed={on}
              title={on ? "Stop explaining this class" : "Explain this class too"}
              onClick={() => go({ targets: toggled(targets, row.index, k === 0) })}
            >
              <span className="cut">{row.name}</span>
              <span className="numbers quiet">{(100 * row.share).toFixed(1)} %</span>
              <div className="meter">
                <div style={{ width: `${Math.max(0.5, 100 * row.share)}%` }} />
              </div>
            </button>
          );
        })}
      </div>
    </section>
  );
}

function isOn(targets: readonly Target[], target: Target): boolean {
  return targets.some((one) => JSON.stringify(one) === JSON.stringify(target));
}

function toggled(targets: readonly Target[], index: number, best: boolean): Target[] {
  const same = (one: Target) => one === index || (best && one === null);
  const rest = targets.filter((one) => !same(one));
  if (rest.length === targets.length) return [...targets, index];
  return rest.length ? rest : [null];
}

export function targetName(target: Target, model: Model | undefined): string {
  if (target === null) return "The predicted class";
  const name = (index: number) => model?.classes?.[index] ?? `class ${index}`;
  if (typeof target === "number") return name(target);
  if (typeof target === "object") return `${name(target.a)} rather than ${name(target.b)}`;
  return target;
}

/** A second model for the same questions. */
function Beside() {
  const { model, beside } = useAddress();
  const models = useSession()?.models ?? [];
  if (models.length < 2) return null;
  return (
    <label className="field">
      <span>Compare with the model</span>
      <select
        value={beside ?? ""}
        onChange={(event) =>
          go({ beside: event.target.value === "" ? null : Number(event.target.value), open: null })
        }
      >
        <option value="">none</option>
        {models.map((one, k) =>
          k === model ? null : (
            <option key={k} value={k}>
              {one.name}
            </option>
          ),
        )}
      </select>
    </label>
  );
}

function Targets() {
  const { targets, model } = useAddress();
  const shown = useSession()?.models[model];
  return (
    <section>
      <h2>Targets</h2>
      <div className="chips">
        {targets.map((target, k) => (
          <span className="chip" key={k}>
            <span className="cut">{targetName(target, shown)}</span>
            {targets.length > 1 && (
              <button
                aria-label={`Stop explaining ${targetName(target, shown)}`}
                onClick={() => go({ targets: targets.filter((_, j) => j !== k) })}
              >
                ×
              </button>
            )}
          </span>
        ))}
      </div>
      <ClassInput
        model={shown}
        label="Another target"
        hint="Class, number, or a – b"
        onChosen={(target) => !isOn(targets, target) && go({ targets: [...targets, target] })}
      />
    </section>
  );
}

const FAMILIES: [string, (method: Method) => boolean][] = [
  ["Class-activation maps", (m) => m.access === "layers" && m.axes !== "layer"],
  ["Gradients", (m) => m.access === "gradients"],
  ["Black box", (m) => m.access === "black_box"],
];

function Methods() {
  const { methods, model } = useAddress();
  const session = useSession();
  const network = session?.models[model]?.kind !== "function";
  const chosen = new Set(methods.map((method) => method.name));
  const local = (session?.methods ?? []).filter((m) => m.scope === "local");
  return (
    <section>
      <h2>Methods</h2>
      <div className="methods">
        {FAMILIES.map(([family, belongs]) => (
          <div key={family} role="group" aria-label={family}>
            <h3>{family}</h3>
            {local.filter(belongs).map((method) => {
              const possible = network || method.access === "black_box";
              return (
                <label key={method.name} title={possible ? `${method.summary} ${method.paper}` : "Needs a network"}>
                  <input
                    type="checkbox"
                    checked={chosen.has(method.name)}
                    disabled={!possible}
                    onChange={() => toggle(method.name)}
                  />
                  <span className={possible ? "" : "quiet"}>{method.title}</span>
                </label>
              );
            })}
          </div>
        ))}
      </div>
    </section>
  );

  function toggle(name: string) {
    const rest = methods.filter((method) => method.name !== name);
    go({
      methods: rest.length < methods.length ? rest : [...methods, { name, params: {} }],
      open: null,
    });
  }
}
