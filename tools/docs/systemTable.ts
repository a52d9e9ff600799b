import type { System } from "../systems/system.ts";

/** A row for each published system. */
export function systemTable(systems: readonly System[]): readonly string[] {
  return [
    "| # | system | what works | status | what shows it |",
    "| --: | --- | --- | --- | --- |",
    ...systems.map(({ n, name, paper, works, status, shows, sample }) => {
      const commands = shows.map((command) => `\`rewardlens ${cell(command)}\``).join("<br>");
      const file = sample === null ? "" : `<br>[${sample.replace(/^samples\//, "")}](../${sample})`;
      return `| ${n} | **${cell(name)}**: ${cell(paper)} | ${cell(works)} | ${status === "none" ? "—" : status} | ${commands}${file} |`;
    }),
  ];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
