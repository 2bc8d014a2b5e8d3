/** What a page begins with where its address says nothing, so that there is something to see. */

import { useEffect, useRef } from "react";

import type { Method } from "../api/client";
import { go, useAddress } from "./address";
import { useItem } from "./items";
import { useSession } from "./live";

const FIRST: Record<string, string[]> = {
  image: ["grad_cam", "layer_cam", "guided_grad_cam", "integrated_gradients", "occlusion"],
  array: ["grad_cam", "integrated_gradients", "occlusion"],
  series: ["integrated_gradients", "occlusion"],
  live: ["integrated_gradients", "occlusion"],
  row: ["kernel_shap", "occlusion", "lime"],
  text: ["occlusion", "lime"],
};

/** What can be begun with on such an item, as far as the model allows. */
function firstMethods(kind: string, methods: readonly Method[], network: boolean): string[] {
  const known = new Map(methods.map((method) => [method.name, method]));
  return (FIRST[kind] ?? FIRST.image!).filter((name) => {
    const method = known.get(name);
    return method && (network || method.access === "black_box");
  });
}

export function useFirst(): void {
  const { item: id, methods, model, page } = useAddress();
  const session = useSession();
  const item = useItem();
  useEffect(() => {
    if (id === null && session?.first) go({ item: session.first }, true);
  }, [id, session?.first]);
  const wanted = page === "explain" || page === "trust";
  const begun = useRef(false);
  const network = session?.models[model]?.kind !== "function";
  useEffect(() => {
    if (methods.length) begun.current = true;
    if (begun.current || !wanted || !item || !session?.ready) return;
    const names = firstMethods(item.kind, session.methods, network);
    go({ methods: names.map((name) => ({ name, params: {} })) }, true);
  }, [wanted, item, session, methods.length, network]);
}
