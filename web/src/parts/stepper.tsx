/** The item that everything is about, and the way to its neighbours. */

import { useState } from "react";

import { client, data, thumbnail, type Item } from "../api/client";
import { addressNow, go } from "../state/address";
import { useItem } from "../state/items";
import { queryOf } from "../state/pages";
import { Icon } from "./icon";

export function Stepper() {
  const item = useItem();
  const [broken, setBroken] = useState<string | null>(null);
  if (!item) return null;
  return (
    <div className="stepper">
      <button
        className="button icon bare"
        aria-label="Previous item"
        title="Previous item (←)"
        onClick={() => void step(item, -1)}
      >
        <Icon name="left" />
      </button>
      {item.kind === "image" && broken !== item.id && (
        <img src={thumbnail(item.id)} alt="" onError={() => setBroken(item.id)} />
      )}
      <span className="name cut" title={item.name}>
        {item.name}
      </span>
      {item.label !== null && <span className="badge">{item.label}</span>}
      <button
        className="button icon bare"
        aria-label="Next item"
        title="Next item (→)"
        onClick={() => void step(item, 1)}
      >
        <Icon name="right" />
      </button>
    </div>
  );
}

/** The item beside this one under the filter and in the order of the page Data. */
export async function step(item: Item, by: number): Promise<void> {
  const filter = addressNow();
  const { search, label, order, predicted } = filter;
  const plain = !search && label === null && order === "given" && predicted === null;
  const sets = await data(
    client.GET("/api/v1/datasets/{dataset}/items", {
      params: {
        path: { dataset: item.dataset },
        query: plain
          ? { offset: Math.max(0, item.place + by), limit: 1 }
          : { offset: 0, limit: 500, ...queryOf(filter) },
      },
    }),
  );
  if (plain) {
    const next = item.place + by >= 0 ? sets.items[0] : undefined;
    if (next && next.id !== item.id) go({ item: next.id });
    return;
  }
  const at = sets.items.findIndex((one) => one.id === item.id);
  const next = sets.items[at + by];
  if (next) go({ item: next.id });
}
