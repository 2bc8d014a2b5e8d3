/** Finding points: the nearest to a place, and those inside a line drawn around them. */

const CELLS = 256;

/** Points in cells of a grid, so that the nearest is found without looking at all. */
export class PointIndex {
  private readonly starts: Uint32Array;
  private readonly order: Uint32Array;
  readonly box: { x: number; y: number; width: number; height: number };

  constructor(readonly points: Float32Array) {
    const count = points.length / 2;
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let k = 0; k < count; k++) {
      const [x, y] = [points[2 * k]!, points[2 * k + 1]!];
      if (!Number.isFinite(x + y)) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
    }
    if (left > right) [left, top, right, bottom] = [0, 0, 1, 1];
    this.box = { x: left, y: top, width: right - left || 1, height: bottom - top || 1 };
    const counts = new Uint32Array(CELLS * CELLS + 1);
    const cells = new Uint32Array(count);
    for (let k = 0; k < count; k++) {
      cells[k] = this.cell(points[2 * k]!, points[2 * k + 1]!);
      counts[cells[k]! + 1]!++;
    }
    for (let c = 1; c < counts.length; c++) counts[c]! += counts[c - 1]!;
    this.starts = counts;
    this.order = new Uint32Array(count);
    const next = counts.slice();
    for (let k = 0; k < count; k++) this.order[next[cells[k]!]!++] = k;
  }

  private column(x: number): number {
    return inGrid(((x - this.box.x) / this.box.width) * CELLS);
  }

  private row(y: number): number {
    return inGrid(((y - this.box.y) / this.box.height) * CELLS);
  }

  private cell(x: number, y: number): number {
    return this.row(y) * CELLS + this.column(x);
  }

  /** The nearest point that counts, no farther than `reach`; −1 where there is none. */
  nearest(x: number, y: number, reach: number, counts: (point: number) => boolean): number {
    let [best, least] = [-1, reach * reach];
    for (let row = this.row(y - reach); row <= this.row(y + reach); row++)
      for (let column = this.column(x - reach); column <= this.column(x + reach); column++) {
        const at = row * CELLS + column;
        for (let k = this.starts[at]!; k < this.starts[at + 1]!; k++) {
          const point = this.order[k]!;
          const dx = this.points[2 * point]! - x;
          const dy = this.points[2 * point + 1]! - y;
          const distance = dx * dx + dy * dy;
          if (distance <= least && counts(point)) [best, least] = [point, distance];
        }
      }
    return best;
  }
}

function inGrid(place: number): number {
  return Math.min(CELLS - 1, Math.max(0, Number.isFinite(place) ? Math.floor(place) : 0));
}

/** All numbers below `count`, in an order whose beginnings are fair samples of the whole. */
export function scattered(count: number): Uint32Array {
  const order = new Uint32Array(count);
  let step = Math.max(1, Math.round(count * 0.6180339887));
  while (divisor(step, count) > 1) step++;
  for (let k = 0, at = 0; k < count; k++, at = (at + step) % count) order[k] = at;
  return order;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

/** The points inside a closed line of `x, y` pairs. */
export function inside(points: Float32Array, line: number[]): number[] {
  const found: number[] = [];
  for (let k = 0; k < points.length / 2; k++)
    if (within(points[2 * k]!, points[2 * k + 1]!, line)) found.push(k);
  return found;
}

function within(x: number, y: number, line: number[]): boolean {
  let odd = false;
  for (let a = 0, b = line.length - 2; a < line.length; b = a, a += 2) {
    const [ax, ay, bx, by] = [line[a]!, line[a + 1]!, line[b]!, line[b + 1]!];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}
