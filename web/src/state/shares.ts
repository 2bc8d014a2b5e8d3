/** How sure the model is of each item, once the data set was predicted. */

import { useEffect, useState } from "react";

import { array, type Job } from "../api/client";
import { useAddress } from "./address";
import { useJobs } from "./live";
import { useResult } from "./results";

/** The colours of scores. */
export const SCORES = "viridis";

/** Predictions of a data set by the model that is looked at, the newest first. */
export function usePredictions(dataset: string | null): Job[] {
  const { model } = useAddress();
  return [...useJobs().values()]
    .filter((job) => job.kind === "predict_all" && job.asked["dataset"] === dataset)
    .filter((job) => (job.asked["model"] ?? 0) === model)
    .sort((a, b) => b.created - a.created);
}

interface Found {
  /** The newest prediction. */
  job: Job | undefined;
  /** The probability of each item's best class; NaN where it is not known. */
  shares: Float32Array | null;
}

export function useShares(dataset: string | null, items: readonly string[]): Found {
  const all = usePredictions(dataset);
  const done = all.find((job) => job.results.includes("0"));
  const id = done ? `${done.id}.0` : null;
  const view = useResult(id);
  const [found, setFound] = useState<{ id: string; shares: Float32Array } | null>(null);
  useEffect(() => {
    if (!id || view?.kind !== "predictions") return;
    let wanted = true;
    const info = view.arrays["shares"]!;
    array(id, info).then(
      (raw) => {
        const each = info.shape[1]!;
        const rows = new Map(view.items.map((item, row) => [item, row]));
        const shares = Float32Array.from(items, (item) => raw[rows.get(item)! * each] ?? NaN);
        if (wanted) setFound({ id, shares });
      },
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [id, view, items]);
  return { job: all[0], shares: found && found.id === id ? found.shares : null };
}
