import type { Finding } from "../core/credit/forensics/identify.ts";
import type { CreditLevel, MethodStatus } from "../core/credit/method.ts";
import type { Parameters, ParameterValue, Presets } from "../core/credit/parameter.ts";
import type { LaneChoice } from "../core/credit/shownLane.ts";
import type { CreditRequest, MethodAgreement, MethodChoice } from "./store.ts";

/** All that the Credit view shows but comparisons, which are asked for. */
export interface CreditPageState {
  readonly method: {
    readonly id: string;
    readonly label: string;
    readonly doc: string;
    readonly status: MethodStatus;
    readonly level: CreditLevel;
    readonly params: Parameters;
    readonly presets: Presets;
  };
  readonly preset: string;
  /** Every parameter of the method, as it is used now. */
  readonly values: Readonly<Record<string, ParameterValue>>;
  /** Lanes that can be shown; the credit alone where there is no trace. */
  readonly lanes: readonly LaneChoice[];
  readonly lane: string;
  /** Lines `left = symbols` of the formula with these parameters. */
  readonly formula: readonly string[];
  /** Every method; available means for the trace that is shown, or at all where none is. */
  readonly choices: readonly MethodChoice[];
  /** The trace is shown: there is something to compare over. */
  readonly hasTrace: boolean;
  /** Why the method gives the shown trace nothing; null where it does. */
  readonly unavailable: string | null;
}

/** How far a method agrees, for a page: messages to a webview are JSON, which has no NaN. */
export interface PageAgreement extends Omit<MethodAgreement, "rank" | "opposed"> {
  readonly rank: number | null;
  readonly opposed: number | null;
}

/** What the host answers to the Credit view. */
export interface CreditHostApi {
  state(): Promise<CreditPageState>;
  /** Uses a method with parameters; answered when the trace is painted with it, or with something asked for later. */
  choose(request: CreditRequest): Promise<void>;
  compare(): Promise<readonly PageAgreement[]>;
  identify(): Promise<Finding>;
  /** Shows a line of the trace. */
  reveal(line: number): Promise<void>;
}

/** What the host tells the Credit view without being asked. */
export interface CreditEvents {
  /** Another trace, method or parameters: ask for the state. */
  changed: null;
}
