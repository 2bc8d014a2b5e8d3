import { useEffect, useMemo, useState } from "react";

import { array, thumbnail, type ProjectResult } from "../api/client";
import { colourOf } from "../parts/chart";
import { Segments } from "../parts/controls";
import { Scatter } from "../parts/scatter";
import { Empty, Trouble, Working } from "../parts/words";
import { go, useAddress } from "../state/address";
import { useSession } from "../state/live";
import { useAsked, useResult } from "../state/results";
import { useDataset } from "./data";

const FEWEST = 4;
const INPUT = "input";

/** A data set as a map; neighbours are alike to a layer, or to the eye. */
export function ItemMap() {
  const dataset = useDataset();
  const { model, layer } = useAddress();
  const ready = useSession()?.ready ?? false;
  const [typed, setTyped] = useState(layer ?? INPUT);
  const few = (dataset?.count ?? 0) < FEWEST;
  const asked =
    ready && dataset && !few
      ? ({ kind: "project", model, dataset: dataset.id, layer: layer ?? INPUT } as const)
      : null;
  const { job, problem } = useAsked(asked);
  const id = job ? `${job.id}.0` : null;
  const found = useResult(id);
  if (few)
    return (
      <Empty title="A map needs more items">
        <p>
          {dataset?.name ?? "This data set"} has {dataset?.count ?? 0}. Start with a folder of your
          own: <code>pellucid studio FOLDER</code>
        </p>
      </Empty>
    );
  return (
    <div className="page">
      <div className="page-head">
        <h1>Map</h1>
        <p>Neighbours are alike. Sizes of clusters and distances between them mean nothing.</p>
      </div>
      <form
        className="tools"
        onSubmit={(event) => {
          event.preventDefault();
          const word = typed.trim();
          go({ layer: word && word !== INPUT ? word : null });
        }}
      >
        <label className="field wide">
          <span>A layer, or input for the items themselves</span>
          <input type="text" value={typed} onChange={(event) => setTyped(event.target.value)} />
        </label>
        <button className="button">Map it</button>
      </form>
      {problem && <Trouble problem={problem} />}
      {found?.kind === "project" && id ? (
        <Drawn id={id} found={found} key={id} />
      ) : (
        <Working job={job} what="Preparing the map" />
      )}
    </div>
  );
}

type By = "labels" | "predicted";

function Drawn({ id, found }: { id: string; found: ProjectResult }) {
  const { item } = useAddress();
  const [arrays, setArrays] = useState<Record<string, Float32Array> | null>(null);
  const [by, setBy] = useState<By>(found.labels.length > 0 ? "labels" : "predicted");
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [over, setOver] = useState({ point: -1, x: 0, y: 0 });
  const [chosen, setChosen] = useState<number[]>([]);
  useEffect(() => {
    const names = Object.keys(found.arrays);
    void Promise.all(names.map((name) => array(id, found.arrays[name]!))).then((all) =>
      setArrays(Object.fromEntries(names.map((name, k) => [name, all[k]!]))),
    );
  }, [id, found]);
  const groups = useMemo(() => groupsOf(found, arrays, by), [found, arrays, by]);
  const painted = useMemo(() => paintedBy(groups, hidden), [groups, hidden]);
  if (!arrays || !painted) return null;
  const kept = found.recall === null ? "" : `${Math.round(100 * found.recall)} %`;
  return (
    <div className="map-page">
      <div className="sheet scatter-sheet">
        <Scatter
          points={arrays["points"]!}
          {...painted}
          current={item ? found.items.indexOf(item) : -1}
          onHover={(point, x, y) => setOver({ point, x, y })}
          onPick={(point) => go({ item: found.items[point]!, page: "explain" })}
          onLasso={setChosen}
        />
        {over.point >= 0 && (
          <figure className="hovering" style={{ left: over.x + 16, top: over.y + 16 }}>
            <img src={thumbnail(found.items[over.point]!)} alt="" />
            <figcaption>{groups.names.get(groups.of[over.point]!)}</figcaption>
          </figure>
        )}
      </div>
      <aside aria-label="Groups">
        <Segments
          label="Colour by"
          value={by}
          onChange={(value) => {
            setBy(value);
            setHidden(new Set());
          }}
          choices={[
            { value: "labels", words: "Label" },
            { value: "predicted", words: "Prediction" },
          ]}
        />
        <ul className="legend-list">
          {[...groups.names].map(([group, name], k) => (
            <li key={group}>
              <label>
                <input
                  type="checkbox"
                  checked={!hidden.has(group)}
                  onChange={() => setHidden(toggled(hidden, group))}
                />
                <i className="dot" style={{ background: colourOf(k) }} />
                <span className="cut">{name}</span>
              </label>
            </li>
          ))}
        </ul>
        <p className="small quiet">
          {found.method}: {kept && `${kept} of the ten nearest neighbours are kept. `}
          Drag to move, turn the wheel to zoom, hold Shift and draw around points to list them.
        </p>
        {chosen.length > 0 && (
          <>
            <h2>{chosen.length.toLocaleString("en")} chosen</h2>
            <ul className="extremes">
              {chosen.slice(0, 40).map((point) => (
                <li key={point}>
                  <button
                    aria-label={`Item ${point}`}
                    onClick={() => go({ item: found.items[point]!, page: "explain" })}
                  >
                    <img src={thumbnail(found.items[point]!)} alt="" />
                  </button>
                </li>
              ))}
            </ul>
          </>
        )}
      </aside>
    </div>
  );
}

interface Groups {
  of: Float32Array;
  names: Map<number, string>;
}

function groupsOf(
  found: ProjectResult,
  arrays: Record<string, Float32Array> | null,
  by: By,
): Groups {
  const of = arrays?.[by] ?? new Float32Array(0);
  const name = (group: number) => {
    if (group < 0) return "unknown";
    return (by === "labels" ? found.labels[group] : found.classes[group]) ?? `class ${group}`;
  };
  const all = [...new Set(of)].sort((a, b) => a - b);
  return { of, names: new Map(all.map((group) => [group, name(group)])) };
}

function paintedBy(groups: Groups, hidden: ReadonlySet<number>) {
  if (!groups.of.length) return null;
  const shades = new Map([...groups.names.keys()].map((group, k) => [group, rgb(colourOf(k))]));
  const colours = new Uint8Array(groups.of.length * 3);
  const shown = new Uint8Array(groups.of.length);
  groups.of.forEach((group, k) => {
    colours.set(shades.get(group)!, 3 * k);
    shown[k] = hidden.has(group) ? 0 : 1;
  });
  return { colours, shown };
}

function rgb(hex: string): [number, number, number] {
  const value = parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function toggled(hidden: ReadonlySet<number>, group: number): Set<number> {
  const next = new Set(hidden);
  if (!next.delete(group)) next.add(group);
  return next;
}
