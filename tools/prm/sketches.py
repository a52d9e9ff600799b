"""Problems from `sketches/*.txt`: a text, its numbers, and the steps of its solution with what each step says.

A sketch begins with `= name`. Its lines: `t` a wording of the problem (several: one is chosen), `v` its numbers, `s` a step
(`expression | statement | statement ...`, with `{r}` for the result), `k` a statement without a calculation that may stand before the
step that follows (with `{a}` for a number of the problem, or with a constant in `<>`).

Numbers: `a=2..40` a whole number, `a=$2..15` money, `a=d2..9` often with decimals, `p=%` a percentage, `a=b*k` computed (a letter that
the text does not mention is an aid). Expressions: letters, `s1` the result of a step, constants, `+ - * /`, and `p%b` for p percent of b.
"""
import ast
import functools
import glob
import hashlib
import os
import re
from fractions import Fraction

from grammar import expand, is_short, plain
from programs import Calculation, Program, evaluate, true_values

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sketches")
HELD_BYTE = 38   # of 256: which sketches are held out is fixed by a hash of their names
PERCENTAGES = [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60, 65, 70, 75, 80, 85, 90, 2, 4, 6, 8, 12, 18, 36]
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%"}
MENTION = re.compile(r"\{([a-hpq])\}")


class Sketch:
    def __init__(self, name):
        self.name, self.texts, self.numbers, self.steps, self.known = name, [], {}, [], {}
        self.held = hashlib.sha256(name.encode()).digest()[0] < HELD_BYTE

    def read(self, line):
        """Takes one line of the file."""
        kind, rest = line[0], line[2:].strip()
        if kind == "t":
            self.texts.append(rest)
        elif kind == "v":
            self.numbers = dict(part.split("=") for part in rest.split())
        elif kind == "k":
            self.known.setdefault(len(self.steps), []).append([part.strip() for part in rest.split(" | ")])
        elif kind == "s":
            expression, *statements = [part.strip() for part in rest.split(" | ")]
            self.steps.append((ast.parse(expression, mode="eval").body, statements))
        else:
            raise ValueError(f"{self.name}: {line}")


@functools.lru_cache(None)
def sketches(held):
    """All sketches of one part."""
    return [sketch for path in sorted(glob.glob(os.path.join(FOLDER, "*.txt"))) for sketch in read(path) if sketch.held == held]


def read(path):
    """The sketches of a file."""
    found = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("="):
                found.append(Sketch(line[1:].strip()))
            elif line.strip() and not line.startswith("#"):
                found[-1].read(line)
    return found


def number_of(voice, wanted):
    """A number of a plain specification."""
    rng = voice.rng
    if wanted == "%":
        return Fraction(rng.choice(PERCENTAGES))
    low, high = (int(part) for part in wanted.lstrip("$d").split(".."))
    high = high * 3 if voice.big else high
    if wanted[0] == "$":
        if rng.random() < 0.45:
            return Fraction(rng.randint(low, high))
        return rng.randint(low, max(low, high - 1)) + Fraction(rng.choice([50, 25, 75, 20, 40, 60, 80, 90, 95, 99, 10, 5, 45, rng.randint(1, 99)]), 100)
    if wanted[0] == "d" and rng.random() < 0.7:
        return rng.randint(low, max(low, high - 1)) + Fraction(rng.choice([5, 5, 2, 4, 6, 8, rng.randint(1, 9)]), 10) + (Fraction(rng.randint(1, 9), 100) if rng.random() < 0.15 else 0)
    return Fraction(rng.randint(low, high) if rng.random() < 0.6 else rng.randint(low, max(low + 1, (low + high) // 2)))


def drawn(voice, sketch):
    """Values for all letters of a sketch."""
    values, waiting = {}, dict(sketch.numbers)
    while waiting:
        for letter, wanted in list(waiting.items()):
            if wanted == "%" or ".." in wanted:
                values[letter] = number_of(voice, wanted)
            elif set(re.findall("[a-z][0-9]?", wanted)) <= set(values):
                known = {name: ("c", value) for name, value in values.items()}
                values[letter] = evaluate(tree_of(ast.parse(wanted, mode="eval").body, known), lambda leaf: leaf[1])
            else:
                continue
            del waiting[letter]
    return values


def tree_of(node, leaves):
    """A parsed expression as a tree of the program; `leaves` gives the leaf of each letter."""
    if isinstance(node, ast.Name):
        return ("s", int(node.id[1:]) - 1) if node.id[0] == "s" else leaves[node.id]
    if isinstance(node, ast.Constant):
        return ("c", Fraction(str(node.value)))
    operator, parts = OPERATORS[type(node.op)], [tree_of(node.left, leaves), tree_of(node.right, leaves)]
    if operator in "+*-" and parts[0][0] == operator:
        return (operator, *parts[0][1:], parts[1])
    return (operator, *parts)


def sensible(program, rounded):
    """Whether all results can be written; with `rounded`, some may have endless decimals."""
    values = true_values(program)
    return all(value is not None and value >= 0 and (rounded or is_short(value, 3)) for value in values) and all(value < 10 ** 7 for value in values)


def sketch(voice):
    """One problem of a sketch."""
    chosen = voice.rng.choice(sketches(voice.held))
    for _ in range(60):
        program = filled(voice, chosen)
        if program is not None:
            return program
    return sketch(voice)


def filled(voice, chosen):
    """The program of a sketch with fresh numbers, or None where they do not fit."""
    rng, values = voice.rng, drawn(voice, chosen)
    if any(value < 0 or not is_short(value, 2) for value in values.values()):
        return None
    program = Program("sketch")
    wording = expand(rng, rng.choice(chosen.texts))
    order = list(dict.fromkeys(MENTION.findall(wording)))
    leaves = {}
    for letter in order:
        leaves[letter] = program.given(values[letter])
    for node, statements in chosen.steps:
        program.steps.append(Calculation(tree_of(node, leaves), [], ""))
    if not sensible(program, rng.random() < 0.04):
        return None
    names, items = voice.names(3), voice.items(2)
    words = dict(zip("nmo", names)) | dict(zip("ij", items))
    shown = {letter: voice.money(value) if chosen.numbers[letter].startswith("$") else voice.number_text(value) for letter, value in values.items()}
    if not voice.words_for_numbers:
        shown |= {letter: plain(values[letter]) for letter in order if chosen.numbers[letter] == "%"}
    program.text = voice.fill(wording, **words, **shown)
    program.answer = ("s", len(program.steps) - 1)
    for step, (_, statements) in zip(program.steps, chosen.steps):
        step.say = [said(rng, statement, words, shown) for statement in statements]
    program.known = {index: [(said(rng, rng.choice(group), words, {}), {letter: values[letter] for letter in order}) for group in groups]
                     for index, groups in chosen.known.items()}
    return program


def said(rng, statement, words, shown):
    """A statement with everything filled in but its result."""
    text = expand(rng, statement)
    for key, value in (words | shown).items():
        text = text.replace("{" + key + "}", value)
    return text


VAGUE_ENDS = ["How many in all?", "What is the result?", "How much is that?", "What remains?", "Find the number.", "How many {i}?", "How much does {n} have?"]


def vague(voice):
    """A problem whose words mean nothing: only its numbers and the calculations can be judged."""
    rng, program = voice.rng, Program("vague")
    name, item = voice.name(), voice.item()
    sentences = []
    for _ in range(rng.randint(2, 5)):
        number = rng.choice([Fraction(rng.randint(2, 30)), Fraction(rng.randint(10, 900)), voice.amount(2, 40, 0.8)])
        program.given(number)
        before, after = voice.words(rng.randint(1, 5)), voice.words(rng.randint(1, 5))
        shown = rng.choice([voice.number_text(number)] * 3 + [voice.money(number), voice.number_text(number) + "%"])
        sentences.append(rng.choice([f"{name} {before} {shown} {after}", f"{before.capitalize()} {shown} {item} {after}", f"{before.capitalize()} {shown} {after}"]))
    program.text = ". ".join(sentences) + ". " + rng.choice(VAGUE_ENDS).format(n=name, i=item)
    used, available = set(), [("g", index) for index in range(len(program.givens))]
    for _ in range(rng.randint(1, 5)):
        tree = vague_tree(rng, program, available, used)
        if tree is None:
            continue
        program.steps.append(Calculation(tree, [], ""))
        available.append(("s", len(program.steps) - 1))
        words = [voice.words(rng.randint(1, 4)) for _ in range(2)]
        program.steps[-1].say = [rng.choice([f"{name} {words[0]} {{r}} {words[1]}", f"{words[0].capitalize()}: {{r}} {item}", f"{words[0].capitalize()}: ${{r}}", f"{words[0].capitalize()} {{r}} {words[1]}", f"The {words[0]} is {{r}}"])]
    if not program.steps:
        return vague(voice)
    program.answer = ("s", len(program.steps) - 1)
    return program


def vague_tree(rng, program, available, used):
    """A calculation of numbers that are there and perhaps a constant; None where the result is not fit to write."""
    fresh = [leaf for leaf in available if leaf not in used] or available
    constants = [("c", Fraction(value)) for value in (2, 7, 12, 60, 52, 100, 1000, 24, 10, 3, 4, 30, 365)]
    for _ in range(12):
        count = rng.choice([2, 2, 2, 2, 3, 4])
        parts = [rng.choice(fresh if rng.random() < 0.75 else available) for _ in range(count)]
        if len(set(parts)) < count:
            continue
        if rng.random() < 0.15:
            parts = [parts[0], rng.choice(constants)]
        tree = (rng.choice("++--**/%" if len(parts) == 2 else "++-*"), *parts)
        if tree[0] == "%" and parts[0][0] != "g":
            continue
        values = []

        def lookup(leaf):
            return program.givens[leaf[1]] if leaf[0] == "g" else values[leaf[1]] if leaf[0] == "s" else leaf[1]

        for step in program.steps:
            values.append(evaluate(step.tree, lookup))
        value = evaluate(tree, lookup)
        if value is not None and (0 < value < 10 ** 6 or (-200 < value < 0 and rng.random() < 0.3)) and is_short(value, 2):
            used.update(part for part in parts if part[0] not in "c")
            return tree
    return None
