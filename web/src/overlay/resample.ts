/** A map at another size: `native` repeats its cells, `smooth` interpolates between their centres. */

export interface Grid {
  values: Float32Array;
  height: number;
  width: number;
}

export function resampled(map: Grid, height: number, width: number, smooth: boolean): Float32Array {
  if (map.height === height && map.width === width) return map.values;
  return smooth ? bilinear(map, height, width) : nearest(map, height, width);
}

function nearest(map: Grid, height: number, width: number): Float32Array {
  const found = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    const row = cell(y, height, map.height) * map.width;
    for (let x = 0; x < width; x++)
      found[y * width + x] = map.values[row + cell(x, width, map.width)]!;
  }
  return found;
}

/** The cell of a map that lies under a place of the picture. */
export function cell(place: number, size: number, cells: number): number {
  return Math.min(cells - 1, Math.max(0, Math.floor(((place + 0.5) * cells) / size)));
}

function bilinear(map: Grid, height: number, width: number): Float32Array {
  const rows = weights(height, map.height);
  const columns = weights(width, map.width);
  const found = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    const up = rows.low[y]! * map.width;
    const down = rows.high[y]! * map.width;
    const v = rows.share[y]!;
    for (let x = 0; x < width; x++) {
      const left = columns.low[x]!;
      const right = columns.high[x]!;
      const h = columns.share[x]!;
      const top = map.values[up + left]! * (1 - h) + map.values[up + right]! * h;
      const bottom = map.values[down + left]! * (1 - h) + map.values[down + right]! * h;
      found[y * width + x] = top * (1 - v) + bottom * v;
    }
  }
  return found;
}

function weights(size: number, cells: number) {
  const low = new Int32Array(size);
  const high = new Int32Array(size);
  const share = new Float32Array(size);
  for (let k = 0; k < size; k++) {
    const place = Math.min(cells - 1, Math.max(0, ((k + 0.5) * cells) / size - 0.5));
    low[k] = Math.floor(place);
    high[k] = Math.min(cells - 1, low[k]! + 1);
    share[k] = place - low[k]!;
  }
  return { low, high, share };
}
