import { useMemo, useRef, useState } from "react";

import { Card, isMap } from "../parts/card";
import { Controls } from "../parts/controls";
import { Detail } from "../parts/detail";
import { Icon } from "../parts/icon";
import { ItemPanel, targetName } from "../parts/itempanel";
import { exported } from "../parts/save";
import { Empty, Trouble, Working } from "../parts/words";
import { go, useAddress } from "../state/address";
import { cellName, useCells } from "../state/cells";
import { useJobs, useSession } from "../state/live";
import { cancel, useResult, words } from "../state/results";

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
  const grid = useCells(state, again);
  const ids = useMemo(() => [...grid.cells.values()].map((cell) => cell.result), [grid.cells]);
  const methods = new Map(session?.methods.map((method) => [method.name, method]));
  const opened = state.open !== null && (ids.includes(state.open) || state.pins.includes(state.open));
  const place = [...grid.cells.values()].find((cell) => cell.result === state.open);
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
        {grid.problem && <Trouble problem={grid.problem} />}
        {state.pins.length > 0 && <Pinned />}
        {session?.ready && !state.methods.length && (
          <Empty title="No method is chosen">
            <p>Tick one on the left; each says in its card what it shows and what it cannot.</p>
          </Empty>
        )}
        {state.methods.length > 0 &&
          state.targets.map((target, t) => (
            <section key={t} aria-label={targetName(target, session?.models[state.model])}>
              {(state.targets.length > 1 || state.pins.length > 0) && (
                <div className="row-head">
                  <h2>{targetName(target, session?.models[state.model])}</h2>
                </div>
              )}
              <div className="cards">
                {state.methods.map((method, m) => {
                  const cell = grid.cells.get(cellName(m, t));
                  const idle = methods.get(method.name)?.needs_target === false && t > 0;
                  if (idle) return null;
                  return (
                    <Card
                      key={`${m} ${method.name}`}
                      id={cell?.result ?? null}
                      title={methods.get(method.name)?.title ?? method.name}
                      pinned={false}
                      onPin={cell ? () => pin(cell.result) : undefined}
                    />
                  );
                })}
              </div>
            </section>
          ))}
      </div>
      {opened && (
        <Detail id={state.open!} place={place?.method ?? null} key={state.open} all={ids} />
      )}
    </section>
  );

  function pin(id: string) {
    if (!state.pins.includes(id)) go({ pins: [...state.pins, id] });
  }
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
  const busy = own.filter((job) => ["queued", "running", "cancelling"].includes(job.state));
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
