/** The data set that is looked at: the chosen one, or the first that holds anything. */

import type { Dataset } from "../api/client";
import { useAddress } from "./address";
import { useSession } from "./live";

export function useDataset(): Dataset | null {
  const { dataset } = useAddress();
  const sets = useSession()?.datasets ?? [];
  return sets.find((one) => one.id === dataset) ?? sets.find((one) => one.count > 0) ?? null;
}
