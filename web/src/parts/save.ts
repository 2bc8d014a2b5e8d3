/** Take results home: as they are on the screen, or as files that the server writes. */

import { result, type FileResult, type MapResult } from "../api/client";
import { ended, submit } from "../state/results";
import { LOOK, type Look } from "../state/url";

export type Format = "png" | "svg" | "npz" | "html" | "gif";

/** Let the browser save a file. */
export function download(content: Blob | string, name: string): void {
  const link = document.createElement("a");
  link.href = typeof content === "string" ? content : URL.createObjectURL(content);
  link.download = name;
  link.click();
  if (typeof content !== "string") setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A file that the server makes of some results. */
export async function exported(results: string[], format: Format, sample = 0): Promise<void> {
  const asked = { kind: "export" as const, results, format, sample };
  const job = await ended((await submit(asked)).id);
  if (job.state !== "done") throw new Error(`${job.cause} ${job.remedy}`);
  const id = `${job.id}.0`;
  const file = (await result(id)) as FileResult;
  download(`/api/v1/results/${id}/file`, file.name);
}

/** The picture as it is on the screen. */
export function screenshot(canvas: HTMLCanvasElement, name: string): void {
  canvas.toBlob((blob) => blob && download(blob, name), "image/png");
}

/** Python that gives this explanation and draws it as it is drawn here. */
export function python(view: MapResult, look: Look): string {
  const options: string[] = [];
  const seen = look.view === "overlay" ? view.usual : look.view === "map" ? "map" : "overlay";
  if (view.kind === "image") {
    options.push(`view="${seen}"`);
    if (look.alpha !== LOOK.alpha) options.push(`alpha=${look.alpha}`);
    if (look.cmap !== "auto") options.push(`cmap="${look.cmap}"`);
    if (look.clip !== LOOK.clip) options.push(`clip=${look.clip === 100 ? "None" : look.clip}`);
    if (look.view === "blend") options.push("uniform=True");
    if (look.channels !== "sum") options.push(`channels="${look.channels}"`);
  }
  return `${view.snippet}\ne.plot(${options.join(", ")})`;
}

export async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}

