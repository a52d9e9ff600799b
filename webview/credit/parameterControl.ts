import {
  type NumberParameter,
  type Parameter,
  type ParameterValue,
  wordOf,
} from "../../src/core/credit/parameter.ts";
import { element } from "../element.ts";
import { checkbox, type Control, numberField, range, select, textField } from "../ui.ts";

/** A control for a parameter, with its name and what it does; tells of every change at once. */
export function parameterControl(
  name: string,
  parameter: Parameter,
  onChange: (value: ParameterValue) => void,
): Control<ParameterValue> {
  const control = controlOf(name, parameter, onChange);
  const about = element("p", { class: "quiet" }, parameter.doc);
  const box = element("div", { class: "parameter" }, control.element, about);
  return { element: box, set: (value) => control.set(value) };
}

function controlOf(
  name: string,
  parameter: Parameter,
  onChange: (value: ParameterValue) => void,
): Control<ParameterValue> {
  switch (parameter.kind) {
    case "boolean": {
      const control = checkbox([name], onChange);
      return { element: control.element, set: (value) => control.set(value === true) };
    }
    case "choice": {
      const control = select(name, onChange);
      const items = parameter.choices.map((id) => ({ id, label: id, title: "" }));
      control.offer([{ label: "", items }]);
      return { element: control.element, set: (value) => control.set(wordOf(value)) };
    }
    case "number":
      return numberControl(name, parameter, onChange);
    case "text": {
      const control = textField({ label: name, placeholder: parameter.default }, onChange);
      return labelled(name, control.element, (value) => control.set(wordOf(value)));
    }
    case "numbers": {
      const control = textField({ label: name, placeholder: "name=1, other=0.5" }, (text) => {
        const numbers = numbersIn(text);
        if (numbers !== null) onChange(numbers);
      });
      return labelled(name, control.element, (value) => control.set(wordsOf(value)));
    }
  }
}

/** A slider where the number has a range that can be seen at once, and a field for any number. */
function numberControl(
  name: string,
  parameter: NumberParameter,
  onChange: (value: number) => void,
): Control<ParameterValue> {
  const bounds = sliderBounds(parameter);
  const { min = -Infinity, max = Infinity } = parameter;
  const field = numberField(name, (value) => {
    if (Number.isNaN(value) || value < min || value > max) return;
    slider?.set(value);
    onChange(value);
  });
  const slider =
    bounds === null
      ? null
      : range({ label: `${name} slider`, ...bounds }, (value) => {
          field.set(value);
          onChange(value);
        });
  const row = element(
    "div",
    { class: "number-row" },
    ...(slider === null ? [] : [slider.element]),
    field.element,
  );
  return labelled(name, row, (value) => {
    slider?.set(value as number);
    field.set(value as number);
  });
}

/** Numbers this small are tolerances: no slider tells them apart. */
const tiny = 1e-3;

function sliderBounds({ min, max, default: usual }: NumberParameter): {
  readonly min: number;
  readonly max: number;
  readonly step: number;
} | null {
  if (usual !== 0 && Math.abs(usual) < tiny) return null;
  const low = min ?? Math.min(0, 4 * usual);
  const high = max ?? Math.max(1, 4 * usual);
  return { min: low, max: high, step: 10 ** Math.floor(Math.log10((high - low) / 100)) };
}

function labelled(
  name: string,
  control: HTMLElement,
  set: (value: ParameterValue) => void,
): Control<ParameterValue> {
  return {
    element: element("div", { class: "labelled" }, element("span", { class: "name" }, name), control),
    set,
  };
}

/** `name=1, other=0.5` as numbers by name; null while it is being written. */
function numbersIn(text: string): Readonly<Record<string, number>> | null {
  const parts = text.split(",").filter((part) => part.trim() !== "");
  const entries = parts.map((part) => {
    const [name = "", number = ""] = part.split("=").map((word) => word.trim());
    return [name, number === "" ? NaN : Number(number)] as const;
  });
  return entries.every(([name, x]) => name !== "" && !Number.isNaN(x)) ? Object.fromEntries(entries) : null;
}

function wordsOf(value: ParameterValue): string {
  if (typeof value !== "object") return "";
  return Object.entries(value)
    .map(([name, x]) => `${name}=${x}`)
    .join(", ");
}
