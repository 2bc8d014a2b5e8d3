/** What a layer puts out for the item: every channel in small, and one of them over the item. */

import { useEffect, useMemo, useRef, useState } from "react";

import type { MapResult } from "../api/client";
import { entry, fitting, table } from "../colour/palette";
import { display } from "../overlay/paint";
import { oneOf } from "../overlay/reading";
import { number, scaleOf, type Scale } from "../overlay/scale";
import { go, useAddress } from "../state/address";
import { useArrays, useAsked, useResult } from "../state/results";
import { isMap } from "./card";
import { ImageMap, Legend, type Drawn as Painted } from "./imagemap";
import { drawLines, SeriesMap, sheet, WordMap } from "./othermaps";
import { Drawn, ExtremeItems } from "./unitside";
import { Empty, Trouble, Working } from "./words";

const MOST_UNITS = 512;

export function Features({ layer }: { layer: string }) {
  const { item, model, unit } = useAddress();
  const { job, problem } = useAsked(item ? { kind: "activations", model, item, layer } : null);
  const id = job ? `${job.id}.0` : null;
  const found = useResult(id);
  const view = found && isMap(found) ? found : null;
  const arrays = useArrays(id, view);
  const [zoom, setZoom] = useState(92);
  if (problem)
    return (
      <div className="page">
        <Trouble problem={problem} />
      </div>
    );
  if (!view || !arrays || !id)
    return (
      <div className="page">
        <Working job={job} what="Running the network up to this layer" />
      </div>
    );
  const shape = view.arrays["values"]!.shape;
  if (shape.slice(1).every((size) => size === 1))
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
    if (shape.length === 2) {
      drawLines(sheet(target, 320, 320), values, width, 320, 320);
      return;
    }
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
  return <canvas ref={canvas} className={shape.length === 2 ? "" : "pixels"} aria-hidden="true" />;
}

/** One channel over the item. */
function UnitCard(props: { id: string; view: MapResult; values: Float32Array; unit: number }) {
  const { id, view, values, unit } = props;
  const { look, layer } = useAddress();
  const [drawn, setDrawn] = useState<Painted | null>(null);
  const shape = view.arrays["values"]!.shape;
  const cells = shape.slice(1).reduce((a, b) => a * b, 1);
  const one = useMemo(
    () => ({ ...oneOf(view, unit), title: `Channel ${unit}`, usual: "overlay" as const, target: "" }),
    [view, unit],
  );
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
        ) : view.words?.length === cells ? (
          <WordMap id={id} view={one} look={look} />
        ) : shape.length === 2 ? (
          <SeriesMap id={id} view={one} look={look} onDrawn={setDrawn} />
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
