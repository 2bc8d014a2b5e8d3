/** A class of the model, typed or chosen from its own list. */

import { useState } from "react";

import type { Model } from "../api/client";
import { readTyped } from "../state/typed";
import type { Target } from "../state/url";

const MOST_SHOWN = 20;

export function ClassInput(props: {
  model: Model | undefined;
  label: string;
  hint: string;
  onChosen: (target: Target) => void;
}) {
  const [typed, setTyped] = useState("");
  const choose = (text: string) => {
    const target = readTyped(text, props.model);
    if (target === undefined) return;
    props.onChosen(target);
    setTyped("");
  };
  const classes = props.model?.classes ?? [];
  const near = classes.filter((name) => name.toLowerCase().includes(typed.toLowerCase()));
  return (
    <form
      className="add"
      onSubmit={(event) => {
        event.preventDefault();
        choose(typed);
      }}
    >
      <input
        type="search"
        list="classes"
        aria-label={props.label}
        placeholder={props.hint}
        value={typed}
        onChange={(event) => {
          const text = event.target.value;
          if (isPicked(event.nativeEvent) && classes.includes(text)) choose(text);
          else setTyped(text);
        }}
      />
      <datalist id="classes">
        {near.slice(0, MOST_SHOWN).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </form>
  );
}

/** Whether a text was picked from the list: a class may begin as another that is being typed. */
function isPicked(event: Event): boolean {
  const how = (event as InputEvent).inputType;
  return how === undefined || how === "insertReplacementText";
}
