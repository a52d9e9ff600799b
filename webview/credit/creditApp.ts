import type { ParameterValue } from "../../src/core/credit/parameter.ts";
import { statusWords } from "../../src/core/credit/statusWords.ts";
import type { CreditEvents, CreditHostApi, CreditPageState } from "../../src/protocol/creditPage.ts";
import { element } from "../element.ts";
import type { Host } from "../page.ts";
import { button, type Control, select } from "../ui.ts";
import { Comparison } from "./comparison.ts";
import { Forensics } from "./forensics.ts";
import { parameterControl } from "./parameterControl.ts";

export type CreditHost = Host<CreditHostApi, CreditEvents>;

/** The view: method, preset and parameters; what the session uses follows every input. */
export class CreditApp {
  readonly #host: CreditHost;
  readonly #method: ReturnType<typeof select>;
  readonly #preset: ReturnType<typeof select>;
  readonly #lane: ReturnType<typeof select>;
  readonly #reset: Control<boolean>;
  readonly #about = element("p", { class: "quiet" });
  readonly #problem = element("p", { class: "problem", role: "status" });
  readonly #parameters = element("div", { class: "parameters" });
  readonly #formula = element("pre", { class: "formula", "aria-label": "Formula" });
  readonly #comparison: Comparison;
  readonly #forensics: Forensics;
  #controls = new Map<string, Control<ParameterValue>>();
  #state: CreditPageState | null = null;
  /** Parameters that differ from the preset. */
  #explicit: Record<string, ParameterValue> = {};
  #asked = 0;

  constructor(host: CreditHost) {
    this.#host = host;
    this.#method = select("Method", (id) => this.#choose(id, null, {}));
    this.#preset = select("Preset", (preset) => this.#choose(this.#state!.method.id, preset, {}));
    this.#lane = select("Show", (lane) => this.#use(this.#state!.preset, this.#explicit, lane));
    this.#reset = button("Reset", () => this.#choose(this.#state!.method.id, this.#state!.preset, {}));
    this.#comparison = new Comparison({
      compare: () => host.api.compare(),
      choose: (id) => this.#choose(id, null, {}),
      reveal: (line) => this.#attempt(host.api.reveal(line)),
    });
    this.#forensics = new Forensics({
      identify: () => host.api.identify(),
      choose: (id, preset, params) => this.#choose(id, preset, params),
    });
  }

  start(): void {
    const head = element("div", { class: "row" }, this.#preset.element, this.#reset.element);
    document.body.append(
      this.#method.element,
      this.#problem,
      head,
      this.#lane.element,
      this.#parameters,
      this.#formula,
      this.#about,
      this.#comparison.element,
      this.#forensics.element,
    );
    this.#host.on("changed", () => void this.#refresh());
    void this.#refresh();
  }

  async #refresh(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const state = await this.#host.api.state();
      if (asked === this.#asked) this.#show(state);
    } catch (error) {
      this.#say(error);
    }
  }

  #show(state: CreditPageState): void {
    const before = this.#state;
    this.#state = state;
    const { method, preset, values, choices } = state;
    this.#method.offer([
      { label: "", items: choices.filter(({ available }) => available).map(itemOf) },
      {
        label: "Not available for this rollout",
        items: choices.filter(({ available }) => !available).map(itemOf),
      },
    ]);
    this.#method.set(method.id);
    this.#about.textContent = `${method.doc} One number a ${method.level}; ${statusWords[method.status]}.`;
    this.#problem.textContent = state.unavailable ?? "";
    const presets = Object.keys(method.presets);
    this.#preset.offer([{ label: "", items: presets.map((id) => ({ id, label: id, title: "" })) }]);
    this.#preset.set(preset);
    this.#preset.element.hidden = presets.length < 2;
    this.#lane.offer([
      { label: "", items: state.lanes.map(({ id, doc }) => ({ id, label: id, title: doc })) },
    ]);
    this.#lane.set(state.lane);
    this.#lane.element.hidden = state.lanes.length < 2;
    if (before?.method.id !== method.id) this.#build(state);
    for (const [name, control] of this.#controls) {
      // What somebody is writing into is not written over.
      if (!control.element.contains(document.activeElement)) control.set(values[name]!);
    }
    this.#explicit = Object.fromEntries(
      Object.entries(values).filter(([name, value]) => !isSame(value, presetValue(state, name))),
    );
    this.#reset.set(Object.keys(this.#explicit).length > 0);
    this.#formula.textContent = state.formula.join("\n");
    this.#formula.hidden = state.formula.length === 0;
    this.#comparison.show(state, before);
    this.#forensics.show(state);
  }

  #build({ method }: CreditPageState): void {
    this.#controls = new Map();
    this.#parameters.replaceChildren();
    for (const [name, parameter] of Object.entries(method.params)) {
      const control = parameterControl(name, parameter, (value) => this.#change(name, value));
      this.#controls.set(name, control);
      this.#parameters.append(control.element);
    }
  }

  #change(name: string, value: ParameterValue): void {
    const state = this.#state!;
    const explicit = { ...this.#explicit, [name]: value };
    if (isSame(value, presetValue(state, name))) delete explicit[name];
    this.#explicit = explicit;
    this.#use(state.preset, explicit, state.lane);
  }

  /** The method that is shown, with other parameters or another lane. */
  #use(preset: string, explicit: Readonly<Record<string, ParameterValue>>, lane: string): void {
    this.#choose(this.#state!.method.id, preset, explicit, lane);
  }

  #choose(
    method: string,
    preset: string | null,
    explicit: Readonly<Record<string, ParameterValue>>,
    lane = "credit",
  ): void {
    const params = { ...(preset === null ? {} : { preset }), ...explicit };
    this.#problem.textContent = "";
    this.#attempt(
      this.#host.api
        .choose({ method, params, ...(lane === "credit" ? {} : { lane }) })
        .then(() => this.#refresh()),
    );
  }

  #attempt(doing: Promise<unknown>): void {
    doing.catch((error: unknown) => this.#say(error));
  }

  #say(error: unknown): void {
    this.#problem.textContent = error instanceof Error ? error.message : String(error);
  }
}

function itemOf({ id, label, reason }: CreditPageState["choices"][number]): {
  id: string;
  label: string;
  title: string;
} {
  return { id, label, title: reason };
}

/** What a parameter is without having been touched. */
function presetValue({ method, preset }: CreditPageState, name: string): ParameterValue {
  return method.presets[preset]?.[name] ?? method.params[name]!.default;
}

function isSame(a: ParameterValue, b: ParameterValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
