"""Random problems with written solutions, exactly labelled. `python3 generator.py 12` prints a few."""
import random
import sys

from algebra import PREFIXES, algebra
from families_composed import composed
from families_measures import expr, percent, rate, sheet, units
from families_people import chain, compare, fraction, shop, story
from fractions_bare import fractions
from grammar import Voice
from sketches import sketch, vague
from solutions import Example, Writer, distract, disturb, merged

FAMILIES = {chain: 4, shop: 3, compare: 3, story: 2, fraction: 1.2, rate: 3, percent: 1.8, expr: 2, sheet: 2.5, units: 3.2}
ALGEBRA_SHARE = 0.17
WRONG_SHARE = 0.62
# Training dwells on what is hard: on the meaning of the words more than on the calculations.
TRAINING = {chain: 4.5, shop: 3, compare: 4.5, story: 2.5, fraction: 2, rate: 3.5, percent: 3, expr: 1, sheet: 0.8, units: 4, sketch: 60, composed: 11, vague: 4}
TRAINING_ALGEBRA_SHARE = 0.08
TRAINING_FRACTIONS_SHARE = 0.02
TRAINING_WRONG_SHARE = 0.55
PAIRS_SHARE = 0.5


def make_example(rng: random.Random, held=False, big=False, family=None, training=False):
    """One example; `held` takes wordings, names, items and letters that training never sees (and no noise).

    `training` shifts the mixture towards what is hard.
    """
    voice = Voice(rng, held, big)
    voice.hard_slips = training
    weights, algebra_share = (TRAINING, TRAINING_ALGEBRA_SHARE) if training else (FAMILIES, ALGEBRA_SHARE)
    wrong_share = TRAINING_WRONG_SHARE if training else WRONG_SHARE
    if family == "fractions" or (training and family is None and rng.random() < TRAINING_FRACTIONS_SHARE):
        problem, steps = fractions(voice, wrong_share)
        return finished(voice, "fractions", problem, steps)
    if family == "algebra" or (family is None and rng.random() < algebra_share):
        problem, steps = algebra(voice, wrong_share)
        return finished(voice, "algebra", problem, steps)
    maker = rng.choices(list(weights), list(weights.values()))[0] if family is None else next(m for m in TRAINING if m.__name__ == family)
    return written(voice, prepared(voice, maker), wrong_share)


def prepared(voice, maker):
    """A problem, perhaps with two of its steps in one, or with a sentence that nothing needs."""
    program = maker(voice)
    merged(voice, program)
    distract(voice, program)
    return program


def written(voice, program, wrong_share):
    """A solution of the problem."""
    example = Example(program.family, program.text, Writer(voice, program).write(wrong_share, program.family == "sheet"))
    if not voice.held:
        disturb(voice, example)
    return example


def training_examples(rng: random.Random):
    """One example for training, or two of the same problem that begin alike, of which one has a mistake: what is learned from
    such a pair is the difference."""
    if rng.random() > PAIRS_SHARE:
        return [make_example(rng, training=True)]
    voice = Voice(rng)
    voice.hard_slips = True
    program = prepared(voice, rng.choices([sketch, composed], [TRAINING[sketch], TRAINING[composed]])[0])
    state = rng.getstate()
    wrong = written(voice, program, 1.0)
    rng.setstate(state)
    return [wrong, written(voice, program, 0.0)]


def finished(voice, family, problem, steps):
    """An example of steps that no program made."""
    writer = Writer(voice, None)
    writer.steps, writer.prefix = steps, voice.rng.choice(PREFIXES)
    return Example(family, problem, writer.prefixed())


def main():
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    for index in range(int(sys.argv[1])):
        example = make_example(rng, held=index % 2 == 1)
        print(f"--- {example.family}{' (held out)' if index % 2 else ''} | {example.problem}")
        for step in example.steps:
            print(f"    {step.label} {step.text!r} {step.kind} {step.text[:step.mark][-12:]!r}" if step.kind else f"    {step.label} {step.text!r}")


if __name__ == "__main__":
    main()
