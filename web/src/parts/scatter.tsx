/** Many points: pan by dragging, zoom by the wheel, lasso with Shift. */

import { useEffect, useMemo, useRef, useState, type PointerEvent } from "react";

import { plotter, type Plotter } from "../overlay/plotter";
import { inside, PointIndex, scattered } from "../overlay/points";

interface Props {
  points: Float32Array;
  /** RGB from 0 to 255, three for each point. */
  colours: Uint8Array;
  /** 1 for points that are drawn. */
  shown: Uint8Array;
  current: number;
  onHover: (point: number, x: number, y: number) => void;
  onPick: (point: number) => void;
  onLasso: (points: number[], line: number[]) => void;
}

/** Points of one frame: the first while something moves, the others one by one when it rests. */
const QUICK = 100_000;

/** Milliseconds. */
const REST = 150;

interface Size {
  width: number;
  height: number;
}

export function Scatter({ points, colours, shown, current, onHover, onPick, onLasso }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const plot = useRef<Plotter | null>(null);
  const [camera, setCamera] = useState({ x: 0, y: 0, zoom: 1 });
  const [size, setSize] = useState<Size>({ width: 1, height: 1 });
  const [broken, setBroken] = useState(false);
  const [line, setLine] = useState<number[]>([]);
  const drag = useRef<{ x: number; y: number; lasso: boolean; moved: boolean } | null>(null);
  const index = useMemo(() => new PointIndex(points), [points]);
  const view = viewOf(index, size, camera);

  useEffect(() => {
    const target = canvas.current!;
    const watch = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      setSize({ width: Math.max(1, width), height: Math.max(1, height) });
    });
    watch.observe(target);
    plot.current = plotter(target);
    setBroken(plot.current === null);
    return () => watch.disconnect();
  }, []);
  const order = useMemo(() => scattered(points.length / 2), [points]);
  useEffect(() => {
    const kept = drawn(points, colours, shown, order);
    plot.current?.fill(kept.places, kept.shades);
  }, [points, colours, shown, order]);
  useEffect(() => {
    const target = canvas.current!;
    target.width = size.width * (devicePixelRatio || 1);
    target.height = size.height * (devicePixelRatio || 1);
  }, [size]);
  useEffect(() => {
    const count = points.length / 2;
    const dot = (16 * Math.sqrt(camera.zoom)) / Math.log10(count + 10);
    const [sx, sy] = [(2 * view.perUnit) / size.width, (2 * view.perUnit) / size.height];
    const draw = (first: number) => {
      plot.current?.draw({
        first,
        most: QUICK,
        scale: [sx, sy],
        shift: [-view.x * sx, -view.y * sy],
        size: (devicePixelRatio || 1) * Math.min(14, Math.max(1.5, dot)),
        opacity: count > 20_000 ? 0.5 : 0.85,
      });
      const next = first + QUICK;
      if (next >= count) return;
      const follow = () => (frame = requestAnimationFrame(() => draw(next)));
      if (first === 0) rest = setTimeout(follow, REST);
      else follow();
    };
    let rest: ReturnType<typeof setTimeout> | undefined;
    let frame = requestAnimationFrame(() => draw(0));
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(rest);
    };
    // The view follows from what is named here; a pointer that moves draws nothing anew.
  }, [points, colours, shown, camera, size]);
  useEffect(() => {
    const target = canvas.current!;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const [x, y] = view.back(...within(event, target));
      const zoom = Math.min(400, Math.max(0.5, camera.zoom * Math.exp(-event.deltaY / 400)));
      const keep = camera.zoom / zoom - 1;
      setCamera({
        x: camera.x + (view.x - x) * keep,
        y: camera.y + (view.y - y) * keep,
        zoom,
      });
    };
    target.addEventListener("wheel", wheel, { passive: false });
    return () => target.removeEventListener("wheel", wheel);
  });

  const at = (event: PointerEvent) => view.back(...within(event, canvas.current!));
  const near = (event: PointerEvent) =>
    index.nearest(...at(event), 10 / view.perUnit, (point) => shown[point] === 1);

  const down = (event: PointerEvent<HTMLCanvasElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, y: event.clientY, lasso: event.shiftKey, moved: false };
    setLine(event.shiftKey ? at(event) : []);
  };
  const move = (event: PointerEvent) => {
    const now = drag.current;
    if (!now) {
      onHover(near(event), ...within(event, canvas.current!));
      return;
    }
    const [dx, dy] = [event.clientX - now.x, event.clientY - now.y];
    if (Math.abs(dx) + Math.abs(dy) > 3) now.moved = true;
    if (now.lasso) setLine((known) => [...known, ...at(event)]);
    else if (now.moved) {
      setCamera((c) => ({ ...c, x: c.x - dx / view.perUnit, y: c.y + dy / view.perUnit }));
      Object.assign(now, { x: event.clientX, y: event.clientY });
    }
  };
  const up = (event: PointerEvent) => {
    const now = drag.current;
    drag.current = null;
    if (now?.lasso) {
      if (line.length > 5) onLasso(inside(points, line).filter((point) => shown[point] === 1), line);
      setLine([]);
    } else if (now && !now.moved) {
      const point = near(event);
      if (point >= 0) onPick(point);
    }
  };

  return (
    <div className="scatter">
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Map of ${points.length / 2} items`}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerLeave={() => onHover(-1, 0, 0)}
        onDoubleClick={() => setCamera({ x: 0, y: 0, zoom: 1 })}
      />
      <svg className="over-scatter" aria-hidden="true">
        {line.length > 3 && <polygon points={onScreen(line, view)} />}
        {current >= 0 && <Ring points={points} point={current} view={view} />}
      </svg>
      {broken && (
        <p className="notice" role="alert">
          This browser draws no WebGL 2, which the map needs. Switch hardware acceleration on, or
          use another browser.
        </p>
      )}
    </div>
  );
}

function Ring(props: { points: Float32Array; point: number; view: View }) {
  const [x, y] = props.view.to(props.points[2 * props.point]!, props.points[2 * props.point + 1]!);
  return <circle cx={x} cy={y} r={9} />;
}

interface View {
  x: number;
  y: number;
  perUnit: number;
  to: (x: number, y: number) => [number, number];
  back: (x: number, y: number) => [number, number];
}

function viewOf(index: PointIndex, size: Size, camera: { x: number; y: number; zoom: number }): View {
  const { box } = index;
  const fit = 0.92 * Math.min(size.width / box.width, size.height / box.height);
  const perUnit = fit * camera.zoom;
  const x = box.x + box.width / 2 + camera.x;
  const y = box.y + box.height / 2 + camera.y;
  return {
    x,
    y,
    perUnit,
    to: (px, py) => [size.width / 2 + (px - x) * perUnit, size.height / 2 - (py - y) * perUnit],
    back: (sx, sy) => [x + (sx - size.width / 2) / perUnit, y - (sy - size.height / 2) / perUnit],
  };
}

function within(event: { clientX: number; clientY: number }, target: Element): [number, number] {
  const box = target.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

function onScreen(line: number[], view: View): string {
  const found: string[] = [];
  for (let k = 0; k < line.length; k += 2) found.push(view.to(line[k]!, line[k + 1]!).join(","));
  return found.join(" ");
}

function drawn(
  points: Float32Array,
  colours: Uint8Array,
  shown: Uint8Array,
  order: Uint32Array,
) {
  const usable = (k: number) =>
    shown[k] === 1 && Number.isFinite(points[2 * k]! + points[2 * k + 1]!);
  let count = 0;
  for (let k = 0; k < shown.length; k++) if (usable(k)) count++;
  const places = new Float32Array(2 * count);
  const shades = new Uint8Array(3 * count);
  let at = 0;
  for (const k of order) {
    if (!usable(k)) continue;
    for (let c = 0; c < 2; c++) places[2 * at + c] = points[2 * k + c]!;
    for (let c = 0; c < 3; c++) shades[3 * at + c] = colours[3 * k + c]!;
    at++;
  }
  return { places, shades };
}
