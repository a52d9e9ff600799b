import {
  type Button,
  type Checkbox,
  provideVSCodeDesignSystem,
  type TextField,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeTextField,
} from "@vscode/webview-ui-toolkit";
import { element } from "./element.ts";

// The toolkit is no longer maintained: nothing else knows of it, so that it can be replaced here.
provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox(), vsCodeTextField());

/** A control that can be placed and told its value. */
export interface Control<T> {
  readonly element: HTMLElement;
  set(value: T): void;
}

/** A button; `set` says whether it can be pressed. */
export function button(
  label: string,
  onPress: () => void,
  look: "primary" | "secondary" = "secondary",
): Control<boolean> {
  const control = document.createElement("vscode-button") as Button;
  control.appearance = look;
  control.textContent = label;
  control.addEventListener("click", onPress);
  return { element: control, set: (enabled) => (control.disabled = !enabled) };
}

/** A check box with anything as its label. */
export function checkbox(
  label: readonly (Node | string)[],
  onChange: (on: boolean) => void,
): Control<boolean> {
  const control = document.createElement("vscode-checkbox") as Checkbox;
  control.append(...label);
  // `change` also comes when the value is set from here.
  let known = false;
  control.addEventListener("change", () => {
    if (control.checked === known) return;
    known = control.checked;
    onChange(known);
  });
  return {
    element: control,
    set(on) {
      known = on;
      control.checked = on;
    },
  };
}

/** A line of text that tells of every key. */
export function textField(
  { label, placeholder }: { readonly label: string; readonly placeholder: string },
  onInput: (text: string) => void,
): Control<string> {
  const control = document.createElement("vscode-text-field") as TextField;
  control.placeholder = placeholder;
  control.setAttribute("aria-label", label);
  control.addEventListener("input", () => onInput(control.value));
  return { element: control, set: (text) => (control.value = text) };
}

/** A number between two bounds. The toolkit has none: it is the browser's. */
export function slider(
  { label, max, step }: { readonly label: string; readonly max: number; readonly step: number },
  onInput: (value: number) => void,
): Control<number> {
  const range = element("input", { type: "range", min: "0", max: String(max), step: String(step) });
  const output = element("output", { class: "number" });
  const show = (value: number): void => {
    range.value = String(value);
    output.textContent = value.toFixed(2);
  };
  range.addEventListener("input", () => {
    show(Number(range.value));
    onInput(Number(range.value));
  });
  return { element: element("label", { class: "slider" }, label, range, output), set: show };
}

/** A number between two bounds, without a word to it. */
export function range(
  bounds: { readonly label: string; readonly min: number; readonly max: number; readonly step: number },
  onInput: (value: number) => void,
): Control<number> {
  const { label, min, max, step } = bounds;
  const control = element("input", {
    type: "range",
    "aria-label": label,
    min: String(min),
    max: String(max),
    step: String(step),
  });
  control.addEventListener("input", () => onInput(Number(control.value)));
  return { element: control, set: (value) => (control.value = String(value)) };
}

/** Any number; tells of every key that makes one. The toolkit's field holds text only. */
export function numberField(label: string, onInput: (value: number) => void): Control<number> {
  const control = element("input", { type: "number", "aria-label": label, step: "any" });
  control.addEventListener("input", () => onInput(control.value === "" ? NaN : Number(control.value)));
  return { element: control, set: (value) => (control.value = String(value)) };
}

/** One entry of a list. */
export interface SelectItem {
  readonly id: string;
  readonly label: string;
  readonly title: string;
}

/** A list with its name, in groups. The toolkit's knows no groups, and is cut off where a narrow view ends. */
export function select(
  label: string,
  onChoose: (id: string) => void,
): Control<string> & {
  offer(groups: readonly { readonly label: string; readonly items: readonly SelectItem[] }[]): void;
} {
  const control = element("select", { "aria-label": label });
  control.addEventListener("change", () => onChoose(control.value));
  const optionOf = ({ id, label: words, title }: SelectItem): HTMLElement =>
    element("option", { value: id, title }, words);
  let offered = "";
  return {
    element: element("label", { class: "select" }, element("span", {}, label), control),
    set: (id) => (control.value = id),
    offer(groups) {
      // A list that is open would close.
      const key = JSON.stringify(groups);
      if (key === offered) return;
      offered = key;
      control.replaceChildren(
        ...groups.flatMap(({ label: name, items }) => {
          if (items.length === 0) return [];
          return name === ""
            ? items.map(optionOf)
            : [element("optgroup", { label: name }, ...items.map(optionOf))];
        }),
      );
    },
  };
}
