import { expect, test } from "vitest";
import { nameFilter } from "../../../src/core/curve/nameFilter.ts";

function kept(text: string): readonly string[] {
  const filter = nameFilter(text);
  if (!filter.ok) throw new Error(filter.message);
  return ["actor/kl_loss", "actor/KL", "critic/score (mean)"].filter(filter.matches);
}

test("a word is part of a name, whatever the case; empty keeps all", () => {
  expect(kept("kl")).toEqual(["actor/kl_loss", "actor/KL"]);
  expect(kept("score (")).toEqual(["critic/score (mean)"]);
  expect(kept(" ")).toHaveLength(3);
});

test("between slashes stands a regular expression", () => {
  expect(kept("/kl$/")).toEqual([]);
  expect(kept("/kl$/i")).toEqual(["actor/KL"]);
  expect(kept("/^actor/g")).toEqual(["actor/kl_loss", "actor/KL"]);
});

test("a regular expression that cannot be read says so", () => {
  expect(nameFilter("/(/")).toMatchObject({ ok: false });
});
