/** Maps that are no pictures: series, features of a table, words. */

import { useEffect, useMemo, useRef } from "react";

import type { MapResult } from "../api/client";
import { entry, fitting, table } from "../colour/palette";
import { display } from "../overlay/paint";
import { isSigned, valuesOf } from "../overlay/reading";
import { number, overChannels, scaleOf } from "../overlay/scale";
import { cursor, placeOf } from "../state/cursor";
import { useArrays } from "../state/results";
import type { Look } from "../state/url";
import type { Drawn } from "./imagemap";

interface Props {
  id: string;
  view: MapResult;
  look: Look;
}

const MOST_BARS = 24;

/** Features with the largest effect, the strongest first. */
export function BarMap({ id, view, look }: Props) {
  const arrays = useArrays(id, view);
  const rows = useMemo(() => {
    const values = valuesOf(view, arrays);
    if (!values) return [];
    return [...values]
      .map((value, k) => ({ value, name: view.names?.[k] ?? `feature ${k}` }))
      .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
      .slice(0, MOST_BARS);
  }, [arrays, view]);
  const most = Math.max(...rows.map((row) => Math.abs(row.value)), 1e-30);
  return (
    <div className="bars">
      {rows.map((row) => (
        <div className="bar-row" key={row.name} title={`${row.name}: ${number(row.value)}`}>
          <span className="cut">{row.name}</span>
          <div className="track">
            <div className="axis" />
            <i style={barStyle(row.value / most, look)} />
          </div>
        </div>
      ))}
    </div>
  );
}

function barStyle(share: number, look: Look) {
  const width = `${Math.abs(share) * 50}%`;
  const left = share < 0 ? `${50 - Math.abs(share) * 50}%` : "50%";
  return { left, width, background: colourOf(share < 0 ? -0.75 : 0.75, true, look) };
}

function colourOf(value: number, signed: boolean, look: Look): string {
  const colours = table(fitting(look.cmap, signed));
  const at = entry(value, signed);
  return `rgb(${colours[at]} ${colours[at + 1]} ${colours[at + 2]})`;
}

/** A text with its words in colours. */
export function WordMap({ id, view, look }: Props) {
  const values = valuesOf(view, useArrays(id, view));
  if (!values) return null;
  const signed = isSigned(view, look);
  const scale = scaleOf([values], true, 100);
  const words = view.words ?? Array.from(values, (_, k) => `token ${k}`);
  return (
    <p className="wordmap">
      {words.map((word, k) => {
        const drawn = display(values[k] ?? 0, scale);
        const shown = signed ? drawn : Math.max(0, drawn);
        return (
          <span
            key={k}
            title={number(values[k] ?? 0)}
            style={{ background: colourOf(shown * 0.75, true, look) }}
          >
            {word}{" "}
          </span>
        );
      })}
    </p>
  );
}

/** A series with its time steps in colours behind its channels. */
export function SeriesMap({ id, view, look, onDrawn }: Props & { onDrawn: (d: Drawn) => void }) {
  const arrays = useArrays(id, view);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const target = canvas.current;
    const values = valuesOf(view, arrays);
    if (!target || !values) return;
    const time = view.arrays["values"]!.shape.at(-1)!;
    const channels = values.length / time;
    const flat = channels > 1 ? overChannels(values, channels, look.channels) : values;
    const signed = isSigned(view, look);
    const scale = scaleOf([flat], signed, look.clip);
    const context = sheet(target);
    const { width, height } = target;
    const edge = (t: number) => Math.round((t / time) * width);
    for (let t = 0; t < time && look.view !== "input"; t++) {
      const drawn = display(flat[t]!, scale);
      if (Math.abs(drawn) < look.threshold) continue;
      context.globalAlpha = look.view === "overlay" ? look.alpha * Math.min(1, Math.abs(drawn)) : 1;
      context.fillStyle = colourOf(drawn, signed, look);
      context.fillRect(edge(t), 0, edge(t + 1) - edge(t), height);
    }
    context.globalAlpha = 1;
    const lines = arrays?.["input"];
    const steps = view.arrays["input"]?.shape.at(-1) ?? time;
    if (lines && look.view !== "map") drawLines(context, lines, steps, width, height);
    const cmap = fitting(look.cmap, signed);
    onDrawn({ scale, cmap, value: (x) => flat[Math.min(time - 1, Math.floor(x * time))]! });
  }, [arrays, view, look]);
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={`${view.title}: ${view.target}`}
      onPointerMove={(event) => cursor.set(placeOf(event))}
      onPointerLeave={() => cursor.set(null)}
    />
  );
}

/** A white sheet. */
export function sheet(
  canvas: HTMLCanvasElement,
  width = 640,
  height = 640,
): CanvasRenderingContext2D {
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d")!;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  return context;
}

export function drawLines(
  context: CanvasRenderingContext2D,
  input: Float32Array,
  time: number,
  width: number,
  height: number,
): void {
  const channels = Math.max(1, Math.round(input.length / time));
  const band = height / channels;
  context.strokeStyle = "#16202a";
  context.lineWidth = 2;
  for (let c = 0; c < channels; c++) {
    const part = input.subarray(c * time, (c + 1) * time);
    const low = Math.min(...part);
    const span = Math.max(...part) - low || 1;
    context.beginPath();
    part.forEach((value, t) => {
      const x = ((t + 0.5) / time) * width;
      const y = c * band + band * (0.92 - (0.84 * (value - low)) / span);
      if (t) context.lineTo(x, y);
      else context.moveTo(x, y);
    });
    context.stroke();
  }
}
