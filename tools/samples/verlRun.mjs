// Writes samples/verl-run: rollout dumps of three train steps and one validation dump, as verl 0.9 writes them.
//   node tools/samples/verlRun.mjs
import { mkdirSync, writeFileSync } from "node:fs";

/**
 * A problem with its solution in steps; `wrong` is the step at which a rollout may go wrong, and how.
 * @typedef {{ question: string, answer: number, steps: readonly string[], wrong: readonly { step: number, text: string, rest: readonly string[], answer: number }[] }} Problem
 */

/** @type {readonly Problem[]} */
const problems = [
  {
    question: "A baker makes 14 trays of 12 rolls and sells 95 of them. How many rolls are left?",
    answer: 73,
    steps: ["14 trays of 12 rolls are 14 * 12 = 168 rolls.", "He sells 95, so 168 - 95 = 73 rolls are left."],
    wrong: [
      { step: 0, text: "14 trays of 12 rolls are 14 * 12 = 158 rolls.", rest: ["He sells 95, so 158 - 95 = 63 rolls are left."], answer: 63 },
      { step: 1, text: "He sells 95, so 168 - 95 = 83 rolls are left.", rest: [], answer: 83 },
    ],
  },
  {
    question: "Mia reads 18 pages a day for 9 days. The book has 240 pages. How many pages are still to be read?",
    answer: 78,
    steps: ["In 9 days Mia reads 9 * 18 = 162 pages.", "The book has 240 pages.", "240 - 162 = 78 pages are still to be read."],
    wrong: [
      { step: 0, text: "In 9 days Mia reads 9 * 18 = 152 pages.", rest: ["The book has 240 pages.", "240 - 152 = 88 pages are still to be read."], answer: 88 },
      { step: 2, text: "240 - 162 = 88 pages are still to be read.", rest: [], answer: 88 },
    ],
  },
  {
    question: "A tank holds 450 litres and is filled at 25 litres a minute. A leak loses 7 litres a minute. After how many minutes is it full?",
    answer: 25,
    steps: ["The tank gains 25 - 7 = 18 litres a minute.", "It holds 450 litres.", "450 / 18 = 25 minutes."],
    wrong: [
      { step: 0, text: "The tank gains 25 + 7 = 32 litres a minute.", rest: ["It holds 450 litres.", "450 / 32 is about 14 minutes."], answer: 14 },
      { step: 2, text: "450 / 18 = 24 minutes.", rest: [], answer: 24 },
    ],
  },
  {
    question: "Tickets cost 12 euros, children pay half. What do 3 adults and 5 children pay?",
    answer: 66,
    steps: ["An adult pays 12 euros, a child 12 / 2 = 6 euros.", "3 adults pay 3 * 12 = 36 euros.", "5 children pay 5 * 6 = 30 euros.", "Together that is 36 + 30 = 66 euros."],
    wrong: [
      { step: 2, text: "5 children pay 5 * 12 = 60 euros.", rest: ["Together that is 36 + 60 = 96 euros."], answer: 96 },
      { step: 3, text: "Together that is 36 + 30 = 56 euros.", rest: [], answer: 56 },
    ],
  },
];

const openings = [
  "Let me work through this step by step.",
  "First I write down what is known.",
  "I go through the story from the beginning.",
  "What is asked for is the number at the end.",
];
const doubts = [
  "Let me check the first result once more. Yes, it holds.",
  "Wait, is that right? I compute it again and get the same number.",
  "That looks plausible: the order of magnitude fits.",
];

/**
 * One rollout's text: a thought in steps, then the answer.
 * @param {Problem} problem
 * @param {number} variant which mistake; −1 for none
 * @param {number} style
 */
function solution(problem, variant, style) {
  const mistake = problem.wrong[variant];
  const steps = mistake === undefined ? problem.steps : [...problem.steps.slice(0, mistake.step), mistake.text, ...mistake.rest];
  const doubt = style % 3 === 1 ? [doubts[style % doubts.length] ?? ""] : [];
  const thought = [openings[style % openings.length] ?? "", ...steps, ...doubt];
  const list = style % 4 === 3;
  const body = list ? thought.map((step, i) => `${i + 1}. ${step}`).join("\n") : thought.join("\n\n");
  const answer = mistake?.answer ?? problem.answer;
  return { output: `<think>\n${body}\n</think>\n\nThe answer is \\boxed{${answer}}.`, pred: String(answer), acc: mistake === undefined };
}

/** @param {number} n */
function uuid(n) {
  const hex = (Math.imul(n + 1, 2654435761) >>> 0).toString(16).padStart(8, "0");
  return `${hex}-${hex.slice(0, 4)}-4${hex.slice(1, 4)}-a${hex.slice(2, 5)}-${hex}${hex.slice(4)}`;
}

/** Mistake of each rollout of each group (−1 none), by train step: rewards rise, some groups teach nothing. */
const plan = [
  [[0, 0, 1, -1], [0, 1, 0, 1], [1, -1, 0, -1]],
  [[-1, 0, -1, 1], [-1, 0, 0, -1], [-1, -1, 1, -1]],
  [[-1, -1, -1, 1], [-1, -1, 0, -1], [-1, -1, -1, -1]],
];

/**
 * @param {number} step
 * @param {readonly (readonly number[])[]} groups
 * @param {number} offset which problem comes first
 */
function rows(step, groups, offset) {
  return groups.flatMap((variants, g) => {
    const problem = problems[(g + offset) % problems.length];
    if (problem === undefined) return [];
    return variants.map((variant, r) => {
      const { output, pred, acc } = solution(problem, variant, step + 2 * r + g);
      const input = `system\nReason step by step, then give the answer in \\boxed{}.\nuser\n${problem.question}\nassistant\n`;
      const uid = `${uuid(10 * step + g)}_${r}_0`;
      return { input, output, gts: String(problem.answer), score: acc ? 1 : 0, step, uid, acc, pred, format: 1 };
    });
  });
}

/**
 * @param {string} path
 * @param {readonly object[]} records
 */
function write(path, records) {
  const url = new URL(`../../samples/verl-run/${path}`, import.meta.url);
  mkdirSync(new URL(".", url), { recursive: true });
  writeFileSync(url, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
}

plan.forEach((groups, i) => write(`rollouts/${i + 1}.jsonl`, rows(i + 1, groups, i)));
write("validation/3.jsonl", rows(3, [[-1], [0], [-1], [-1]], 0).map((row) => ({ ...row, uid: row.uid.replace("_0_0", "_v_0"), reward: row.score })));
