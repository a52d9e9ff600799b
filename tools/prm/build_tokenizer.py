"""Learns the tokenizer from generated text and a list of common words: `python3 build_tokenizer.py out/tokenizer.json`."""
import random
import sys

import tokenizer
from generator import make_example
from grammar import common_words
from numbers_in_text import NUMBER_WORDS

SIZE, EXAMPLES, SEED = 3000, 12000, 7
SIGNS = [" ×", "×", " ÷", "÷", " −", "−", " ·", "≈", " ≈", "\\cdot", "\\frac{", "\\times", "\\div"]
ALWAYS = SIGNS + [" " + word for word in (*NUMBER_WORDS, "multiplied", "divided", "percent", "each", "per")]


def main():
    rng, texts = random.Random(SEED), []
    for _ in range(EXAMPLES):
        example = make_example(rng, training=True)
        texts.append("\n".join([example.problem, *[step.text for step in example.steps]]))
    words = common_words()
    texts += [" ".join(rng.sample(words, 200)) for _ in range(60)] + ALWAYS * 3000
    vocabulary, merges = tokenizer.train(texts, SIZE)
    tokenizer.save(vocabulary, merges, sys.argv[1])
    print(f"{len(vocabulary)} tokens")


if __name__ == "__main__":
    main()
