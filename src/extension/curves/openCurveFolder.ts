import * as vscode from "vscode";
import { UserError } from "../../protocol/userError.ts";
import type { Session } from "../session.ts";

/**
 * Lets the person pick a folder and opens it as a run. A folder without rollouts may still hold curves: it is given
 * back, for the panel to look through, when it does; null when it was opened or nothing was picked.
 * @throws UserError when it holds neither
 */
export async function openCurveFolder(session: Session): Promise<string | null> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: "Show Curves",
      title: "Folder of a run",
    })) ?? [];
  if (folder === undefined) return null;
  try {
    await session.add(folder.fsPath);
    return null;
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "store/nothing") throw error;
    const { series } = await session.store.curves(folder.fsPath);
    if (series.length > 0) return folder.fsPath;
    throw new UserError(
      "curves/nothing",
      `${folder.fsPath} holds neither rollouts nor training curves RewardLens can read.`,
    );
  }
}
