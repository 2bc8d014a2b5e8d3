/** Files from the person's own machine: chosen, or dropped on the page. */

import { useRef } from "react";

import type { Item, Problem } from "../api/client";
import { go } from "../state/address";
import { noteItems } from "../state/items";
import { fetchSession } from "../state/live";
import { words } from "../state/results";
import { Icon } from "./icon";

export async function upload(files: File[], onTrouble: (p: Problem | null) => void): Promise<void> {
  onTrouble(null);
  let last: Item | null = null;
  for (const file of files)
    try {
      const answer = await fetch(`/api/v1/uploads?name=${encodeURIComponent(file.name)}`, {
        method: "POST",
        headers: { "content-type": "application/octet-stream" },
        body: file,
      });
      const found = await answer.json();
      if (!answer.ok) onTrouble(found as Problem);
      else last = (found as { item: Item }).item;
    } catch (error) {
      onTrouble(words(error));
    }
  if (last) {
    noteItems([last]);
    await fetchSession();
    go({ dataset: "uploads", item: last.id });
  }
}

export function UploadButton({ onTrouble }: { onTrouble: (p: Problem | null) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button className="button" onClick={() => input.current?.click()}>
        <Icon name="plus" size={15} /> Upload
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        accept="image/*,.npy"
        onChange={(event) => {
          void upload([...(event.target.files ?? [])], onTrouble);
          event.target.value = "";
        }}
      />
      <span className="small quiet">or drop files here; large folders are named at the start</span>
    </>
  );
}
