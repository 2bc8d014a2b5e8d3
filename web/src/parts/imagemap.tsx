/** A map of places, in colours, over the picture; everything but the numbers is made here. */

import { useEffect, useMemo, useRef, useState } from "react";

import { picture, type MapResult } from "../api/client";
import { fitting, gradient } from "../colour/palette";
import { paint } from "../overlay/paint";
import { drawnSize, pixels } from "../overlay/picture";
import { gridOf, isSigned, ownScale } from "../overlay/reading";
import { cell, resampled } from "../overlay/resample";
import { number, scaleOf, type Scale } from "../overlay/scale";
import { cursor, placeOf } from "../state/cursor";
import { gather, gathered } from "../state/gathered";
import { useArrays } from "../state/results";
import { useStore } from "../state/store";
import type { Look } from "../state/url";

export interface Drawn {
  scale: Scale;
  cmap: string;
  value: (x: number, y: number) => number;
}

interface Props {
  id: string;
  view: MapResult;
  look: Look;
  onDrawn?: (drawn: Drawn) => void;
  canvasRef?: (canvas: HTMLCanvasElement | null) => void;
}

export function ImageMap({ id, view, look, onDrawn, canvasRef }: Props) {
  const arrays = useArrays(id, view);
  const canvas = useRef<HTMLCanvasElement | null>(null);
  const grid = useMemo(
    () => (arrays ? gridOf(view, arrays, look) : null),
    // eslint-disable-next-line
    [arrays, view, look.detail, look.channels],
  );
  const photo = usePhoto(id, view, grid);
  const scale = useScale(id, view, look, grid?.values ?? null);
  const cmap = fitting(look.cmap, scale?.signed ?? false);
  const seen = look.view === "overlay" && view.usual === "map" ? "map" : look.view;

  useEffect(() => {
    const target = canvas.current;
    if (!target || !grid || !scale) return;
    const [height, width] = photo
      ? [photo.height, photo.width]
      : drawnSize(grid.height, grid.width);
    const values = resampled(grid, height, width, look.detail === "smooth");
    target.width = width;
    target.height = height;
    const context = target.getContext("2d")!;
    const image = context.createImageData(width, height);
    const how = { view: seen, alpha: look.alpha, threshold: look.threshold, cmap };
    paint(values, scale, photo?.data ?? null, image.data, how);
    context.putImageData(image, 0, 0);
    onDrawn?.({
      scale,
      cmap,
      value: (x, y) =>
        grid.values[
          cell(y * 1e4, 1e4, grid.height) * grid.width + cell(x * 1e4, 1e4, grid.width)
        ]!,
    });
    // eslint-disable-next-line
  }, [grid, scale, photo, cmap, seen, look.alpha, look.threshold, look.detail]);

  return (
    <>
      <canvas
        ref={(element) => {
          canvas.current = element;
          canvasRef?.(element);
        }}
        role="img"
        aria-label={`${view.title}: ${view.target || "map"}`}
        onPointerMove={(event) => cursor.set(placeOf(event))}
        onPointerLeave={() => cursor.set(null)}
      />
      <Cross />
    </>
  );
}

function Cross() {
  const at = useStore(cursor);
  if (!at) return null;
  return <div className="cross" style={{ left: `${at.x * 100}%`, top: `${at.y * 100}%` }} />;
}

function usePhoto(id: string, view: MapResult, grid: { height: number; width: number } | null) {
  const [photo, setPhoto] = useState<ImageData | null>(null);
  const [height, width] = view.picture ?? [0, 0];
  const wanted = height > 0 && grid !== null;
  useEffect(() => {
    if (!wanted) return;
    let here = true;
    const [drawnHeight, drawnWidth] = drawnSize(height, width);
    pixels(picture(id), drawnHeight, drawnWidth).then(
      (found) => here && setPhoto(found),
      () => here && setPhoto(null),
    );
    return () => {
      here = false;
    };
  }, [id, height, width, wanted]);
  return photo;
}

function useScale(id: string, view: MapResult, look: Look, values: Float32Array | null) {
  const all = useStore(gathered);
  const group = `${view.method} ${JSON.stringify(view.params)}`;
  useEffect(() => {
    if (values && look.shared) return gather(group, id, values);
    return undefined;
  }, [group, id, values, look.shared]);
  return useMemo(() => {
    if (!values) return null;
    if (!look.shared) return ownScale(values, view, look);
    const others = [...(all.get(group)?.values() ?? [])];
    return scaleOf(others.length ? others : [values], isSigned(view, look), look.clip);
    // eslint-disable-next-line
  }, [values, view.signed, look.sign, look.clip, look.shared, look.shared && all.get(group)]);
}

/** The colour bar with its numbers, and what its ends mean. */
export function Legend({ view, drawn }: { view: MapResult; drawn: Drawn }) {
  const { scale, cmap } = drawn;
  const [low, high] = scale.signed ? view.ends.signed : view.ends.positive;
  const unit = view.unit ? ` ${view.unit}` : "";
  return (
    <div className="legend">
      <div className="colours" style={{ background: gradient(cmap) }} />
      <div className="ends numbers">
        <span title={low}>
          {number(scale.low)} {scale.signed && view.target ? "against" : ""}
        </span>
        {scale.signed && <span>0</span>}
        <span title={high}>
          {number(scale.high)}
          {unit} {scale.signed && view.target ? "for" : ""}
        </span>
      </div>
    </div>
  );
}
