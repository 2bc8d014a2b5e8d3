import { useMemo, useRef, useState } from "react";

import { Card, isMap } from "../parts/card";
import { Controls } from "../parts/controls";
import { Detail } from "../parts/detail";
import { Icon } from "../parts/icon";
import { ItemPanel, targetName, useOutcomeOf } from "../parts/itempanel";
import { exported } from "../parts/save";
import { Empty, Trouble, Working } from "../parts/words";
import { go, useAddress } from "../state/address";
import { cellName, useCells, type Grid } from "../state/cells";
import { isUnderway, useJobs, useSession } from "../state/live";
import { cancel, useResult, words } from "../state/results";
import type { State } from "../state/url";

export function Explain() {
  const state = useAddress();
  if (state.item === null)
    return (
      <Empty title="There is nothing to explain yet">
        <p>
          Choose an item on the page <a href="#/data">Data</a>, or upload one there.
        </p>
      </Empty>
    );
  return (
    <div className="split">
      <h1 className="unseen">Explain</h1>
      <ItemPanel />
      <Board />
    </div>
  );
}

function Board() {
  const state = useAddress();
  const session = useSession();
  const [again, setAgain] = useState(0);
  const own = useCells(state, again);
  const other = useCells(besideOf(state), again);
  const cells = useMemo(() => [...own.cells.values(), ...other.cells.values()], [own, other]);
  const ids = useMemo(() => cells.map((cell) => cell.result), [cells]);
  const opened = state.open !== null && (ids.includes(state.open) || state.pins.includes(state.open));
  const place = cells.find((cell) => cell.result === state.open);
  const headed = state.targets.length > 1 || state.pins.length > 0 || state.beside !== null;
  return (
    <section aria-label="Explanations">
      <div className="strip">
        <Controls />
        <span className="spring" />
        <Underway ids={ids} onAgain={() => setAgain((n) => n + 1)} />
        <SaveAll ids={ids} />
      </div>
      <div className="grid">
        {!session?.ready && <Working job={undefined} what="Loading the model" />}
        {own.problem && <Trouble problem={own.problem} />}
        {other.problem && <Trouble problem={other.problem} />}
        {state.pins.length > 0 && <Pinned />}
        {session?.ready && !state.methods.length && (
          <Empty title="No method is chosen">
            <p>Tick one on the left; each says in its card what it shows and what it cannot.</p>
          </Empty>
        )}
        {state.methods.length > 0 &&
          state.targets.map((_, t) => (
            <div key={t} className="stack wide-apart">
              <TargetRow grid={own} model={state.model} place={t} headed={headed} />
              {state.beside !== null && (
                <TargetRow grid={other} model={state.beside} place={t} headed />
              )}
            </div>
          ))}
      </div>
      {opened && (
        <Detail id={state.open!} place={place?.method ?? null} key={state.open} all={ids} />
      )}
    </section>
  );
}

/** The same questions to the second model; none where there is no second one. */
function besideOf(state: State): State {
  return state.beside === null ? { ...state, methods: [] } : { ...state, model: state.beside };
}

/** All methods for one target of one model. */
function TargetRow(props: { grid: Grid; model: number; place: number; headed: boolean }) {
  const { grid, model, place, headed } = props;
  const state = useAddress();
  const session = useSession();
  const known = session?.models[model];
  const title = targetName(state.targets[place]!, known);
  const methods = new Map(session?.methods.map((method) => [method.name, method]));
  return (
    <section aria-label={state.beside === null ? title : `${title}, ${known?.name}`}>
      {headed && (
        <div className="row-head">
          <h2>{title}</h2>
          {state.beside !== null && <span className="badge">{known?.name}</span>}
          {state.beside !== null && <Best model={model} />}
        </div>
      )}
      <div className="cards">
        {state.methods.map((method, m) => {
          const cell = grid.cells.get(cellName(m, place));
          const idle = methods.get(method.name)?.needs_target === false && place > 0;
          if (idle) return null;
          return (
            <Card
              key={`${m} ${method.name}`}
              id={cell?.result ?? null}
              title={methods.get(method.name)?.title ?? method.name}
              pinned={false}
              onPin={cell ? () => pin(state.pins, cell.result) : undefined}
            />
          );
        })}
      </div>
    </section>
  );
}

/** What a model takes the item for. */
function Best({ model }: { model: number }) {
  const { item } = useAddress();
  const { outcome } = useOutcomeOf(model, item);
  const best = outcome?.outcome.rows[0];
  if (!best) return null;
  return (
    <span className="small quiet numbers">
      says {best.name} with {(100 * best.share).toFixed(1)} %
    </span>
  );
}

function pin(pins: string[], id: string) {
  if (!pins.includes(id)) go({ pins: [...pins, id] });
}

function Pinned() {
  const { pins } = useAddress();
  return (
    <section aria-label="Pinned">
      <div className="row-head">
        <h2>Pinned</h2>
        <span className="small quiet">stay while you go to other items, targets and models</span>
        <button className="button bare" onClick={() => go({ pins: [] })}>
          Unpin all
        </button>
      </div>
      <div className="cards">
        {pins.map((id) => (
          <PinnedCard key={id} id={id} />
        ))}
      </div>
    </section>
  );
}

function PinnedCard({ id }: { id: string }) {
  const { pins } = useAddress();
  const view = useResult(id);
  return (
    <Card
      id={id}
      title={view && isMap(view) ? view.title : "Pinned"}
      pinned
      onPin={() => go({ pins: pins.filter((pin) => pin !== id) })}
    />
  );
}

/** What runs for this grid, and how to stop it. */
function Underway({ ids, onAgain }: { ids: string[]; onAgain: () => void }) {
  const jobs = useJobs();
  const own = [...new Set(ids.map((id) => id.split(".")[0]!))].flatMap((id) => jobs.get(id) ?? []);
  const busy = own.filter(isUnderway);
  const ended = own.filter((job) => ["cancelled", "failed"].includes(job.state));
  if (busy.length)
    return (
      <button
        className="button"
        disabled={busy.every((job) => job.state === "cancelling")}
        onClick={() => busy.forEach((job) => void cancel(job.id))}
      >
        <Icon name="stop" size={14} /> Cancel
      </button>
    );
  if (ended.length)
    return (
      <button className="button" onClick={onAgain}>
        Try again
      </button>
    );
  return null;
}

function SaveAll({ ids }: { ids: string[] }) {
  const jobs = useJobs();
  const [working, setWorking] = useState(false);
  const [trouble, setTrouble] = useState("");
  const menu = useRef<HTMLDetailsElement>(null);
  const whole = ids.filter((id) => {
    const [job, number] = id.split(".");
    return jobs.get(job!)?.results.includes(number!);
  });
  const save = (format: "html" | "png" | "npz" | "svg") => {
    if (menu.current) menu.current.open = false;
    setWorking(true);
    setTrouble("");
    exported(whole, format)
      .catch((error: unknown) => setTrouble(words(error).cause))
      .finally(() => setWorking(false));
  };
  return (
    <details className="menu" ref={menu}>
      <summary className="button primary" aria-disabled={!whole.length || working}>
        <Icon name="save" size={15} /> {working ? "Writing …" : "Save all"}
      </summary>
      {whole.length > 0 && (
        <div className="menu-list" role="menu">
          <button role="menuitem" onClick={() => save("html")}>
            Report (HTML)
          </button>
          <button role="menuitem" onClick={() => save("png")}>
            Figures (PNG)
          </button>
          <button role="menuitem" onClick={() => save("svg")}>
            Figures (SVG)
          </button>
          <button role="menuitem" onClick={() => save("npz")}>
            Raw values (NPZ)
          </button>
        </div>
      )}
      {trouble && (
        <p role="alert" className="small">
          {trouble}
        </p>
      )}
    </details>
  );
}
