"""Supervised warm-up: the start policy of both runs, and its tokenizer."""
import math
import random
import time

import torch
from torch.nn import functional as F

from model import Transformer
from problems import make_problem
from solutions import Habits, write_drill, write_solution
from tokenizer import END, PAD, PIECE, Tokenizer, prompt_text

ROLES = "user\n\nassistant\nCheck: 0123456789"


def make_tokenizer(seed=7, count=6000):
    """A tokenizer that knows every piece of the problems and their solutions."""
    rng, texts = random.Random(seed), [ROLES]
    for _ in range(count):
        problem = make_problem(rng)
        texts += [prompt_text(problem), write_solution(problem, rng, Habits())]
    return Tokenizer(texts)


def result_weights(text):
    """1 at the pieces of each equation's result, little elsewhere: what the operands are cannot be foretold."""
    weights, inside = [], False
    for piece in PIECE.findall(text):
        weights.append(1.0 if inside else 0.02)
        inside = piece == " =" or inside and piece != "."
    return weights


def example(rng, tokenizer, habits, drill):
    """One training text: (ids, their weights as targets)."""
    if drill:
        text = write_drill([make_problem(rng) for _ in range(4)])
        return tokenizer.encode(text), result_weights(text)
    problem = make_problem(rng)
    prompt = tokenizer.encode(prompt_text(problem))
    solution = tokenizer.encode(write_solution(problem, rng, habits)) + [END]
    return prompt + solution, [0.02] * len(prompt) + [1.0] * len(solution)


def batches(rng, tokenizer, habits, size, drills):
    """Endless batches of texts of similar length: (ids, weight of each position as a target)."""
    while True:
        pool = [example(rng, tokenizer, habits, rng.random() < drills()) for _ in range(size * 8)]
        pool.sort(key=lambda pair: len(pair[0]))
        chunks = [pool[i:i + size] for i in range(0, len(pool), size)]
        rng.shuffle(chunks)
        for chunk in chunks:
            longest = max(len(ids) for ids, _ in chunk)
            ids = torch.tensor([ids + [PAD] * (longest - len(ids)) for ids, _ in chunk])
            weight = torch.tensor([weights + [0.0] * (longest - len(weights)) for _, weights in chunk])
            yield ids, weight


def warm_up(tokenizer, updates, size=48, rate=2e-3, seed=1, report=lambda policy, line: print(line, flush=True)):
    """Trains a policy from scratch; the share of drills falls in the first half."""
    torch.manual_seed(seed)
    policy, done = Transformer(len(tokenizer)), 0
    optimiser = torch.optim.AdamW(policy.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.05)
    source = batches(random.Random(seed), tokenizer, Habits(), size, lambda: max(0.05, 0.75 - done / updates))
    began, total = time.time(), 0.0
    for done in range(updates):
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1, (done + 1) / 100) * (0.55 + 0.45 * math.cos(math.pi * done / updates))
        ids, weight = next(source)
        logits = policy(ids[:, :-1], ids[:, :-1] != PAD)
        losses = F.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction="none")
        loss = (losses * weight[:, 1:]).sum() / weight[:, 1:].sum()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        optimiser.step()
        total += loss.item()
        if done % 100 == 99:
            report(policy, f"warm-up {done + 1}/{updates}: loss {total / 100:.4f}, {time.time() - began:.0f} s")
            total = 0.0
    return policy
