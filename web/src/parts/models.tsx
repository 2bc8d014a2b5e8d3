/** Which model is looked at, what is known of each, and how another one is added. */

import { useRef } from "react";

import type { Model } from "../api/client";
import { go, useAddress } from "../state/address";
import { useSession } from "../state/live";
import { Icon } from "./icon";
import { Text } from "./words";

export function Models() {
  const { model } = useAddress();
  const models = useSession()?.models ?? [];
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <div className="models">
      {models.length > 1 ? (
        <label>
          <span className="unseen">Model</span>
          <select
            value={model}
            onChange={(event) => go({ model: Number(event.target.value), beside: null, layer: null })}
          >
            {models.map((one, k) => (
              <option key={k} value={k}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <span className="badge cut">{models[0]?.name ?? "Loading the model …"}</span>
      )}
      <button
        className="button icon bare"
        aria-label="About the models"
        title="About the models, and how to add one"
        onClick={() => dialog.current?.showModal()}
      >
        <Icon name="plus" size={15} />
      </button>
      <dialog ref={dialog} aria-label="Models">
        <div className="row-head tight">
          <h2>Models</h2>
          <button className="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
        {models.map((one, k) => (
          <About key={k} model={one} />
        ))}
        <h3>Another model</h3>
        <p className="small">
          A model is code, and code is taken from the command line alone, never from a page. Close
          the studio and name every model where you start it:
        </p>
        <pre className="code" tabIndex={0} aria-label="How to start with two models">
          {"pellucid studio DATA --model efficientnet_lite0 \\\n  --model mymodel.py:build"}
        </pre>
        <p className="small quiet">
          A bundled name, a factory in a Python file or package, an ONNX file, <code>timm:NAME</code>,{" "}
          <code>torchvision:NAME</code> or <code>hf:NAME</code>. With two models, Explain shows the
          answers of both side by side.
        </p>
      </dialog>
    </div>
  );
}

function About({ model }: { model: Model }) {
  const facts = [
    model.kind === "function" ? "a function" : "a network",
    model.parameters > 0 && `${model.parameters.toLocaleString("en")} parameters`,
    model.classes && `${model.classes.length.toLocaleString("en")} classes`,
    model.takes && `takes ${model.takes}`,
  ];
  return (
    <section className="about-model">
      <strong className="cut">{model.name}</strong>
      <p className="small quiet">{facts.filter(Boolean).join(" · ")}</p>
      {model.notes.map((note) => (
        <p key={note} className="small quiet">
          <Text>{note}</Text>
        </p>
      ))}
    </section>
  );
}
