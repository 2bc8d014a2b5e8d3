/** The maps that are on the screen, by method, for a scale that they share. */

import { store } from "./store";

export const gathered = store<ReadonlyMap<string, ReadonlyMap<string, Float32Array>>>(new Map());

/** Take part in the common scale of a group; returns how to leave it. */
export function gather(group: string, id: string, values: Float32Array): () => void {
  change(group, (known) => new Map(known).set(id, values));
  return () =>
    change(group, (known) => {
      const next = new Map(known);
      if (next.get(id) === values) next.delete(id);
      return next;
    });
}

type Group = ReadonlyMap<string, Float32Array>;

function change(group: string, how: (known: Group) => Group): void {
  gathered.change((all) => new Map(all).set(group, how(all.get(group) ?? new Map())));
}
