"""Written solutions for the supervised warm-up, one step a line, some of them wrong.

The policy learns from these how a solution reads, and also the slips: it is the training afterwards that has to
unlearn them.
"""
from dataclasses import dataclass

from problems import Ref, apply, solve

SLIPS = ["result", "result", "operand", "operation", "skip", "answer"]


@dataclass(frozen=True)
class Habits:
    """How often written solutions go wrong, check themselves, ramble or stop without an answer."""
    wrong: float = 0.5
    check: float = 0.07
    check_again: float = 0.4
    no_answer: float = 0.07
    no_lead: float = 0.2
    opening: float = 0.15


def wrong_number(rng, value):
    """A plausible slip of a number: off by one or ten, or two digits exchanged."""
    options = [value - 1, value + 1, value + 10, value - 10, value + 2]
    digits = str(value)
    if len(digits) > 1 and digits[1] != "0":
        options.append(int(digits[1] + digits[0] + digits[2:]))
    return rng.choice([x for x in options if x > 0 and x != value])


def slipped(rng, slip, op, a, b, pool):
    """A step with one slip: (operation, left, right, result), or None where this slip is not possible here."""
    if slip == "result":
        return op, a, b, wrong_number(rng, apply(op, a, b))
    if slip == "operand":
        others = [x for x in pool if x not in (a, b) and (op != "-" or x > b) and (op != "/" or x % b == 0)]
        if others:
            x = rng.choice(others)
            return op, x, b, apply(op, x, b)
    if slip == "operation":
        others = [o for o in "+-*" if o != op and (o != "-" or a > b) and (o != "*" or min(a, b) <= 12)]
        if others:
            other = rng.choice(others)
            return other, a, b, apply(other, a, b)
    return None


def equation(op, a, b, result):
    return f"{a} {op} {b} = {result}"


def write_steps(problem, rng, habits, slips):
    """The lines of a solution and the last value; `slips` maps a step to the slip made there."""
    lines, values = [], []
    for index, step in enumerate(problem.steps):
        a, b = (values[x.step] if isinstance(x, Ref) else x for x in (step.left, step.right))
        slip = slips.get(index)
        if slip == "skip" and index + 1 < len(problem.steps):
            values.append(a)
            continue
        possible = (step.op != "-" or a > b) and (step.op != "/" or a % b == 0)
        op = step.op if possible else "+"
        made = slipped(rng, slip, op, a, b, problem.givens + values) if slip else None
        op, a, b, result = made or (op, a, b, apply(op, a, b))
        values.append(result)
        body = equation(op, a, b, result)
        lead = "" if rng.random() < habits.no_lead else step.lead + " "
        lines.append(f"{lead}{body} {problem.unit}.")
        again = habits.check
        while rng.random() < again:
            lines.append(f"Check: {body}.")
            again = habits.check_again
    return lines, values[-1]


def write_solution(problem, rng, habits):
    """A solution as text."""
    slips = {}
    if rng.random() < habits.wrong:
        for _ in range(2 if rng.random() < 0.25 else 1):
            slips[rng.randrange(len(problem.steps))] = rng.choice(SLIPS)
    lines, value = write_steps(problem, rng, habits, slips)
    if problem.opening and rng.random() < habits.opening:
        lines.insert(0, problem.opening)
    if "answer" in slips.values():
        value = wrong_number(rng, value)
    if rng.random() >= habits.no_answer:
        lines.append(f"The answer is {value}.")
    return "\n".join(lines)


def write_drill(problems):
    """The right equations of several problems, one a line: dense practice in arithmetic."""
    lines = []
    for problem in problems:
        values = solve(problem)
        for step, result in zip(problem.steps, values):
            a, b = (values[x.step] if isinstance(x, Ref) else x for x in (step.left, step.right))
            lines.append(equation(step.op, a, b, result) + ".")
    return "\n".join(lines)
