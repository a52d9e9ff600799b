import { jsonLinesFormat } from "../jsonLines.ts";
import { completionOf, isFailedRequest, readExchange } from "../openai/exchange.ts";

/**
 * Responses of OpenAI's chat completions and Responses APIs, and of servers that speak them (vLLM, SGLang): alone, beside
 * the `messages` they answer, or in the wrapper of a batch. The choices of one response are rollouts of one group.
 */
export const openaiChat = jsonLinesFormat({
  id: "openaiChat",
  label: "OpenAI responses",
  written: "OpenAI chat completions, Responses and batch output; the additions of vLLM and SGLang",
  lacks: "train steps; token ids but with vLLM and SGLang; rewards but where a row has `reward` or `score`",
  doc: "`choices` with `logprobs.content` (token bytes give exact spans), beside `messages` or in a batch's `response.body`.",
  matches: (record) => completionOf(record) !== null || isFailedRequest(record),
  read: readExchange,
});
