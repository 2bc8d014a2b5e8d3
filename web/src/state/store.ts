/** A value that components listen to. */

import { useSyncExternalStore } from "react";

export interface Store<T> {
  get(): T;
  set(next: T): void;
  change(how: (now: T) => T): void;
  listen(heard: () => void): () => void;
}

export function store<T>(first: T): Store<T> {
  let now = first;
  const listeners = new Set<() => void>();
  const set = (next: T) => {
    if (Object.is(next, now)) return;
    now = next;
    for (const heard of listeners) heard();
  };
  return {
    get: () => now,
    set,
    change: (how) => set(how(now)),
    listen: (heard) => {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
  };
}

export function useStore<T>(of: Store<T>): T {
  return useSyncExternalStore(of.listen, of.get);
}
