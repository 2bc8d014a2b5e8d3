import { useEffect, useRef, useState } from "react";

import type { Layer } from "../api/client";
import { ClassMaps } from "../parts/classmaps";
import { Controls, Segments } from "../parts/controls";
import { Features } from "../parts/features";
import { Empty, Trouble, Working } from "../parts/words";
import { go, useAddress } from "../state/address";
import { isDrawn, useLayers } from "../state/layers";
import { useSession } from "../state/live";

export function Layers() {
  const { layer, tab } = useAddress();
  const ready = useSession()?.ready ?? false;
  const { layers, job, problem, network } = useLayers();
  const chosen = layers?.find((one) => one.chosen)?.address ?? null;
  const current = layer ?? chosen;
  if (!network)
    return (
      <Empty title="This model has no layers to look into">
        <p>It is a function, not a network. The black-box methods on Explain work on it.</p>
      </Empty>
    );
  if (problem)
    return (
      <div className="page">
        <h1 className="unseen">Layers</h1>
        <Trouble problem={problem} />
      </div>
    );
  if (!layers)
    return (
      <div className="page">
        <h1 className="unseen">Layers</h1>
        <Working job={job} what={ready ? "Tracing the layers" : "Loading the model"} />
      </div>
    );
  return (
    <div className="split">
      <h1 className="unseen">Layers</h1>
      <aside className="side" aria-label="Layers">
        <LayerList layers={layers} current={current} />
      </aside>
      <section aria-label="Maps">
        <div className="strip">
          <Segments
            label="Show"
            value={tab ?? "features"}
            onChange={(value) => go({ tab: value === "features" ? null : value, open: null })}
            choices={[
              { value: "features", words: "Feature maps" },
              { value: "classes", words: "Class maps" },
            ]}
          />
          <Controls />
        </div>
        {tab === "classes" ? (
          <ClassMaps layers={layers} current={current} />
        ) : current ? (
          <Features layer={current} key={current} />
        ) : (
          <Empty title="No layer has a map">
            <p>
              The layers of this network give one value a channel, with no places to draw. The page{" "}
              <a href="#/map">Map</a> shows what they make of the items.
            </p>
          </Empty>
        )}
      </section>
    </div>
  );
}

function LayerList({ layers, current }: { layers: Layer[]; current: string | null }) {
  const [search, setSearch] = useState("");
  const [all, setAll] = useState(false);
  const listed = layers.filter(
    (layer) =>
      (all || isDrawn(layer) || layer.chosen) &&
      `${layer.name} ${layer.type}`.toLowerCase().includes(search.toLowerCase()),
  );
  const here = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const list = here.current?.closest<HTMLElement>(".layer-list");
    if (list && here.current) list.scrollTop = here.current.offsetTop - list.clientHeight / 2;
  }, []);
  return (
    <>
      <div>
        <label className="field">
          <span>{layers.length} layers</span>
          <input
            type="search"
            placeholder="Name or type"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </label>
        <label className="small">
          <input type="checkbox" checked={all} onChange={() => setAll(!all)} /> also those without a
          map
        </label>
      </div>
      <ul className="layer-list">
        {listed.map((layer) => (
          <li key={layer.address}>
            <button
              ref={layer.address === current ? here : undefined}
              aria-current={layer.address === current || undefined}
              title={layer.reason || layer.name}
              onClick={() => go({ layer: layer.address, unit: null })}
            >
              <span className="cut tail">
                <bdi>{layer.name || "the network"}</bdi>
              </span>
              <span className="small quiet numbers">{layer.shape.slice(1).join("×")}</span>
              <span className="type cut">
                {layer.type}
                {layer.chosen && <strong> · chosen where none is named</strong>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
