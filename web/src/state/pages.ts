/** The items of a data set under a filter and in an order, fetched page by page. */

import { useEffect, useRef, useState } from "react";

import { client, data, type Dataset, type Item, type Problem } from "../api/client";
import { noteItems } from "./items";
import { words } from "./results";
import type { State } from "./url";

export type Filter = Pick<State, "model" | "search" | "label" | "order" | "predicted">;

/** Every item, with the predictions of a model. */
export const everything = (model: number): Filter => ({
  model,
  search: "",
  label: null,
  order: "given",
  predicted: null,
});

/** A filter as the server is asked. */
export function queryOf({ model, search, label, order, predicted }: Filter) {
  return {
    model,
    search,
    order: order as "given" | "random" | "unsure" | "wrong",
    ...(label === null ? {} : { label }),
    ...(predicted === null ? {} : { predicted }),
  };
}

const PER_PAGE = 200;

export interface Pages {
  total: number | null;
  problem: Problem | null;
  at: (place: number) => Item | null;
  want: (place: number) => void;
}

/** Items in pages, fetched when they come into view. */
export function usePages(dataset: Dataset, filter: Filter): Pages {
  const key = JSON.stringify([dataset.id, dataset.count, queryOf(filter)]);
  const [known, setKnown] = useState<{ key: string; total: number; pages: Map<number, Item[]> }>();
  const [problem, setProblem] = useState<Problem | null>(null);
  const asked = useRef(new Set<string>());
  const fetchPage = (page: number) => {
    const name = `${key} ${page}`;
    if (asked.current.has(name)) return;
    asked.current.add(name);
    data(
      client.GET("/api/v1/datasets/{dataset}/items", {
        params: {
          path: { dataset: dataset.id },
          query: { offset: page * PER_PAGE, limit: PER_PAGE, ...queryOf(filter) },
        },
      }),
    ).then(
      (found) => {
        noteItems(found.items);
        setProblem(null);
        setKnown((before) => {
          const pages = before?.key === key ? new Map(before.pages) : new Map<number, Item[]>();
          return { key, total: found.total, pages: pages.set(page, found.items) };
        });
      },
      (error: unknown) => {
        asked.current.delete(name);
        setProblem(words(error));
      },
    );
  };
  useEffect(() => {
    asked.current.clear();
    const timer = setTimeout(() => fetchPage(0), filter.search ? 180 : 0);
    return () => clearTimeout(timer);
    // eslint-disable-next-line
  }, [key]);
  const own = known?.key === key ? known : undefined;
  return {
    total: own?.total ?? null,
    problem,
    at: (place) => own?.pages.get(Math.floor(place / PER_PAGE))?.[place % PER_PAGE] ?? null,
    want: (place) => fetchPage(Math.floor(place / PER_PAGE)),
  };
}
