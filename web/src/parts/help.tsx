/** The keys: what they do, and their words. */

import { useEffect, useRef } from "react";

import { addressNow, go } from "../state/address";
import { useItem } from "../state/items";
import { PAGES } from "../state/url";
import { Icon } from "./icon";
import { step } from "./stepper";

export function useKeys() {
  const item = useItem();
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const within = (event.target as HTMLElement).closest("input, select, textarea, dialog");
      if (within || event.ctrlKey || event.metaKey) return;
      const { look } = addressNow();
      const page = PAGES[Number(event.key) - 1];
      if (event.key === "Escape") go({ open: null });
      else if (event.key === "ArrowLeft" && item) void step(item, -1);
      else if (event.key === "ArrowRight" && item) void step(item, 1);
      else if (page) go({ page, open: null });
      else if (event.key === "o") go({ look: { ...look, view: "overlay" } }, true);
      else if (event.key === "m") go({ look: { ...look, view: "map" } }, true);
      else if (event.key === "i") go({ look: { ...look, view: "input" } }, true);
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [item]);
}

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button
        className="button icon bare"
        aria-label="Keys and hints"
        title="Keys and hints"
        onClick={() => dialog.current?.showModal()}
      >
        <Icon name="help" />
      </button>
      <dialog ref={dialog} aria-label="Keys and hints">
        <h2>Keys</h2>
        <dl className="pairs">
          <dt>
            <kbd>←</kbd> <kbd>→</kbd>
          </dt>
          <dd>previous and next item</dd>
          <dt>
            <kbd>1</kbd> … <kbd>{PAGES.length}</kbd>
          </dt>
          <dd>the pages, from the top</dd>
          <dt>
            <kbd>o</kbd> <kbd>m</kbd> <kbd>i</kbd>
          </dt>
          <dd>overlay, map alone, input alone</dd>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>close what is open</dd>
        </dl>
        <p className="small quiet">
          The address holds everything on the page: copy it to come back to the same view.
        </p>
        <div className="buttons">
          <button className="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
      </dialog>
    </>
  );
}
