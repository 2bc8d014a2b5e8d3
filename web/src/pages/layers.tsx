import { useEffect, useMemo, useRef, useState } from "react";

import { thumbnail, type Layer, type MapResult } from "../api/client";
import { fitting, table, entry } from "../colour/palette";
import { display } from "../overlay/paint";
import { number, scaleOf, type Scale } from "../overlay/scale";
import { Card, isMap } from "../parts/card";
import { Controls, Segments } from "../parts/controls";
import { Detail } from "../parts/detail";
import { ImageMap, Legend, type Drawn } from "../parts/imagemap";
import { Empty, Trouble, Working } from "../parts/words";
import { go, useAddress } from "../state/address";
import { useSession } from "../state/live";
import { useDataset } from "./data";
import { useArrays, useAsked, useResult } from "../state/results";
import { spread } from "../state/typed";

/** A layer whose output lies on places, so that it can be drawn. */
const isDrawn = (layer: Layer) => /H|L|T|D/.test(layer.layout) && !layer.layout.endsWith("?");

export function Layers() {
  const { item, model, layer, tab } = useAddress();
  const session = useSession();
  const ready = session?.ready ?? false;
  const network = session?.models[model]?.kind !== "function";
  const asked = ready && item && network ? ({ kind: "layers", model, item } as const) : null;
  const { job, problem } = useAsked(asked);
  const found = useResult(job ? `${job.id}.0` : null);
  const layers = found?.kind === "layers" ? found.layers : null;
  const chosen = layers?.find((one) => one.chosen)?.address ?? null;
  const current = layer ?? chosen;
  if (!network)
    return (
      <Empty title="This model has no layers to look into">
        <p>It is a function, not a network. The black-box methods on Explain work on it.</p>
      </Empty>
    );
  if (problem) return <Padded><Trouble problem={problem} /></Padded>;
  if (!layers)
    return (
      <Padded>
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
              { value: "classes", words: "Class maps over layers" },
            ]}
          />
          <Controls />
        </div>
        {tab === "classes" ? (
          <SweepView layers={layers} />
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
              <span className="cut">{layer.name || "the network"}</span>
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
        <ExtremeItems layer={layer} channel={current} key={`${layer} ${current}`} />
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
          aria-label={`Channel ${unit}`}
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
            {unit}
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
  const [drawn, setDrawn] = useState<Drawn | null>(null);
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

/** The items of the data set on which the channel is strongest and weakest. */
function ExtremeItems({ layer, channel }: { layer: string; channel: number }) {
  const { model } = useAddress();
  const dataset = useDataset();
  const [wanted, setWanted] = useState(false);
  const asked =
    wanted && dataset ? ({ kind: "extremes", model, dataset: dataset.id, layer, channel } as const) : null;
  const { job, problem } = useAsked(asked as never);
  const found = useResult(job ? `${job.id}.0` : null);
  if (!dataset) return null;
  if (problem) return <Trouble problem={problem} />;
  if (!wanted)
    return (
      <button className="button" onClick={() => setWanted(true)}>
        Find its strongest items in {dataset.name}
      </button>
    );
  if (found?.kind !== "extremes") return <Working job={job} what="Running the data set" />;
  return (
    <>
      {Object.entries(found.lists).map(([kind, entries]) => (
        <section key={kind} aria-label={kind}>
          <h2>{kind === "top" ? "Strongest items" : "Weakest items"}</h2>
          <ul className="extremes">
            {entries.map((entry) => (
              <li key={entry.item}>
                <button
                  title={`${number(entry.value)}: look at it`}
                  onClick={() => go({ item: entry.item })}
                >
                  <img src={thumbnail(entry.item)} alt={`Item with ${number(entry.value)}`} />
                  <span className="numbers">{number(entry.value)}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

/** The view of one channel of many: its file is the same, its numbers are a part of it. */
function oneUnit(view: MapResult, unit: number): MapResult {
  const values = view.arrays["values"]!;
  const arrays = { values: { ...values, shape: values.shape.slice(1), unit } };
  return { ...view, title: `Channel ${unit}`, usual: "overlay", target: "", arrays };
}

const CLASS_METHODS = ["grad_cam", "layer_cam", "grad_cam_plus_plus", "eigen_cam"];
const MOST_LAYERS = 12;

function SweepView({ layers }: { layers: Layer[] }) {
  const { item, model, targets, open, unit } = useAddress();
  const session = useSession();
  const method = CLASS_METHODS[unit ?? 0] ?? CLASS_METHODS[0]!;
  const chosen = useMemo(() => spread(layers.filter(isDrawn), MOST_LAYERS), [layers]);
  const asked = item
    ? ({
        kind: "sweep",
        model,
        item,
        method: { name: method, params: {} },
        layers: chosen.map((layer) => layer.address),
        target: targets[0] ?? null,
      } as const)
    : null;
  const { job, problem } = useAsked(asked as never);
  return (
    <div className="grid">
      {problem && <Trouble problem={problem} />}
      <div className="tools">
        <Segments
          label="Method"
          value={method}
          onChange={(name) => go({ unit: CLASS_METHODS.indexOf(name), open: null })}
          choices={CLASS_METHODS.map((name) => ({
            value: name,
            words: session?.methods.find((one) => one.name === name)?.title ?? name,
          }))}
        />
        <p className="small quiet">
          The same class at {chosen.length} layers, from the input to the output. Early layers see
          edges; the last map decides.
        </p>
      </div>
      {job?.state === "failed" && <Trouble problem={job} />}
      <div className="cards">
        {chosen.map((layer, k) => (
          <Card
            key={layer.address}
            id={job ? `${job.id}.${k}` : null}
            title={layer.name}
            extra={
              <p className="small quiet cut" title={layer.type}>
                {layer.name} · {layer.shape.slice(1).join("×")}
              </p>
            }
          />
        ))}
      </div>
      {open !== null && job && open.startsWith(job.id) && (
        <Detail id={open} place={null} all={[open]} key={open} />
      )}
    </div>
  );
}
