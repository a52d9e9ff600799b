"""Trains the model in one or more processes with one thread each: `python3 train.py MINUTES DIRECTORY [RATE [hold]]`.

The directory holds tokenizer.json; model.pt goes there, again and again, so that a stop leaves a usable model. `hold` keeps the rate
to the end, for a training that another one will take up. PRM_PROCESSES says how many processes average their gradients (1).
"""
import json
import multiprocessing
import os
import random
import sys
import time

import torch
import torch.distributed as distributed
import torch.nn.functional as F

from data import batches, encode, tensors, worker
from generator import make_example
from model import StepModel
from numbers_in_text import PAD, STEP
from tokenizer import Tokenizer

SEED, DATA_SEED, PROCESSES = 0, 12345, int(os.environ.get("PRM_PROCESSES", "1"))
RATE, WARM_UP, FLAT = 1.2e-3, 100, 0.15
REPORT_EVERY = 150   # seconds
LANGUAGE_WEIGHT, LANGUAGE_SHARE = 0.4, 0.6


def loss_of(model, ids, labels, written):
    """Label loss (mostly at the end of steps) and a next-token loss, which teaches what a right step looks like."""
    # Half the numbers' length where the CPU multiplies such; sums, norms and the weights keep theirs.
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model.hidden(ids)
    hidden = hidden.float()
    weight = torch.where(ids == STEP, 10.0, torch.where(labels == 0, 1.0, 0.3)) * (labels >= 0)
    each = F.cross_entropy(model.head(hidden).reshape(-1, 2), labels.clamp(min=0).reshape(-1), reduction="none").view_as(weight)
    loss = (each * weight).sum() / weight.sum()
    targets = ids[:, 1:]
    learned = (written[:, 1:] > 0) & (targets != PAD) & (torch.rand(targets.shape) < LANGUAGE_SHARE)
    chosen = learned.reshape(-1).nonzero().squeeze(1)
    logits = F.linear(hidden[:, :-1].reshape(-1, hidden.shape[-1])[chosen], model.embed.weight)
    return loss, F.cross_entropy(logits, targets.reshape(-1)[chosen])


def judge(model, items):
    """(probability that the step is right, label, kind) of every step."""
    model.eval()
    found = []
    with torch.no_grad():
        for group in batches(items):
            ids = tensors(group)[0]
            right = torch.softmax(model(ids, (ids != PAD).long()), -1)[..., 1]
            for row, item in enumerate(group):
                found += [(float(right[row, position]), label, kind) for position, label, kind in item.marks]
    model.train()
    return found


def f1(found, threshold=0.5):
    """F1, precision and recall of finding wrong steps."""
    hit = sum(label == 0 and p < threshold for p, label, _ in found)
    false_alarm = sum(label == 1 and p < threshold for p, label, _ in found)
    missed = sum(label == 0 and p >= threshold for p, label, _ in found)
    return 2 * hit / max(1, 2 * hit + false_alarm + missed), hit / max(1, hit + false_alarm), hit / max(1, hit + missed)


def rate_at(rate, hold, step, share):
    """Warm-up, then constant, then down to almost nothing at the end of the time."""
    return rate * min(1, (step + 1) / WARM_UP) * (1 if hold or share < FLAT else max(0.01, (1 - share) / (1 - FLAT)))


def validation(tokenizer):
    """Two small fixed sets, drawn with other seeds than those of the evaluation."""
    return {name: [encode(tokenizer, make_example(rng, held, family=family)) for _ in range(200)]
            for name, rng, held, family in (("seen", random.Random(999), False, None), ("held", random.Random(998), True, None), ("sketches", random.Random(997), True, "sketch"))}


def average(model, share):
    """Averages the gradients of the two processes; returns the share of the time that has passed, as the first sees it."""
    if PROCESSES == 1:
        return share
    parameters = [p for p in model.parameters() if p.grad is not None]
    flat = torch.cat([p.grad.reshape(-1) for p in parameters] + [torch.tensor([share])])
    distributed.all_reduce(flat)
    offset = 0
    for p in parameters:
        p.grad.copy_(flat[offset:offset + p.numel()].view_as(p) / PROCESSES)
        offset += p.numel()
    return float(flat[-1])


def batch_source(tokenizer, seed):
    """A queue of batches, filled by a worker process of its own."""
    queue = multiprocessing.Queue(60)
    process = multiprocessing.Process(target=worker, args=(queue, tokenizer, seed), daemon=True)
    process.start()
    return queue, process


def report(model, checks, facts, began, numbers):
    """A line for the log, and a copy of the model so far."""
    scores = {name: "F1 %.3f P %.3f R %.3f" % f1(judge(model, items)) for name, items in checks.items()}
    passed = time.time() - began
    print(f"{passed:.0f} s, {facts['steps']} steps, {facts['tokens'] / facts['seconds']:.0f} tokens/s, loss {numbers[0]:.4f}, language {numbers[1]:.3f}, {scores}", flush=True)


def goes_on(model, facts, path):
    """Takes up an earlier training where there is one (its weights and counts; the optimiser starts afresh)."""
    if os.path.exists(path):
        saved = torch.load(path)
        model.load_state_dict(saved["model"])
        facts.update({key: saved["facts"][key] for key in ("steps", "tokens", "examples", "seconds")})


def train(rank, minutes, folder, rate, hold):
    """One of the processes that train together."""
    if rank > 0:
        os.setsid()   # a session of its own gets its own share of busy cores
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=PROCESSES)
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    tokenizer = Tokenizer.load(os.path.join(folder, "tokenizer.json"))
    model, checks = StepModel(tokenizer.texts()), validation(tokenizer) if rank == 0 else {}
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.05)
    facts = {"minutes": minutes, "parameters": sum(p.numel() for p in model.parameters()), "processes": PROCESSES, "steps": 0, "tokens": 0, "examples": 0}
    goes_on(model, facts, os.path.join(folder, "model.pt"))
    queue, process = batch_source(tokenizer, DATA_SEED + rank + facts["examples"])
    steps, earlier = 0, facts.get("seconds", 0)
    began, last, share, mean = time.time(), 0.0, 0.0, 0.7
    while share < 1:
        ids, labels, written = queue.get()
        loss, language = loss_of(model, ids, labels, written)
        (loss + LANGUAGE_WEIGHT * language).backward()
        passed = time.time() - began
        share = average(model, passed / (minutes * 60) if rank == 0 else 0.0)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = rate_at(rate, hold, steps, share)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        steps += 1
        facts["steps"] += 1
        facts["tokens"] += int((ids != PAD).sum()) * PROCESSES
        facts["examples"] += ids.shape[0] * PROCESSES
        mean = 0.98 * mean + 0.02 * float(loss.detach())
        if rank == 0 and (passed - last > REPORT_EVERY or share >= 1):
            last, facts["seconds"] = passed, earlier + round(passed)
            report(model, checks, facts, began, (mean, float(language.detach())))
            torch.save({"model": model.state_dict(), "facts": facts}, os.path.join(folder, "model.pt"))
    process.terminate()
    if rank == 0:
        print(json.dumps(facts))


def main():
    minutes, folder = float(sys.argv[1]), os.path.abspath(sys.argv[2])
    rate, hold = float(sys.argv[3]) if len(sys.argv) > 3 else RATE, sys.argv[4:5] == ["hold"]
    meeting = os.path.join(folder, "meeting")
    if os.path.exists(meeting):
        os.remove(meeting)
    others = [multiprocessing.Process(target=train, args=(rank, minutes, folder, rate, hold)) for rank in range(1, PROCESSES)]
    for other in others:
        other.start()
    train(0, minutes, folder, rate, hold)
    for other in others:
        other.join()


if __name__ == "__main__":
    main()
