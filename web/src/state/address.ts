/** The state of the page, which is its address. */

import { decode, encode, type Look, type State } from "./url";
import { store, useStore } from "./store";

const address = store<State>(decode(location.hash));

window.addEventListener("hashchange", () => {
  if (encode(address.get()) !== location.hash) address.set(decode(location.hash));
});

export const useAddress = () => useStore(address);
export const addressNow = address.get;

/** Go on to another state; `quietly` without a step to go back to. */
export function go(change: Partial<State>, quietly = false): void {
  const next = { ...address.get(), ...(otherMap(change) ? { groups: [] } : {}), ...change };
  const text = encode(next);
  if (text === encode(address.get())) return;
  if (quietly) history.replaceState(null, "", text);
  else history.pushState(null, "", text);
  address.set(next);
}

/** Groups were drawn on the map of one model, data set and layer, and mean nothing on another. */
function otherMap(change: Partial<State>): boolean {
  const now = address.get();
  return MAPPED.some((name) => name in change && change[name] !== now[name]);
}

const MAPPED = ["model", "dataset", "layer"] as const;

window.addEventListener("popstate", () => address.set(decode(location.hash)));

/** Change how maps are drawn. */
export function look(change: Partial<Look>): void {
  go({ look: { ...address.get().look, ...change } }, true);
}
