/** Class maps of any class: at one layer, and swept over the layers of the network. */

import { useMemo } from "react";

import type { Layer, Method } from "../api/client";
import { go, useAddress } from "../state/address";
import { isDrawn } from "../state/layers";
import { useSession } from "../state/live";
import { useAsked } from "../state/results";
import { spread } from "../state/typed";
import type { Target } from "../state/url";
import { Card } from "./card";
import { ClassInput } from "./classinput";
import { Detail } from "./detail";
import { targetName, useOutcome } from "./itempanel";
import { Trouble } from "./words";

const MOST_LAYERS = 12;
const FIRST = "grad_cam";

/** Methods that explain a class at one layer. */
const isClassMap = (method: Method) =>
  method.needs_target && method.axes === "space" && method.parameters.some((one) => one.layer);

export function ClassMaps({ layers, current }: { layers: Layer[]; current: string | null }) {
  const { item, model, targets, open, cam } = useAddress();
  const method = { name: cam ?? FIRST, params: {} };
  const target = targets[0] ?? null;
  const chosen = useMemo(
    // A module that is called again and again stands in no one place.
    () => spread(layers.filter((one) => isDrawn(one) && one.calls === 1), MOST_LAYERS),
    [layers],
  );
  const one = { name: method.name, params: { layer: current } };
  const here = useAsked(
    item && current ? { kind: "explain", model, item, methods: [one], targets: [target], seed: 0 } : null,
  );
  const { job, problem } = useAsked(
    item
      ? { kind: "sweep", model, item, method, layers: chosen.map((one) => one.address), target }
      : null,
  );
  const hereId = here.job ? `${here.job.id}.0` : null;
  const opened = open !== null && (open === hereId || (job && open.startsWith(`${job.id}.`)));
  return (
    <div className="grid">
      <Choice method={method.name} target={target} />
      {(problem ?? here.problem) && <Trouble problem={(problem ?? here.problem)!} />}
      {current && (
        <section aria-label="This layer">
          <div className="row-head">
            <h2>{current}</h2>
            <span className="small quiet">the layer chosen on the left</span>
          </div>
          <div className="cards large">
            <Card id={hereId} />
          </div>
        </section>
      )}
      <section aria-label="Over the layers">
        <div className="row-head">
          <h2>From the input to the output</h2>
          <span className="small quiet">early layers see edges; the last map decides</span>
        </div>
        {job?.state === "failed" && <Trouble problem={job} />}
        <div className="cards">
          {chosen.map((layer, k) => (
            <Card
              key={layer.address}
              id={job ? `${job.id}.${k}` : null}
              heading={layer.name}
              extra={<LayerLine layer={layer} />}
            />
          ))}
        </div>
      </section>
      {opened && <Detail id={open} place={null} all={[open]} key={open} />}
    </div>
  );
}

function LayerLine({ layer }: { layer: Layer }) {
  return (
    <button
      className="link small cut"
      title="Look at this layer"
      onClick={() => go({ layer: layer.address, unit: null })}
    >
      {layer.type} · {layer.shape.slice(1).join("×")}
    </button>
  );
}

function Choice({ method, target }: { method: string; target: Target }) {
  const { model } = useAddress();
  const session = useSession();
  const shown = session?.models[model];
  const rows = useOutcome().outcome?.outcome.rows ?? [];
  const likely: Target[] = [null, ...rows.slice(1).map((row) => row.index)];
  const listed = likely.includes(target) ? likely : [...likely, target];
  return (
    <div className="tools flush">
      <label className="field">
        <span>Method</span>
        <select
          value={method}
          onChange={(event) =>
            go({ cam: event.target.value === FIRST ? null : event.target.value, open: null })
          }
        >
          {session?.methods.filter(isClassMap).map((one) => (
            <option key={one.name} value={one.name}>
              {one.title}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>Class</span>
        <select
          value={listed.indexOf(target)}
          onChange={(event) => go({ targets: [listed[Number(event.target.value)]!], open: null })}
        >
          {listed.map((one, k) => (
            <option key={k} value={k}>
              {one === null && rows[0] ? `${rows[0].name} (predicted)` : targetName(one, shown)}
            </option>
          ))}
        </select>
      </label>
      <ClassInput
        model={shown}
        label="Another class"
        hint="Another class, or a – b"
        onChosen={(one) => go({ targets: [one], open: null })}
      />
    </div>
  );
}
