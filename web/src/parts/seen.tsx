/** What the model was given: a picture, a series, the fields of a row, a text. */

import { useEffect, useRef } from "react";

import { picture, thumbnail, type Item, type OutcomeResult } from "../api/client";
import { number } from "../overlay/scale";
import { useArrays } from "../state/results";
import { drawLines, sheet } from "./othermaps";

interface Props {
  item: Item;
  id: string | null;
  outcome: OutcomeResult | null;
}

export function Seen({ item, id, outcome }: Props) {
  if (outcome?.picture && id)
    return (
      <div className="seen">
        <img src={picture(id)} alt={`${item.name}, as the network saw it`} />
      </div>
    );
  if (item.kind === "image")
    return (
      <div className="seen">
        <img src={thumbnail(item.id)} alt={item.name} />
      </div>
    );
  if (outcome?.arrays?.["input"] && id)
    return (
      <div className="seen">
        <Series id={id} outcome={outcome} name={item.name} />
      </div>
    );
  if (outcome?.fields) return <Fields fields={outcome.fields} />;
  return <p className="seen-words">{outcome?.text ?? item.name}</p>;
}

function Series({ id, outcome, name }: { id: string; outcome: OutcomeResult; name: string }) {
  const input = useArrays(id, outcome)?.["input"];
  const canvas = useRef<HTMLCanvasElement>(null);
  const time = outcome.arrays["input"]!.shape.at(-1)!;
  useEffect(() => {
    const target = canvas.current;
    if (target && input) drawLines(sheet(target), input, time, target.width, target.height);
  }, [input, time]);
  return <canvas ref={canvas} role="img" aria-label={`${name}, as the network saw it`} />;
}

function Fields({ fields }: { fields: NonNullable<OutcomeResult["fields"]> }) {
  return (
    <div className="fields" tabIndex={0} role="region" aria-label="The row">
      <dl className="pairs numbers">
        {fields.map(([name, value]) => (
          <div key={name} className="pair">
            <dt className="cut" title={name}>
              {name}
            </dt>
            <dd>{typeof value === "number" ? number(value) : (value ?? "–")}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
