/** What is to be dreamt: the method, whom it is to please, and everything else by its own form. */

import { useState, type ReactNode } from "react";

import type { Layer, Method } from "../api/client";
import { go, useAddress } from "../state/address";
import {
  beginsWithInput,
  changeDream,
  channelsOf,
  channelWords,
  readChannels,
  takesGuide,
  USUAL_SIZE,
} from "../state/dreaming";
import { useItemOf } from "../state/items";
import { isDrawn, useLayers } from "../state/layers";
import { useSession } from "../state/live";
import type { Dream } from "../state/url";
import { ClassInput } from "./classinput";
import { Segments } from "./controls";
import { changed, Fields } from "./form";
import { ItemChoice } from "./itemchoice";
import { targetName, useOutcome } from "./itempanel";
import { Thumb } from "./thumb";
import { Text, Trouble } from "./words";

interface Props {
  dream: Dream;
  method: Method;
}

export function DreamForm(props: Props & { methods: Method[]; children: ReactNode }) {
  const { dream, method, methods, children } = props;
  return (
    <div className="form">
      <Segments
        label="Method"
        value={method.name}
        choices={methods.map((one) => ({ value: one.name, words: one.title, title: one.summary }))}
        onChange={(name) => {
          const next = methods.find((one) => one.name === name)!;
          const { layer, channel } = dream.method.params;
          const params = Object.fromEntries(
            Object.entries({ layer, channel }).filter(([, value]) => value !== undefined),
          );
          const size = beginsWithInput(next) ? (dream.size ?? USUAL_SIZE) : null;
          const guide = takesGuide(next) ? dream.guide : null;
          go({ dream: { ...dream, method: { name, params }, size, guide } });
        }}
      />
      <p className="small quiet">
        <Text>{method.summary}</Text>
      </p>
      <Aim dream={dream} method={method} />
      {children}
      <Rest dream={dream} method={method} />
    </div>
  );
}

function Aim({ dream, method }: Props) {
  const { outcome } = useOutcome();
  const best = outcome?.outcome.rows[0]?.index ?? 0;
  const aim = dream.target === null ? "layer" : "class";
  return (
    <>
      <Segments
        label="What is to respond"
        value={aim}
        choices={[
          { value: "layer", words: "A layer or channel" },
          { value: "class", words: "A class" },
        ]}
        onChange={(next) => {
          const { layer: _, channel: __, ...params } = dream.method.params;
          const target = next === "class" ? best : null;
          changeDream(dream, { target, guide: null, method: { name: method.name, params } });
        }}
      />
      {aim === "class" ? <ClassAim dream={dream} /> : <LayerAim dream={dream} method={method} />}
    </>
  );
}

function ClassAim({ dream }: { dream: Dream }) {
  const { model } = useAddress();
  const shown = useSession()?.models[model];
  return (
    <div>
      <div className="chips">
        <span className="chip whole">
          <span className="cut">{targetName(dream.target, shown)}</span>
        </span>
      </div>
      <ClassInput
        model={shown}
        label="Another class"
        hint="Another class or its number"
        onChosen={(target) => changeDream(dream, { target })}
      />
    </div>
  );
}

function LayerAim({ dream, method }: Props) {
  const { layers, problem } = useLayers();
  const { params } = dream.method;
  const places = layers?.filter(isDrawn) ?? [];
  const drawn = places.length ? places : (layers ?? []);
  const current = drawn.find((layer) => layer.address === params["layer"]);
  const change = (name: string, value: unknown) =>
    changeDream(dream, { method: { name: method.name, params: changed(params, name, value) } });
  const left = beginsWithInput(method) ? "chosen for you" : "choose one";
  return (
    <>
      {problem && <Trouble problem={problem} />}
      <label className="field">
        <span>Layer</span>
        <select
          value={current?.address ?? ""}
          onChange={(event) => change("layer", event.target.value || undefined)}
        >
          <option value="">{layers ? left : "Tracing the layers …"}</option>
          {drawn.map((layer) => (
            <option key={layer.address} value={layer.address}>
              {layerWords(layer)}
            </option>
          ))}
        </select>
      </label>
      {current && dream.guide === null && (
        <Channels
          key={current.address}
          value={params["channel"]}
          count={channelsOf(current)}
          onChange={(value) => change("channel", value)}
        />
      )}
      {takesGuide(method) && <Guide dream={dream} />}
    </>
  );
}

/** Another item, whose features are to be found; it takes the place of channels. */
function Guide({ dream }: { dream: Dream }) {
  const guide = useItemOf(dream.guide);
  const choose = (item: string | null) => {
    const { channel: _, ...params } = dream.method.params;
    changeDream(dream, { guide: item, method: { name: dream.method.name, params } });
  };
  return (
    <div className="field" role="group" aria-label="Guide">
      <span>Guide</span>
      {dream.guide !== null && (
        <div className="guide">
          <Thumb id={dream.guide} />
          <span className="cut">{guide?.name}</span>
          <button className="button bare" onClick={() => choose(null)}>
            Take off
          </button>
        </div>
      )}
      <ItemChoice words={guide ? "Another guide" : "Choose a guide"} onChosen={choose} />
      <span className="hint">An item whose features are to be found in this one.</span>
    </div>
  );
}

function layerWords(layer: Layer): string {
  return `${layer.name} · ${layer.type} · ${layer.shape.slice(1).join("×")}`;
}

function Channels(props: {
  value: unknown;
  count: number | null;
  onChange: (value: unknown) => void;
}) {
  const [typed, setTyped] = useState(channelWords(props.value));
  const chosen = [readChannels(typed) ?? []].flat();
  const beyond = props.count !== null && chosen.some((channel) => channel >= props.count!);
  return (
    <label className="field">
      <span>Channels</span>
      <input
        type="text"
        inputMode="numeric"
        placeholder="all together"
        value={typed}
        aria-invalid={beyond}
        onChange={(event) => {
          setTyped(event.target.value);
          props.onChange(readChannels(event.target.value));
        }}
      />
      <span className={beyond ? "hint wrong" : "hint"}>
        {props.count === null ? "One, or several: 3, 8-11" : `0 to ${props.count - 1}; several: 3, 8-11`}
      </span>
    </label>
  );
}

const SIZES = [224, 320, 448, 640, 896];

function Rest({ dream, method }: Props) {
  const { model } = useAddress();
  const resizable = useSession()?.models[model]?.resizable ?? false;
  return (
    <details className="more">
      <summary>Settings</summary>
      <div className="form">
        {resizable && (
          <label className="field">
            <span>Longer side</span>
            <select
              value={dream.size ?? ""}
              onChange={(event) => changeDream(dream, { size: Number(event.target.value) || null })}
            >
              <option value="">as the network takes it</option>
              {SIZES.map((size) => (
                <option key={size} value={size}>
                  {size} pixels
                </option>
              ))}
            </select>
          </label>
        )}
        <Fields
          method={method}
          params={dream.method.params}
          layers={[]}
          elsewhere={["layer", "channel"]}
          onChange={(params) => changeDream(dream, { method: { name: method.name, params } })}
        />
        <label className="field">
          <span>seed</span>
          <input
            type="number"
            min={0}
            value={dream.seed}
            onChange={(event) => changeDream(dream, { seed: Math.max(0, Number(event.target.value)) })}
          />
        </label>
      </div>
    </details>
  );
}
