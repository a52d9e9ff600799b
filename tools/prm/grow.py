"""Takes up a model that was trained with fewer tokens or fewer facts about numbers: `python3 grow.py OLD_DIRECTORY NEW_DIRECTORY [TOKENS]`.

The new tokenizer is the old one with further merges behind its own, learned from text of the present generator, so that what the old one
kept whole stays whole. New tokens begin as the mean of their parts, new facts with weight zero.
"""
import os
import random
import sys

import torch

from generator import make_example
from model import StepModel
from tokenizer import Tokenizer, save, train

EXAMPLES, SEED = 12000, 7


def with_merges(old, size):
    """Vocabulary and merges of the tokenizer with `size` tokens that begins as the old one."""
    rng, texts = random.Random(SEED), []
    for _ in range(EXAMPLES):
        example = make_example(rng, training=True)
        texts.append("\n".join([example.problem, *[step.text for step in example.steps]]))
    return train(texts, size, old)


def grown(weights, tokenizer, merges):
    """The weights in their new shapes."""
    state, tokens = StepModel(tokenizer.texts()).state_dict(), len(weights["embed.weight"])
    for name, value in weights.items():
        if name.startswith("reader."):
            continue
        place = torch.zeros_like(state[name])
        place[tuple(slice(0, size) for size in value.shape)] = value
        state[name] = place
    embed, parts = state["embed.weight"], {left + right: (left, right) for left, right in merges}
    for token, index in tokenizer.vocabulary.items():
        if index >= tokens:
            left, right = parts[token]
            embed[index] = (embed[tokenizer.vocabulary[left]] + embed[tokenizer.vocabulary[right]]) / 2
    return state


def main():
    old, new = sys.argv[1:3]
    saved = torch.load(os.path.join(old, "model.pt"))
    before = Tokenizer.load(os.path.join(old, "tokenizer.json"))
    vocabulary, merges = with_merges(before, int(sys.argv[3]) if len(sys.argv) > 3 else len(before.vocabulary))
    path = os.path.join(new, "tokenizer.json")
    save(vocabulary, merges, path)
    torch.save({"model": grown(saved["model"], Tokenizer.load(path), merges), "facts": saved["facts"]}, os.path.join(new, "model.pt"))


if __name__ == "__main__":
    main()
