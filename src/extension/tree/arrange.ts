import * as vscode from "vscode";
import { filterHelp, parseFilter } from "../../core/rollout/filter.ts";
import type { SortKey } from "../../protocol/store.ts";
import type { Session } from "../session.ts";

const orders: readonly { readonly label: string; readonly sort: SortKey; readonly descending: boolean }[] = [
  { label: "As logged", sort: "log", descending: false },
  { label: "Reward, highest first", sort: "reward", descending: true },
  { label: "Reward, lowest first", sort: "reward", descending: false },
  { label: "Length, longest first", sort: "length", descending: true },
  { label: "Length, shortest first", sort: "length", descending: false },
  { label: "Spread of the group, widest first", sort: "spread", descending: true },
  { label: "Spread of the group, narrowest first", sort: "spread", descending: false },
  { label: "Id", sort: "id", descending: false },
];

export async function sortRollouts(session: Session): Promise<void> {
  const { sort, descending } = session.view;
  const items = orders.map((order) => ({
    ...order,
    description: order.sort === sort && order.descending === descending ? "now" : "",
  }));
  const picked = await vscode.window.showQuickPick(items, { title: "Sort Rollouts" });
  if (picked !== undefined) await session.setView({ sort: picked.sort, descending: picked.descending });
}

export async function filterRollouts(session: Session): Promise<void> {
  const filter = await vscode.window.showInputBox({
    title: "Filter Rollouts",
    prompt: filterHelp,
    value: session.view.filter,
    validateInput: (text) => {
      try {
        parseFilter(text);
        return null;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  });
  if (filter !== undefined) await session.setView({ filter: filter.trim() });
}
