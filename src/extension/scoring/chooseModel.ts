import * as vscode from "vscode";
import type { ModelChoice } from "../../protocol/scorer.ts";

export interface Offered {
  readonly bundled: readonly ModelChoice[];
  readonly recent: readonly ModelChoice[];
  readonly configured: readonly ModelChoice[];
  /** Scorers without a model. */
  readonly verifiers: readonly ModelChoice[];
}

interface ModelItem extends vscode.QuickPickItem {
  readonly choice?: ModelChoice;
}

const browse: ModelItem = {
  label: "$(folder) Model folder…",
  description: "with an .onnx file, tokenizer.json and config.json",
};
const browseGraph: ModelItem = {
  label: "$(file) One of several graphs in a folder…",
  description: "as model_quantized.onnx or onnx/model_fp16.onnx",
};

/** The model to score with, or the folder that was picked; undefined when nothing was. */
export async function chooseModel(
  title: string,
  { bundled, recent, configured, verifiers }: Offered,
): Promise<string | undefined> {
  const seen = new Set<string>();
  const section = (label: string, choices: readonly ModelChoice[]): ModelItem[] => {
    const fresh = choices.filter(({ folder }) => !seen.has(folder) && seen.add(folder));
    if (fresh.length === 0) return [];
    return [{ label, kind: vscode.QuickPickItemKind.Separator }, ...fresh.map(itemOf)];
  };
  const items = [
    ...section("Recent", recent),
    ...section("Bundled", bundled),
    ...section("From the settings", configured),
    ...section("Without a model", verifiers),
    { label: "Elsewhere", kind: vscode.QuickPickItemKind.Separator },
    browse,
    browseGraph,
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: "A model or a verifier that judges every rollout of the run on this machine",
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked !== browse && picked !== browseGraph) return picked?.choice?.folder;
  const isGraph = picked === browseGraph;
  const [chosen] =
    (await vscode.window.showOpenDialog({
      canSelectFolders: !isGraph,
      canSelectFiles: isGraph,
      openLabel: "Take This Model",
      ...(isGraph ? { filters: { "ONNX models": ["onnx"] } } : {}),
    })) ?? [];
  return chosen?.fsPath;
}

function itemOf(choice: ModelChoice): ModelItem {
  const { label, id, doc, problem, head, note } = choice;
  const detail = [note, doc].filter((words) => words !== "").join(" · ");
  if (problem === "") return { label, description: `${id} · ${head}`, detail, choice };
  return { label: `$(warning) ${label}`, description: id, detail: problem, choice };
}
