import { useEffect, useMemo, useRef, useState } from "react";

import type { Layer, MapResult } from "../api/client";
import { fitting, table, entry } from "../colour/palette";
import { display } from "../overlay/paint";
import { number, scaleOf, type Scale } from "../overlay/scale";
import { isMap } from "../parts/card";
import { Controls, Segments } from "../parts/controls";
import { ImageMap, Legend, type Drawn as Painted } from "../parts/imagemap";
import { ClassMaps } from "../parts/classmaps";
import { Drawn, ExtremeItems } from "../parts/unitside";
import { Empty, Trouble, Working } from "../parts/words";
import { go, useAddress } from "../state/address";
import { isDrawn, useLayers } from "../state/layers";
import { useSession } from "../state/live";
import { useArrays, useAsked, useResult } from "../state/results";

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
      <Padded>
        <h1 className="unseen">Layers</h1>
        <Trouble problem={problem} />
      </Padded>
    );
  if (!layers)
    return (
      <Padded>
        <h1 className="unseen">Layers</h1>
        <Working job={job} what={ready ? "Tracing the layers" : "Loading the model"} />
      </Padded>
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
          <Empty title="No layer has a map" />
        )}
      </section>
    </div>
  );
}

function Padded({ children }: { children: React.ReactNode }) {
  return <div className="page">{children}</div>;
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

const MOST_UNITS = 512;

function Features({ layer }: { layer: string }) {
  const { item, model, unit } = useAddress();
  const { job, problem } = useAsked(item ? { kind: "activations", model, item, layer } : null);
  const id = job ? `${job.id}.0` : null;
  const found = useResult(id);
  const view = found && isMap(found) ? found : null;
  const arrays = useArrays(id, view);
  const [zoom, setZoom] = useState(92);
  if (problem) return <Padded><Trouble problem={problem} /></Padded>;
  if (!view || !arrays || !id)
    return (
      <Padded>
        <Working job={job} what="Running the network up to this layer" />
      </Padded>
    );
  const shape = view.arrays["values"]!.shape;
  if (shape.length < 3)
    return (
      <Empty title="This layer has no places">
        <p>It gives {shape.join("×")} values; choose a layer before the pooling.</p>
      </Empty>
    );
  const order = view.order ?? [];
  const shown = order.slice(0, MOST_UNITS);
  const current = unit ?? order[0] ?? 0;
  return (
    <div className="feature-page">
      <div>
        <div className="row-head">
          <h2>
            {shape[0]} channels of {shape.slice(1).join("×")}
          </h2>
          <span className="small quiet">strongest first</span>
          <label className="zoom">
            <span className="unseen">Size of the maps</span>
            <input
              type="range"
              min={44}
              max={220}
              value={zoom}
              onChange={(event) => setZoom(Number(event.target.value))}
            />
          </label>
        </div>
        <Units
          view={view}
          values={arrays["values"]!}
          shown={shown}
          current={current}
          size={zoom}
        />
        {order.length > shown.length && (
          <p className="small quiet">
            {order.length - shown.length} weaker channels are not drawn.
          </p>
        )}
      </div>
      <div className="unit-side">
        <UnitCard id={id} view={view} values={arrays["values"]!} unit={current} />
        <Drawn layer={layer} channel={current} />
        <ExtremeItems layer={layer} channel={current} />
      </div>
    </div>
  );
}

interface UnitsProps {
  view: MapResult;
  values: Float32Array;
  shown: number[];
  current: number;
  size: number;
}

function Units({ view, values, shown, current, size }: UnitsProps) {
  const { look } = useAddress();
  const shape = view.arrays["values"]!.shape;
  const cells = shape.slice(1).reduce((a, b) => a * b, 1);
  const common = useMemo(
    () => (look.shared ? scaleOf([values], view.signed, look.clip) : null),
    [values, view.signed, look.shared, look.clip],
  );
  return (
    <div
      className="units"
      style={{ gridTemplateColumns: `repeat(auto-fill, minmax(${size}px, 1fr))` }}
    >
      {shown.map((unit) => (
        <button
          key={unit}
          aria-current={unit === current || undefined}
          onClick={() => go({ unit })}
        >
          <UnitMap
            values={values.subarray(unit * cells, (unit + 1) * cells)}
            shape={shape}
            signed={view.signed}
            cmap={fitting(look.cmap, view.signed)}
            clip={look.clip}
            common={common}
          />
          <span className="numbers">
            <span>
              <span className="unseen">Channel</span> {unit}
            </span>
            <span>{number(view.strength?.[unit] ?? 0)}</span>
          </span>
        </button>
      ))}
    </div>
  );
}

interface UnitProps {
  values: Float32Array;
  shape: number[];
  signed: boolean;
  cmap: string;
  clip: number;
  common: Scale | null;
}

function UnitMap({ values, shape, signed, cmap, clip, common }: UnitProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const target = canvas.current;
    if (!target) return;
    const width = shape.at(-1)!;
    const height = Math.max(1, values.length / width);
    target.width = width;
    target.height = height;
    const context = target.getContext("2d")!;
    const image = context.createImageData(width, height);
    const scale = common ?? scaleOf([values], signed, clip);
    const colours = table(cmap);
    values.forEach((value, k) => {
      const at = entry(display(value, scale), signed);
      image.data.set([colours[at]!, colours[at + 1]!, colours[at + 2]!, 255], k * 4);
    });
    context.putImageData(image, 0, 0);
  }, [values, shape, signed, cmap, clip, common]);
  return <canvas ref={canvas} aria-hidden="true" />;
}

/** One channel over the picture, at the size of the picture. */
function UnitCard(props: { id: string; view: MapResult; values: Float32Array; unit: number }) {
  const { id, view, values, unit } = props;
  const { look, layer } = useAddress();
  const [drawn, setDrawn] = useState<Painted | null>(null);
  const shape = view.arrays["values"]!.shape;
  const cells = shape.slice(1).reduce((a, b) => a * b, 1);
  const one = useMemo(() => oneUnit(view, unit), [view, unit]);
  const part = values.subarray(unit * cells, (unit + 1) * cells);
  const mean = view.mean?.[unit] ?? 0;
  return (
    <article className="card unit-card">
      <header>
        <h3>Channel {unit}</h3>
      </header>
      <div className="stage">
        {shape.length === 3 ? (
          <ImageMap
            id={id}
            view={one}
            look={look.view === "overlay" ? { ...look, view: "blend" } : look}
            onDrawn={setDrawn}
          />
        ) : (
          <UnitMap
            values={part}
            shape={shape}
            signed={view.signed}
            cmap={fitting(look.cmap, view.signed)}
            clip={look.clip}
            common={null}
          />
        )}
      </div>
      <footer>
        {drawn && <Legend view={{ ...one, unit: "" }} drawn={drawn} />}
        <dl className="pairs numbers">
          <dt>Strongest</dt>
          <dd>{number(view.strength?.[unit] ?? 0)}</dd>
          <dt>Mean</dt>
          <dd>{number(mean)}</dd>
          <dt>Address</dt>
          <dd>
            {layer ?? view.layer} : {unit}
          </dd>
        </dl>
      </footer>
    </article>
  );
}

/** The view of one channel of many: its file is the same, its numbers are a part of it. */
function oneUnit(view: MapResult, unit: number): MapResult {
  const values = view.arrays["values"]!;
  const arrays = { values: { ...values, shape: values.shape.slice(1), unit } };
  return { ...view, title: `Channel ${unit}`, usual: "overlay", target: "", arrays };
}
