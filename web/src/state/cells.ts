/** The grid of the page Explain: a result, or where it will be, for each method and target. */

import { useEffect, useState } from "react";

import { client, data, type Cell, type Problem } from "../api/client";
import { noteJobs, useSession } from "./live";
import { words } from "./results";
import type { State } from "./url";

export interface Grid {
  cells: ReadonlyMap<string, Cell>;
  problem: Problem | null;
}

const PAUSE = 150;

export const cellName = (method: number, target: number) => `${method} ${target}`;

export function useCells(state: State, again: number): Grid {
  const ready = useSession()?.ready ?? false;
  const { model, item, methods, targets } = state;
  const asked =
    ready && item !== null && methods.length > 0
      ? JSON.stringify({ kind: "explain", model, item, methods, targets })
      : "";
  const [grid, setGrid] = useState<Grid & { asked: string }>({
    asked: "",
    cells: new Map(),
    problem: null,
  });
  useEffect(() => {
    if (!asked) return;
    let wanted = true;
    const timer = setTimeout(() => {
      data(client.POST("/api/v1/explanations", { body: JSON.parse(asked) as never })).then(
        (found) => {
          noteJobs(found.jobs);
          const cells = new Map(found.cells.map((c) => [cellName(c.method, c.target), c]));
          if (wanted) setGrid({ asked, cells, problem: null });
        },
        (error: unknown) =>
          wanted && setGrid({ asked, cells: new Map(), problem: words(error) }),
      );
    }, PAUSE);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [asked, again]);
  return grid.asked === asked ? grid : { cells: new Map(), problem: null };
}
