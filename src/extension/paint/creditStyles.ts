import * as vscode from "vscode";
import { strengths } from "../bucket.ts";

/**
 * The decoration types of a theme, made once. Never colour alone: the strongest buckets are underlined, solid for
 * positive and dashed for negative; in high contrast there is no background at all and the underline carries
 * sign (solid, wavy) and strength (thickness).
 */
export class CreditStyles implements vscode.Disposable {
  /** Index = bucket − 1. */
  readonly buckets: readonly vscode.TextEditorDecorationType[];
  /** The number at the end of a step, by sign: positive, negative, none. */
  readonly marks: readonly [Mark, Mark, Mark];
  readonly headers = type({ color: new vscode.ThemeColor("descriptionForeground"), fontWeight: "600" });
  readonly head = type({ color: new vscode.ThemeColor("descriptionForeground") });
  readonly turnBorder = type({
    isWholeLine: true,
    borderColor: new vscode.ThemeColor("rewardLens.turnBorder"),
    borderStyle: "solid",
    borderWidth: "1px 0 0 0",
  });
  readonly context: vscode.TextEditorDecorationType;
  readonly ruler = {
    positive: ruler("rewardLens.positive", vscode.OverviewRulerLane.Right),
    negative: ruler("rewardLens.negative", vscode.OverviewRulerLane.Left),
  };

  constructor(highContrast: boolean) {
    const one = highContrast ? outlined : filled;
    const levels = Array.from({ length: strengths }, (_, i) => i + 1);
    this.buckets = [...levels.map((s) => one("positive", s)), ...levels.map((s) => one("negative", s))];
    this.marks = [type({}), type({}), type({})];
    this.context = type(highContrast ? {} : { opacity: "0.7" });
  }

  dispose(): void {
    const all = [...this.buckets, ...this.marks, this.headers, this.head, this.turnBorder, this.context];
    vscode.Disposable.from(...all, this.ruler.positive, this.ruler.negative).dispose();
  }
}

type Mark = vscode.TextEditorDecorationType;
type Sign = "positive" | "negative";

function type(options: vscode.DecorationRenderOptions): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    ...options,
  });
}

function filled(sign: Sign, strength: number): vscode.TextEditorDecorationType {
  const line = sign === "positive" ? "solid" : "dashed";
  const underline = `underline ${line} var(--vscode-rewardLens-${sign}) ${strength === strengths ? 2 : 1}px; text-underline-offset: 3px`;
  return type({
    backgroundColor: new vscode.ThemeColor(`rewardLens.${sign}Background${strength}`),
    borderRadius: "2px",
    ...(strength > strengths - 2 ? { textDecoration: underline } : {}),
  });
}

function outlined(sign: Sign, strength: number): vscode.TextEditorDecorationType {
  const line = sign === "positive" ? "solid" : "wavy";
  const thickness = sign === "positive" ? 0.6 + 0.6 * strength : 0.4 + 0.4 * strength;
  return type({
    textDecoration: `underline ${line} var(--vscode-rewardLens-${sign}) ${thickness.toFixed(1)}px; text-underline-offset: 3px`,
  });
}

function ruler(color: string, lane: vscode.OverviewRulerLane): vscode.TextEditorDecorationType {
  return type({ overviewRulerColor: new vscode.ThemeColor(color), overviewRulerLane: lane });
}
