"""Examples as tensors: `<bos>` problem `<sol>` step `<step>` step `<step>` ..., and a worker that makes batches."""
import os
import random
from dataclasses import dataclass

import torch

from generator import training_examples
from numbers_in_text import BOS, PAD, SOL, STEP

BATCH_TOKENS = 2000
LONGEST = 1024


@dataclass
class Encoded:
    ids: list
    labels: list     # for each token of a step: right so far; -1 elsewhere
    written: list    # 1 where the next token may be learned as language (nothing after a mistake)
    marks: list      # (position of <step>, label, kind of mistake or family)


def encode(tokenizer, example):
    """One example; every piece is tokenised by itself."""
    ids, _ = tokenizer.encode(example.problem)
    ids = [BOS, *ids, SOL]
    labels, written, marks = [-1] * len(ids), [1] * len(ids), []
    for step in example.steps:
        tokens, ends = tokenizer.encode(step.text)
        limit = 1 << 30 if step.mark is None else len(step.text[:step.mark].encode())
        ids += [*tokens, STEP]
        labels += [0 if end >= limit else 1 for end in ends] + [step.label]
        written += [step.label] * (len(tokens) + 1)
        marks.append((len(ids) - 1, step.label, step.kind or example.family))
    return Encoded(ids, labels, written, marks)


def batches(items, tokens=BATCH_TOKENS):
    """Groups of about the same length, each of at most so many padded tokens."""
    groups, group, longest = [], [], 0
    for item in sorted(items, key=lambda item: len(item.ids)):
        wider = max(longest, len(item.ids))
        if group and wider * (len(group) + 1) > tokens:
            groups.append(group)
            group, wider = [], len(item.ids)
        group.append(item)
        longest = wider
    return groups + [group] if group else groups


def tensors(group):
    """Padded ids, labels and language mask of a group."""
    width = max(len(item.ids) for item in group)

    def padded(rows, fill):
        return torch.tensor([row + [fill] * (width - len(row)) for row in rows])

    return padded([i.ids for i in group], PAD), padded([i.labels for i in group], -1), padded([i.written for i in group], 0)


def worker(queue, tokenizer, seed):
    """Makes training batches for ever."""
    os.nice(5)
    torch.set_num_threads(1)
    rng = random.Random(seed)
    while True:
        items = [encode(tokenizer, example) for _ in range(1000) for example in training_examples(rng)]
        groups = batches([item for item in items if len(item.ids) <= LONGEST])
        rng.shuffle(groups)
        for group in groups:
            queue.put(tensors(group))
