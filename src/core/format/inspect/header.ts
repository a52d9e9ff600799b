import { isRecord } from "../isRecord.ts";
import { present } from "./sample.ts";

type Json = Readonly<Record<string, unknown>>;

/** What an EvalLog says of all its samples, for their metadata. A log without a header is still written. */
export function headerMetadata(log: Json): Json {
  const spec: Json = isRecord(log["eval"]) ? log["eval"] : {};
  const config: Json = isRecord(spec["config"]) ? spec["config"] : {};
  const { task, task_version, model, created, eval_id, run_id } = spec;
  return present({
    task,
    task_version: task_version === 0 ? undefined : task_version,
    model,
    created,
    eval_id,
    run_id,
    epochs: config["epochs"],
    status: log["status"] ?? "started",
    log_error: log["error"],
  });
}
