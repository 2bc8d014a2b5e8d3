/** An item in small: its picture, or its words where it is none. */

import { useState } from "react";

import { thumbnail } from "../api/client";
import { useItemOf } from "../state/items";

export function Thumb({ id, alt = "" }: { id: string; alt?: string }) {
  const item = useItemOf(id);
  const [broken, setBroken] = useState<string | null>(null);
  if (!item) return <span className="thumb-words" />;
  const pictured = (item.kind === "image" || item.kind === "live") && broken !== id;
  if (pictured) return <img src={thumbnail(id)} alt={alt} onError={() => setBroken(id)} />;
  return <span className="thumb-words">{item.name}</span>;
}
