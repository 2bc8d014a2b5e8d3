/** How maps are drawn; every change is made in the browser, without a request. */

import { useState } from "react";

import { DIVERGING_NAMES, SEQUENTIAL_NAMES } from "../colour/palette";
import { look as change, useAddress } from "../state/address";
import { useItem } from "../state/items";
import { LOOK, type Look } from "../state/url";

interface Choice<T> {
  value: T;
  words: string;
  title?: string;
}

export function Segments<T extends string | boolean>(props: {
  label: string;
  value: T;
  choices: Choice<T>[];
  onChange: (value: T) => void;
}) {
  return (
    <div className="field">
      <span id={`seg-${props.label}`}>{props.label}</span>
      <div className="segments" role="group" aria-labelledby={`seg-${props.label}`}>
        {props.choices.map((choice) => (
          <button
            key={String(choice.value)}
            type="button"
            title={choice.title}
            aria-pressed={choice.value === props.value}
            onClick={() => props.onChange(choice.value)}
          >
            {choice.words}
          </button>
        ))}
      </div>
    </div>
  );
}

function Slider(props: {
  label: string;
  shown: string;
  value: number;
  low: number;
  high: number;
  step: number;
  onChange: (value: number) => void;
}) {
  return (
    <label className="field">
      <span className="numbers">
        {props.label} {props.shown}
      </span>
      <input
        type="range"
        min={props.low}
        max={props.high}
        step={props.step}
        value={props.value}
        onChange={(event) => props.onChange(Number(event.target.value))}
      />
    </label>
  );
}

/** What can be changed about the maps of an item; colours alone where they lie on no picture. */
export function Controls() {
  const { look } = useAddress();
  const kind = useItem()?.kind;
  const places = kind !== "row" && kind !== "text";
  const [more, setMore] = useState(
    look.sign !== LOOK.sign || look.channels !== LOOK.channels || look.shared,
  );
  const usual = (Object.keys(LOOK) as (keyof Look)[]).every((name) => look[name] === LOOK[name]);
  if (!places)
    return (
      <>
        <Colours look={look} />
        <Sign look={look} />
      </>
    );
  return (
    <>
      <Segments
        label="View"
        value={look.view}
        onChange={(view) => change({ view })}
        choices={[
          { value: "overlay", words: "Overlay", title: "As strong as the evidence" },
          { value: "blend", words: "Blend", title: "Equally strong everywhere" },
          { value: "map", words: "Map" },
          { value: "input", words: "Input", title: "What the network saw" },
        ]}
      />
      <Slider
        label="Opacity"
        shown={`${Math.round(look.alpha * 100)} %`}
        value={look.alpha}
        low={0}
        high={1}
        step={0.01}
        onChange={(alpha) => change({ alpha })}
      />
      <Slider
        label="Clip at"
        shown={`${look.clip} %`}
        value={look.clip}
        low={90}
        high={100}
        step={0.1}
        onChange={(clip) => change({ clip })}
      />
      <Slider
        label="Hide below"
        shown={`${Math.round(look.threshold * 100)} %`}
        value={look.threshold}
        low={0}
        high={1}
        step={0.01}
        onChange={(threshold) => change({ threshold })}
      />
      <Colours look={look} />
      <Segments
        label="Detail"
        value={look.detail}
        onChange={(detail) => change({ detail })}
        choices={[
          { value: "smooth", words: "Smooth" },
          { value: "native", words: "Native", title: "At the method's own resolution" },
        ]}
      />
      <button className="button bare" aria-expanded={more} onClick={() => setMore(!more)}>
        {more ? "Less" : "More"}
      </button>
      {!usual && (
        <button className="button bare" onClick={() => change({ ...LOOK })}>
          Reset
        </button>
      )}
      {more && <Rest look={look} />}
    </>
  );
}

function Colours({ look }: { look: Look }) {
  return (
    <label className="field">
      <span>Colours</span>
      <select value={look.cmap} onChange={(event) => change({ cmap: event.target.value })}>
        <option value="auto">as suits each</option>
        <optgroup label="Strength">
          {SEQUENTIAL_NAMES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </optgroup>
        <optgroup label="Signed">
          {DIVERGING_NAMES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </optgroup>
      </select>
    </label>
  );
}

function Sign({ look }: { look: Look }) {
  return (
    <label className="field">
      <span>Sign</span>
      <select
        value={look.sign}
        onChange={(event) => change({ sign: event.target.value as Look["sign"] })}
      >
        <option value="auto">as suits each</option>
        <option value="signed">for and against</option>
        <option value="positive">for only</option>
      </select>
    </label>
  );
}

function Rest({ look }: { look: Look }) {
  return (
    <div className="rest">
      <Sign look={look} />
      <label className="field">
        <span>Channels</span>
        <select
          value={look.channels}
          onChange={(event) => change({ channels: event.target.value as Look["channels"] })}
        >
          <option value="sum">sum</option>
          <option value="sum_abs">sum of sizes</option>
          <option value="max_abs">largest size</option>
        </select>
      </label>
      <Segments
        label="Scale"
        value={look.shared}
        onChange={(shared) => change({ shared })}
        choices={[
          { value: false, words: "Own" },
          { value: true, words: "Shared", title: "One scale for all targets of a method" },
        ]}
      />
    </div>
  );
}
