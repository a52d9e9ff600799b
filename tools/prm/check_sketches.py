"""Checks sketches: `python3 check_sketches.py FILE.txt ... [--show] [--varied]`.

`--show` prints an example of each; `--varied` wants two wordings of each problem and three of each statement.
"""
import ast
import os
import random
import re
import sys

import sketches
from grammar import Voice
from solutions import Writer

TRIES = 80


def faults(sketch):
    """What cannot be right in a sketch, one line each."""
    letters = {letter for letter in sketch.numbers if letter in "abcdefghpq"}
    for text in sketch.texts:
        used = set(sketches.MENTION.findall(text))
        needed = set(re.findall(r"\b[a-hpq]\b", " ".join(ast.unparse(node) for node, _ in sketch.steps)))
        if needed - used:
            yield f"a wording does not give {sorted(needed - used)}: {text}"
        if used - letters:
            yield f"a wording has numbers that `v` lacks {sorted(used - letters)}: {text}"
    for _, statements in sketch.steps:
        for statement in statements:
            if statement.count("{r}") != 1:
                yield f"a statement needs {{r}} once: {statement}"
    for statement in [text for groups in sketch.known.values() for group in groups for text in group]:
        if not re.search(r"<\d+>|\{[a-hpq]\}", statement):
            yield f"a `k` statement needs a constant in <> or a letter: {statement}"


def sameness(sketch):
    """What is said in too few ways, and steps that lead nowhere."""
    if len(sketch.texts) < 2:
        yield "fewer than two wordings of the problem"
    later = " ".join(ast.unparse(node) for node, _ in sketch.steps)
    for index, (node, statements) in enumerate(sketch.steps, 1):
        if len(statements) < 3:
            yield f"fewer than three statements for {ast.unparse(node)}"
        if index < len(sketch.steps) and not re.search(rf"\bs{index}\b", later):
            yield f"nothing uses step s{index}"


def drawn(sketch, tries=TRIES):
    """Programs of a sketch with fresh numbers, those that were fit."""
    found = []
    for seed in range(tries):
        voice = Voice(random.Random(seed), sketch.held)
        program = sketches.filled(voice, sketch)
        if program is not None:
            found.append((voice, program))
    return found


def main():
    paths = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    names, bad = {}, 0
    for path in paths:
        for sketch in sketches.read(path):
            try:
                found = [*faults(sketch), *(sameness(sketch) if "--varied" in sys.argv else [])]
                programs = drawn(sketch)
                if len(programs) < TRIES // 4:
                    found.append(f"only {len(programs)} of {TRIES} draws are fit: results must be whole or have at most three decimals, and not be negative")
                for voice, program in programs:
                    Writer(voice, program).write(0.5)
            except Exception as error:   # a sketch may be wrong in any way
                found, programs = [f"{type(error).__name__}: {error}"], []
            if sketch.name in names:
                found.append(f"the name stands in {names[sketch.name]} too")
            names[sketch.name] = os.path.basename(path)
            bad += bool(found)
            for fault in found:
                print(f"{os.path.basename(path)}: {sketch.name}: {fault}")
            if "--show" in sys.argv and programs:
                voice, program = programs[0]
                steps = Writer(voice, program).write(0)
                print(f"--- {sketch.name} | {program.text}\n    " + "\n    ".join(step.text for step in steps))
    print(f"{len(names)} sketches, {bad} with faults")
    raise SystemExit(bool(bad))


if __name__ == "__main__":
    main()
