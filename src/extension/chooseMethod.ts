import * as vscode from "vscode";
import { creditMethods } from "../core/credit/registry.ts";
import { tagsOf } from "../core/credit/statusWords.ts";
import type { MethodChoice } from "../protocol/store.ts";
import type { Session } from "./session.ts";
import type { Traces } from "./trace/traces.ts";
import { isTrace } from "./trace/traceUri.ts";

interface MethodItem extends vscode.QuickPickItem {
  readonly choice: MethodChoice;
}

const presetButton: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("gear"),
  tooltip: "Choose a preset",
};

/**
 * "Choose Credit Method": what can be computed for the active trace, then the others with what they miss. Without a
 * trace all are offered; the choice holds for the workspace.
 */
export async function chooseMethod(session: Session, traces: Traces): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const choices =
    document !== undefined && isTrace(document)
      ? await session.store.methods((await traces.view(document.uri)).ref)
      : creditMethods.map(({ id, label, doc, status }) => ({
          id,
          label,
          doc,
          status,
          available: true,
          reason: "",
        }));
  const picked = await pick(session, choices);
  if (picked !== undefined) await session.choose(picked);
}

function pick(
  session: Session,
  choices: readonly MethodChoice[],
): Promise<Parameters<Session["choose"]>[0] | undefined> {
  const input = vscode.window.createQuickPick<MethodItem>();
  const current = session.request;
  input.title = "Credit Method";
  input.placeholder = "How credit is recomputed from the log";
  input.matchOnDetail = true;
  const available = choices
    .filter((choice) => choice.available)
    .map((choice) => item(choice, current.method));
  const others = choices.filter((choice) => !choice.available).map((choice) => item(choice, current.method));
  const missing = { label: "Not available for this rollout", kind: vscode.QuickPickItemKind.Separator };
  input.items = [...available, ...(others.length > 0 ? [missing as unknown as MethodItem, ...others] : [])];
  input.activeItems = input.items.filter((entry) => entry.choice?.id === current.method);
  return new Promise((resolve) => {
    let going = false;
    input.onDidAccept(() => {
      const chosen = input.selectedItems[0]?.choice;
      going = chosen !== undefined;
      input.hide();
      if (chosen !== undefined) resolve({ method: chosen.id, params: {} });
    });
    input.onDidTriggerItemButton(({ item: { choice } }) => {
      going = true;
      input.hide();
      void pickPreset(choice.id).then((preset) =>
        resolve(preset === undefined ? undefined : { method: choice.id, params: { preset } }),
      );
    });
    input.onDidHide(() => {
      input.dispose();
      if (!going) resolve(undefined);
    });
    input.show();
  });
}

function item(choice: MethodChoice, current: string): MethodItem {
  const presets = creditMethods.find(({ id }) => id === choice.id)?.presets ?? {};
  return {
    label: `${choice.id === current ? "$(check) " : ""}${choice.available ? "" : "$(circle-slash) "}${choice.label}`,
    description: [choice.id, ...tagsOf(choice.status), ...(choice.available ? [] : [choice.reason])].join(
      " · ",
    ),
    detail: choice.doc,
    buttons: Object.keys(presets).length > 1 ? [presetButton] : [],
    choice,
  };
}

async function pickPreset(method: string): Promise<string | undefined> {
  const found = creditMethods.find(({ id }) => id === method);
  const items = Object.entries(found?.presets ?? {}).map(([label, values]) => ({
    label,
    description: Object.entries(values as Record<string, unknown>)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(" · "),
  }));
  return (await vscode.window.showQuickPick(items, { title: `${found?.label}: Preset` }))?.label;
}
