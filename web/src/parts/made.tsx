/** An input that was made, or as it is so far: a picture, a series, or features. */

import { useEffect, useRef } from "react";

import { made, type DreamResult, type MapResult } from "../api/client";
import { oneOf, valuesOf } from "../overlay/reading";
import { useArrays } from "../state/results";
import { LOOK } from "../state/url";
import { BarMap, drawLines, sheet } from "./othermaps";

interface Props {
  id: string;
  view: DreamResult;
  sample?: number;
  /** Place among the pictures on the way; the last where none is said. */
  frame?: number | undefined;
  /** Whether the words beside it say what it is. */
  named?: boolean;
}

export function Made({ id, view, sample = 0, frame, named = false }: Props) {
  const last = view.frames.length - 1;
  const shown = view.frames[Math.min(frame ?? last, last)];
  const label = named ? "" : (view.samples[sample]?.label ?? view.title);
  if (shown)
    return <img className="made" src={pictureOf(id, view, shown.number, sample)} alt={label} />;
  const axes = view.axes.length;
  if (axes === 2) return <Lines id={id} view={view} sample={sample} />;
  if (axes === 1) return <BarMap id={id} view={asMap(view, sample)} look={LOOK} />;
  return <p className="waiting">Save its figure to see a slice of it.</p>;
}

function pictureOf(id: string, view: DreamResult, number: number, sample: number): string {
  const whole = !view.partial && number === view.frames.at(-1)?.number;
  return made(id, whole ? `made-${sample}.png` : `frame-${number}-${sample}.webp`);
}

/** One sample, as the drawers of maps take it. */
const asMap = (view: DreamResult, sample: number) =>
  ({ ...oneOf(view, sample), kind: "bars" }) as unknown as MapResult;

function Lines({ id, view, sample }: { id: string; view: DreamResult; sample: number }) {
  const one = asMap(view, sample);
  const values = valuesOf(one, useArrays(id, one));
  const canvas = useRef<HTMLCanvasElement>(null);
  const time = view.arrays["values"]?.shape.at(-1) ?? 1;
  useEffect(() => {
    const target = canvas.current;
    if (!target || !values) return;
    const context = sheet(target, 960, 540);
    drawLines(context, values, time, target.width, target.height);
  }, [values, time]);
  return <canvas ref={canvas} className="made" role="img" aria-label={view.samples[sample]?.label} />;
}
