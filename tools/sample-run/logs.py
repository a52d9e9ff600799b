"""What a run leaves behind: rollouts (native and as verl dumps them) and metrics (JSON Lines and TensorBoard)."""
import json
import shutil
from dataclasses import dataclass

from events import EventFile
from tokenizer import prompt_text


@dataclass
class Rollout:
    """One response with its reward and its tokens' numbers."""
    problem: object
    text: str
    ids: list
    ended: bool
    rewards: dict
    group: int = 0
    place: int = 0
    uid: str = ""
    advantage: float = 0.0
    columns: dict = None

    @property
    def reward(self):
        return round(sum(self.rewards.values()), 6)

    @property
    def success(self):
        return self.rewards["correct"] > 0


def short(numbers):
    """Rounded to five significant digits."""
    return [float(f"{x:.5g}") for x in numbers]


def offsets(pieces):
    """The span of each piece; the end token, an empty piece, has an empty span."""
    spans, position = [], 0
    for piece in pieces:
        spans.append([position, position + len(piece)])
        position += len(piece)
    return spans


def native_line(rollout, run, step, tokenizer):
    """A rollout as a line of `rewardlens/1`."""
    tokens = {"offsets": offsets([tokenizer.pieces[i] for i in rollout.ids]), "ids": rollout.ids,
              **{name: short(column) for name, column in rollout.columns.items()},
              "advantages": [rollout.advantage] * len(rollout.ids)}
    group = f"s{step:03d}-p{rollout.group}"
    return {"schema": "rewardlens/1", "id": f"{group}-r{rollout.place}", "run": run, "train_step": step,
            "group": group, "reward": rollout.reward, "rewards": rollout.rewards, "success": rollout.success,
            "truncated": not rollout.ended, "answer": str(rollout.problem.answer),
            "turns": [{"role": "user", "content": rollout.problem.text},
                      {"role": "assistant", "content": rollout.text, "tokens": tokens}],
            "metadata": {"temperature": 1, "kind": rollout.problem.kind}}


def verl_line(rollout, step):
    """A rollout as verl 0.9 dumps it."""
    return {"input": prompt_text(rollout.problem), "output": rollout.text, "gts": str(rollout.problem.answer),
            "score": rollout.reward, "step": step, "uid": f"{rollout.uid}_{rollout.place}_0",
            "acc": rollout.success, **{name: value for name, value in rollout.rewards.items() if name != "correct"}}


class RunLog:
    """Writes the files of one run, from scratch."""

    def __init__(self, folder, run, tokenizer):
        self.run, self.tokenizer = run, tokenizer
        # Beside the run and not in it: the same rollouts twice in one folder would be two runs.
        self.dumps = folder.with_name(f"{folder.name}-verl")
        for path in (folder, self.dumps):
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(parents=True)
        self.rollouts = open(folder / "rollouts.jsonl", "w", encoding="utf-8")
        self.metrics = open(folder / "metrics.jsonl", "w", encoding="utf-8")
        self.events = EventFile(folder / "tensorboard")

    def add_metrics(self, step, numbers):
        """One line of verl's file logger, and the same scalars for TensorBoard."""
        self.metrics.write(json.dumps({"step": step, "data": numbers}, separators=(",", ":")) + "\n")
        self.metrics.flush()
        self.events.add(step, numbers)

    def add_rollouts(self, step, rollouts):
        """The whole batch of a train step."""
        for rollout in rollouts:
            line = native_line(rollout, self.run, step, self.tokenizer)
            self.rollouts.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
        dump = [json.dumps(verl_line(rollout, step), ensure_ascii=False) + "\n" for rollout in rollouts]
        (self.dumps / f"{step}.jsonl").write_text("".join(dump), encoding="utf-8")

    def close(self):
        self.rollouts.close()
        self.metrics.close()
        self.events.close()
