/** An input that was made, or as it is so far: a picture, a series, or features. */

import { useEffect, useRef } from "react";

import { made, type DreamResult, type MapResult } from "../api/client";
import { useArrays } from "../state/results";
import { LOOK } from "../state/url";
import { BarMap, drawLines } from "./othermaps";

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
  const label = named ? "" : (view.labels[sample] ?? view.title);
  if (shown)
    return <img className="made" src={pictureOf(id, view, shown.number, sample)} alt={label} />;
  const axes = view.axes.length;
  if (axes === 2) return <Lines id={id} view={view} sample={sample} />;
  if (axes === 1) return <BarMap id={id} view={oneOf(view, sample)} look={LOOK} />;
  return <p className="waiting">Save its figure to see a slice of it.</p>;
}

function pictureOf(id: string, view: DreamResult, number: number, sample: number): string {
  const whole = !view.partial && number === view.frames.at(-1)?.number;
  return made(id, whole ? `made-${sample}.png` : `frame-${number}-${sample}.webp`);
}

/** Raw values alone, as the drawers of maps take them. */
function oneOf(view: DreamResult, sample: number): MapResult {
  const values = view.arrays["values"];
  const arrays = values ? { values: { ...values, unit: sample } } : {};
  return { ...view, kind: "bars", arrays } as unknown as MapResult;
}

function Lines({ id, view, sample }: { id: string; view: DreamResult; sample: number }) {
  const values = useArrays(id, oneOf(view, sample))?.["values"];
  const canvas = useRef<HTMLCanvasElement>(null);
  const shape = view.arrays["values"]?.shape ?? [1, 1, 1];
  useEffect(() => {
    const target = canvas.current;
    if (!target || !values) return;
    const [width, height] = [960, 540];
    target.width = width;
    target.height = height;
    const context = target.getContext("2d")!;
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
    const size = values.length / (shape[0] ?? 1);
    const one = values.subarray(sample * size, (sample + 1) * size);
    drawLines(context, one, shape.at(-1)!, width, height);
  }, [values, sample, shape]);
  return <canvas ref={canvas} className="made" role="img" aria-label={view.labels[sample]} />;
}
