/** The form of a method, made from what the method declares about its parameters. */

import { useState } from "react";

import type { Method, Parameter } from "../api/client";
import { read } from "../state/typed";
import type { MethodChoice } from "../state/url";

export function ParameterForm(props: {
  method: Method;
  choice: MethodChoice;
  layers: string[];
  onApply: (params: Record<string, unknown>) => void;
}) {
  const [params, setParams] = useState(props.choice.params);
  if (!props.method.parameters.some(isOffered))
    return <p className="quiet small">This method has no parameters.</p>;
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        props.onApply(params);
      }}
    >
      <Fields method={props.method} params={params} layers={props.layers} onChange={setParams} />
      <div className="buttons">
        <button className="button primary" type="submit">
          Apply
        </button>
        <button className="button" type="button" onClick={() => props.onApply({})}>
          Defaults
        </button>
      </div>
    </form>
  );
}

/** A field for every parameter, but those that are asked for elsewhere. */
export function Fields(props: {
  method: Method;
  params: Record<string, unknown>;
  layers: string[];
  elsewhere?: readonly string[];
  onChange: (params: Record<string, unknown>) => void;
}) {
  const { method, params, layers, elsewhere = [], onChange } = props;
  return method.parameters
    .filter((field) => isOffered(field) && !elsewhere.includes(field.name))
    .map((field) => (
      <Field
        key={field.name}
        field={field}
        value={params[field.name]}
        layers={layers}
        onChange={(value) => onChange(changed(params, field.name, value))}
      />
    ));
}

/** Parameters with one of them set, or left out. */
export function changed(
  params: Record<string, unknown>,
  name: string,
  value: unknown,
): Record<string, unknown> {
  const { [name]: _, ...rest } = params;
  return value === undefined ? rest : { ...rest, [name]: value };
}

/** What a page can give: words and numbers; arrays and objects are given in Python. */
export function isOffered(field: Parameter): boolean {
  if (field.layer || field.choices.length) return true;
  return /boolean|integer|number|string|any/.test(field.kind);
}

interface FieldProps {
  field: Parameter;
  value: unknown;
  layers: string[];
  onChange: (value: unknown) => void;
}

function Field({ field, value, layers, onChange }: FieldProps) {
  const text = value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  const usual = field.default === null ? "automatic" : String(field.default);
  const name = field.name.replaceAll("_", " ");
  if (field.kind.includes("boolean") && !field.choices.length)
    return (
      <div className="field">
        <label>
          <input
            type="checkbox"
            checked={Boolean(value ?? field.default)}
            onChange={(event) =>
              onChange(event.target.checked === field.default ? undefined : event.target.checked)
            }
          />{" "}
          {name}
        </label>
        <span className="hint">{field.description}</span>
      </div>
    );
  const hint = `hint-${field.name}`;
  return (
    <div className="field">
      <label className="field">
        <span>{name}</span>
        {field.choices.length ? (
          <select
            value={text}
            aria-describedby={hint}
            onChange={(event) => onChange(event.target.value || undefined)}
          >
            <option value="">{usual} (default)</option>
            {field.choices.map((choice) => (
              <option key={String(choice)}>{String(choice)}</option>
            ))}
          </select>
        ) : (
          <input
            type="text"
            inputMode={/integer|number/.test(field.kind) ? "decimal" : "text"}
            placeholder={usual}
            value={text}
            aria-describedby={hint}
            list={field.layer ? "known-layers" : undefined}
            onChange={(event) => onChange(read(event.target.value, field))}
          />
        )}
      </label>
      {field.layer && (
        <datalist id="known-layers">
          {layers.map((layer) => (
            <option key={layer} value={layer} />
          ))}
        </datalist>
      )}
      <span className="hint" id={hint}>
        {field.description} {bounds(field)}
      </span>
    </div>
  );
}

function bounds(field: Parameter): string {
  if (field.minimum !== null && field.maximum !== null)
    return `From ${field.minimum} to ${field.maximum}.`;
  return field.minimum === null ? "" : `From ${field.minimum}.`;
}
