// Writes samples/first-run/worked-example.jsonl: ten hand-written rollouts, their tokens made exact by a program.
//   node tools/samples/workedExample.mjs
import { writeFileSync } from "node:fs";
import { logprobs, spansOf, Vocabulary } from "./tokens.mjs";

const vocabulary = new Vocabulary();

/**
 * The policy's turn from its parts. A string is text outside steps; an array is a step: its text, the process reward p,
 * and the critic's value at its end. Values of the tokens of a step go there in equal parts.
 * @param {string} seed
 * @param {(string | [text: string, p: number | null, value: number])[]} parts
 * @param {{ value: number, ref?: boolean, toolCalls?: unknown[], reward?: number, state?: string }} options value before the first token
 */
function policy(seed, parts, { value, ref = false, toolCalls, reward, state }) {
  let content = "";
  const steps = [];
  const anchors = [{ at: 0, value }];
  for (const part of parts) {
    if (typeof part === "string") {
      content += part;
      continue;
    }
    const [text, p, after] = part;
    const start = content.length;
    content += text;
    steps.push({ start, end: content.length, ...(p === null ? {} : { reward: p }) });
    anchors.push({ at: content.length, value: after });
  }
  const offsets = spansOf(content);
  const n = offsets.length;
  const tokens = {
    offsets,
    ids: offsets.map(([from, to]) => vocabulary.id(content.slice(from, to))),
    logprobs: logprobs(seed, n),
    ...(ref ? { ref_logprobs: logprobs(`${seed} ref`, n) } : {}),
    values: offsets.map(([, to]) => valueAt(anchors, to)),
  };
  return {
    role: "assistant",
    content,
    ...(state === undefined ? {} : { state }),
    ...(reward === undefined ? {} : { reward }),
    ...(toolCalls === undefined ? {} : { tool_calls: toolCalls }),
    tokens,
    steps,
  };
}

/**
 * Linear between the anchors, constant after the last, two decimals.
 * @param {{ at: number, value: number }[]} anchors
 * @param {number} at
 */
function valueAt(anchors, at) {
  const next = anchors.findIndex((anchor) => anchor.at >= at);
  if (next < 0) return anchors.at(-1)?.value ?? 0;
  if (next === 0) return anchors[0]?.value ?? 0;
  const [a, b] = [anchors[next - 1], anchors[next]];
  if (a === undefined || b === undefined) return 0;
  return Math.round(100 * (a.value + ((b.value - a.value) * (at - a.at)) / (b.at - a.at))) / 100;
}

/**
 * A tool's answer, its tokens logged and masked.
 * @param {string} name
 * @param {string} content
 */
function maskedTool(name, content) {
  const offsets = spansOf(content);
  const ids = offsets.map(([from, to]) => vocabulary.id(content.slice(from, to)));
  return { role: "tool", name, content, tool_call_id: "call_1", tokens: { offsets, ids, mask: offsets.map(() => 0) } };
}

const system = { role: "system", content: "Think step by step. Put the final answer in \\boxed{}." };
const pencils = {
  role: "user",
  content: "Ben has 23 pencils. He buys 4 boxes of 27 pencils each and gives away 11. How many pencils are left?",
};
const train = { role: "user", content: "A train goes 60 km in 45 minutes. How far does it go in 2 hours at that speed?" };
const apples = { role: "user", content: "小明有 3 袋苹果 🍎, 每袋 5 个. How many apples are there?" };
const shop = {
  role: "user",
  content: "You have 50 coins. A lamp costs 18 coins, a chair twice as much. Ask the shop for a discount, then say what both cost.",
};

const step1 = { run: "first-run", train_step: 1 };
const step2 = { run: "first-run", train_step: 2 };
const boxes = "4 boxes of 27 pencils are 4 × 27 = ";

const lines = [
  {
    id: "pencils-1",
    ...step1,
    group: "pencils",
    reward: 1,
    rewards: { correct: 1, format: 1 },
    success: true,
    answer: "120",
    turns: [
      system,
      pencils,
      policy(
        "pencils-1",
        [
          "<think>\n",
          [`${boxes}108.`, 0.97, 0.62],
          "\n\n",
          ["With the 23 he had: 23 + 108 = 131.", 0.95, 0.81],
          "\n\n",
          ["He gives away 11: 131 - 11 = 120.", 0.96, 0.94],
          "\n</think>\n",
          ["The answer is \\boxed{120}.", 0.98, 0.97],
        ],
        { value: 0.5, ref: true },
      ),
    ],
    metadata: { difficulty: "easy", source: "hand-written" },
  },
  {
    id: "pencils-2",
    ...step1,
    group: "pencils",
    reward: 0,
    rewards: { correct: 0, format: 1 },
    success: false,
    answer: "120",
    turns: [
      system,
      pencils,
      policy(
        "pencils-2",
        [
          "<think>\n",
          [`${boxes}108.`, 0.97, 0.62],
          "\n\n",
          ["With the 23 he had: 23 + 108 = 141.", 0.06, 0.2],
          "\n\n",
          ["Let me double-check: 108 + 20 = 128, and 3 more makes 131. But I wrote 141 already, so I keep it.", 0.11, 0.1],
          "\n\n",
          ["He gives away 11: 141 - 11 = 130.", 0.24, 0.06],
          "\n</think>\n",
          ["The answer is \\boxed{130}.", 0.05, 0.03],
        ],
        { value: 0.5, ref: true },
      ),
    ],
  },
  {
    id: "pencils-3",
    ...step1,
    group: "pencils",
    reward: 0,
    rewards: { correct: 0, format: 1 },
    success: false,
    answer: "120",
    turns: [
      system,
      pencils,
      policy(
        "pencils-3",
        [
          "<think>\n",
          [`${boxes}98.`, 0.04, 0.18],
          "\n\n",
          ["98 and 23 are 121, less 11 is 110.", 0.35, 0.08],
          "\n</think>\n",
          ["The answer is \\boxed{110}.", 0.07, 0.04],
        ],
        { value: 0.5, ref: true },
      ),
    ],
  },
  {
    id: "pencils-4",
    ...step1,
    group: "pencils",
    reward: 1,
    rewards: { correct: 1, format: 1 },
    success: true,
    answer: "120",
    turns: [
      system,
      pencils,
      policy(
        "pencils-4",
        [
          "<think>\n",
          ["What I need:", null, 0.52],
          "\n",
          ["- the boxes, 4 × 27", 0.93, 0.58],
          "\n",
          ["- plus the 23 he had, less the 11 he gives away", 0.95, 0.66],
          "\n</think>\n",
          ["I ask the calculator.", 0.9, 0.7],
        ],
        {
          value: 0.5,
          ref: true,
          toolCalls: [{ id: "call_1", name: "calculator", arguments: '{"expression": "4 * 27 + 23 - 11"}' }],
        },
      ),
      { role: "tool", name: "calculator", content: "120", tool_call_id: "call_1" },
      policy("pencils-4b", [["The calculator says 120, so the answer is \\boxed{120}.", 0.97, 0.96]], { value: 0.9, ref: true }),
    ],
  },
  {
    id: "train-1",
    ...step1,
    group: "train",
    reward: 0,
    success: false,
    answer: "160",
    turns: [
      system,
      train,
      policy(
        "train-1",
        [
          ["45 minutes are 0.75 hours, so the speed is 60 / 0.75 = 70 km an hour.", 0.1, 0.15],
          "\n\n",
          ["In 2 hours it goes 2 × 70 = \\boxed{140} km.", 0.2, 0.05],
        ],
        { value: 0.4 },
      ),
    ],
  },
  {
    id: "train-2",
    ...step1,
    group: "train",
    reward: 0,
    success: false,
    truncated: true,
    final_value: 0.35,
    answer: "160",
    turns: [
      system,
      train,
      policy(
        "train-2",
        [
          ["In 15 minutes it goes 20 km, so in one hour 80 km.", 0.94, 0.6],
          "\n\n",
          ["Is that so? 60 / 3 = 20. Yes. And 45 / 3 = 15. Yes. So in 15 minutes", 0.7, 0.35],
        ],
        { value: 0.4 },
      ),
    ],
  },
  {
    id: "apples-1",
    ...step1,
    group: "apples",
    reward: 1,
    success: true,
    answer: "15",
    turns: [
      system,
      apples,
      policy(
        "apples-1",
        [["3 袋 × 5 个 = 15 个 🍎🍎.", 0.96, 0.8], "\n\n", ["The answer is \\boxed{15}.", 0.97, 0.95]],
        { value: 0.6 },
      ),
    ],
    reviewer_note: "an unknown field, kept and shown",
  },
  ...[
    { id: "shop-1", offer: "I can do 10 % off.", total: "48.6", right: true, p: [0.92, 0.9, 0.95], value: 0.9 },
    { id: "shop-2", offer: "I can do 10 % off.", total: "44", right: false, p: [0.92, 0.3, 0.1], value: 0.1 },
    { id: "shop-3", offer: "No discount today.", total: "50", right: false, p: [0.85, 0.2, 0.08], value: 0.08 },
  ].map(({ id, offer, total, right, p, value }) => ({
    id,
    ...step2,
    group: "shop",
    reward: right ? 1 : 0,
    success: right,
    answer: "48.6",
    turns: [
      system,
      { ...shop, state: "start" },
      policy(`${id} ask`, [["I ask the shop for a discount.", p[0] ?? null, 0.5]], {
        value: 0.4,
        state: "asked",
        reward: 0,
        toolCalls: [{ id: "call_1", name: "shop", arguments: '{"say": "Any discount?"}' }],
      }),
      maskedTool("shop", offer),
      policy(
        `${id} say`,
        [
          ["The chair costs 2 × 18 = 36 coins, both are 54.", p[1] ?? null, 0.6],
          "\n\n",
          [`So both cost \\boxed{${total}} coins.`, p[2] ?? null, value],
        ],
        { value: 0.5, state: "answered", reward: right ? 1 : 0 },
      ),
    ],
  })),
];

/** GRPO's advantages as a trainer would have logged them, for the first group. */
function logAdvantages() {
  const members = lines.filter((line) => line.group === "pencils");
  const rewards = members.map((line) => line.reward);
  const mean = rewards.reduce((sum, x) => sum + x, 0) / rewards.length;
  const std = Math.sqrt(rewards.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (rewards.length - 1));
  for (const line of members) {
    for (const turn of line.turns) {
      if (turn.role !== "assistant" || !("tokens" in turn)) continue;
      const tokens = /** @type {{ offsets: unknown[], advantages?: number[] }} */ (turn.tokens);
      tokens.advantages = tokens.offsets.map(() => (line.reward - mean) / (std + 1e-6));
    }
  }
}

logAdvantages();
const text = lines.map((line) => JSON.stringify({ schema: "rewardlens/1", ...line })).join("\n");
writeFileSync(new URL("../../samples/first-run/worked-example.jsonl", import.meta.url), `${text}\n`);
