"""Writes sequences with the logits of the torch model, to compare other runtimes with: `python3 fixtures.py WORK OUT.json`."""
import json
import random
import sys

import torch

from data import encode
from export import load
from generator import make_example
from solutions import Example, Step

ODD = Example("odd", "🙂 李明 has 12 crayons — très bien! He buys 5 more (см. \\frac{1}{2} below). How many now? 👩‍👩‍👧",
              [Step("李明 has \\(12 + 5 = 17\\) crayons 🎉."), Step("Half of them: \\frac{17}{2} = 8.5, ½ ≠ ٥, naïve — “quotes”…"),
               Step("12 − 5 = 8 ❌", 0, "arith"), Step("答案是 17。 The answer is 17.")])


def long_example(rng, tokenizer):
    """A list of calculations of more than 700 tokens."""
    sheet = make_example(rng, held=True, family="sheet")
    while len(encode(tokenizer, sheet).ids) < 720:
        sheet.steps += make_example(rng, held=True, family="sheet").steps
    return sheet


def examples(tokenizer):
    rng = random.Random(2024)
    found = [make_example(rng, held=True, family=family) for family in
             ("chain", "shop", "compare", "rate", "percent", "units", "algebra", "algebra", "expr", "story")]
    return [Example("chain", "Tom has 2 apples.", [Step("2 + 2 = 4.", 0, "fabricated")]), *found, ODD, long_example(rng, tokenizer)]


def main():
    model, tokenizer, _ = load(sys.argv[1])
    sequences = []
    for example in examples(tokenizer):
        encoded = encode(tokenizer, example)
        ids = torch.tensor([encoded.ids])
        with torch.no_grad():
            logits = model(ids, torch.ones_like(ids))[0]
        sequences.append({"family": example.family, "problem": example.problem, "steps": [step.text for step in example.steps],
                          "labels": [step.label for step in example.steps], "ids": encoded.ids,
                          "logits": [[round(float(x), 6) for x in row] for row in logits]})
    content = {"model": "arithmetic-starter", "about": "Logits of the torch model with the weights rounded as in model.onnx; [T][2] for each sequence.",
               "sequences": sequences}
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")
    print("sequences of", [len(sequence["ids"]) for sequence in sequences], "tokens")


if __name__ == "__main__":
    main()
