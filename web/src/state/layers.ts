/** The layers of the model, traced on the item that everything is about. */

import type { Job, Layer, Problem } from "../api/client";
import { useAddress } from "./address";
import { useSession } from "./live";
import { useAsked, useResult } from "./results";

/** A layer whose output lies on places, so that it can be drawn. */
export const isDrawn = (layer: Layer) => /H|L|T|D/.test(layer.layout) && !layer.layout.endsWith("?");

interface Found {
  layers: Layer[] | null;
  job: Job | undefined;
  problem: Problem | null;
  /** Whether the model is a network at all. */
  network: boolean;
}

export function useLayers(): Found {
  const { item, model } = useAddress();
  const session = useSession();
  const network = session?.models[model]?.kind !== "function";
  const asked =
    session?.ready && item && network ? ({ kind: "layers", model, item } as const) : null;
  const { job, problem } = useAsked(asked);
  const found = useResult(job ? `${job.id}.0` : null);
  return { layers: found?.kind === "layers" ? found.layers : null, job, problem, network };
}
