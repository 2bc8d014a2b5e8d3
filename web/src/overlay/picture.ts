/** A picture's pixels at the size in which maps are drawn. */

const kept = new Map<string, Promise<ImageData>>();
const MOST = 60;

/** The side of what is drawn, about; small maps are drawn larger, so that edges are clean. */
export const SIDE = 448;

export function drawnSize(height: number, width: number): [number, number] {
  const longest = Math.max(height, width);
  const times = longest >= SIDE ? 1 : Math.round(SIDE / longest);
  return [height * times, width * times];
}

export function pixels(address: string, height: number, width: number): Promise<ImageData> {
  const key = `${address} ${height} ${width}`;
  let found = kept.get(key);
  if (!found) {
    found = load(address, height, width);
    kept.set(key, found);
    if (kept.size > MOST) kept.delete(kept.keys().next().value!);
  }
  return found;
}

async function load(address: string, height: number, width: number): Promise<ImageData> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`no picture at ${address}`);
  const bitmap = await createImageBitmap(await answer.blob());
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d")!;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}
