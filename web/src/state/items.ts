/** The item that everything is about. */

import { useEffect, useState } from "react";

import { client, data, type Item } from "../api/client";
import { useAddress } from "./address";

const kept = new Map<string, Item>();

export function noteItems(items: readonly Item[]): void {
  for (const item of items) kept.set(item.id, item);
}

/** The item that everything is about. */
export function useItem(): Item | null {
  return useItemOf(useAddress().item);
}

/** What is known of an item. */
export function useItemOf(item: string | null): Item | null {
  const [, redraw] = useState(0);
  useEffect(() => {
    if (item === null || kept.has(item)) return;
    data(client.GET("/api/v1/items/{item}", { params: { path: { item } } })).then(
      (found) => {
        noteItems([found]);
        redraw((n) => n + 1);
      },
      () => undefined,
    );
  }, [item]);
  return item === null ? null : (kept.get(item) ?? null);
}
