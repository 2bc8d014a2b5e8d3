/** A button that opens a window in which an item of any data set is chosen. */

import { useRef, useState } from "react";

import type { Dataset } from "../api/client";
import { useAddress } from "../state/address";
import { useDataset } from "../state/dataset";
import { useSession } from "../state/live";
import { everything, usePages } from "../state/pages";
import { Tiles } from "./tiles";
import { Trouble } from "./words";

interface Props {
  words: string;
  onChosen: (item: string) => void;
}

export function ItemChoice({ words, onChosen }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        className="button"
        onClick={() => {
          setOpen(true);
          dialog.current?.showModal();
        }}
      >
        {words}
      </button>
      <dialog ref={dialog} className="choice" aria-label={words} onClose={() => setOpen(false)}>
        <div className="row-head tight">
          <h2>{words}</h2>
          <button className="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
        {open && (
          <Sets
            onChosen={(item) => {
              onChosen(item);
              dialog.current?.close();
            }}
          />
        )}
      </dialog>
    </>
  );
}

function Sets({ onChosen }: Pick<Props, "onChosen">) {
  const usual = useDataset();
  const sets = (useSession()?.datasets ?? []).filter((one) => one.count > 0);
  const [chosen, setChosen] = useState(usual?.id);
  const [search, setSearch] = useState("");
  const dataset = sets.find((one) => one.id === chosen);
  return (
    <>
      <div className="tools">
        <label className="field">
          <span className="unseen">Data set</span>
          <select value={chosen} onChange={(event) => setChosen(event.target.value)}>
            {sets.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
        <label className="field wide">
          <span className="unseen">Search</span>
          <input
            type="search"
            placeholder="Search names"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </label>
      </div>
      {dataset && <Found dataset={dataset} search={search} onChosen={onChosen} />}
    </>
  );
}

function Found(props: { dataset: Dataset; search: string } & Pick<Props, "onChosen">) {
  const { item, model } = useAddress();
  const pages = usePages(props.dataset, { ...everything(model), search: props.search });
  if (pages.problem) return <Trouble problem={pages.problem} />;
  if (pages.total === null) return <p className="quiet">Looking …</p>;
  if (pages.total === 0) return <p className="quiet">No item has this in its name.</p>;
  return <Tiles pages={pages} total={pages.total} current={item} onChosen={props.onChosen} />;
}
