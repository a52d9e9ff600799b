"""Mistakes of a solution, and which number or operator they change."""
from fractions import Fraction

from grammar import is_short, is_whole
from programs import LEAVES, evaluate, leaves_of, replace

SHIFT = {7: [5, 6, 30], 52: [50, 48, 12, 7], 60: [100, 50, 24, 30], 24: [12, 60, 20], 12: [10, 6, 16, 52], 100: [10, 1000, 60], 1000: [100, 10, 60],
         365: [360, 356, 300], 30: [7, 28, 24], 2: [3, 4], 3: [2, 4], 4: [2, 3, 5], 5: [4, 6], 16: [12, 10], 10: [12, 100]}
LIMIT = 10 ** 8


def wrong_whole(rng, value):
    """A plausible slip of a whole number: one or ten off, digits exchanged, one digit wrong."""
    sign, text = (-1 if value < 0 else 1), str(abs(int(value)))
    value = abs(int(value))
    for _ in range(20):
        dice = rng.random()
        if dice < 0.25:
            wrong = value + rng.choice([-1, 1])
        elif dice < 0.45:
            wrong = value + rng.choice([-10, 10])
        elif dice < 0.6 and len(text) > 1:
            place = rng.randrange(len(text) - 1)
            wrong = int(text[:place] + text[place + 1] + text[place] + text[place + 2:])
        elif dice < 0.7:
            wrong = value + rng.choice([-100, 100, -2, 2, 5, -5])
        elif dice < 0.9:
            place = rng.randrange(len(text))
            wrong = int(text[:place] + str(rng.randint(0, 9)) + text[place + 1:])
        else:
            wrong = rng.choice([value * 10, value // 10, value + rng.randint(-30, 30)])
        if wrong != value and wrong >= 0 and not (wrong == 0 and rng.random() < 0.8):
            return sign * wrong
    return sign * (value + 1)


def wrong_number(rng, value):
    """A plausible slip of any number; in a decimal also the place of the point."""
    value = Fraction(value)
    if is_whole(value):
        if value and rng.random() < 0.04:
            return -value
        return Fraction(wrong_whole(rng, value))
    scale = next((power for power in (10, 100, 1000, 10000) if (value * power).denominator == 1), 100)
    dice = rng.random()
    if dice < 0.25:
        return value * 10 if rng.random() < 0.5 else value / 10
    if dice < 0.4:
        return Fraction(int(value)) if int(value) else value + 1
    wrong = Fraction(wrong_whole(rng, int(value * scale)), scale)
    return wrong if wrong != value else value + 1


def plausible(result):
    return result is not None and abs(result) < LIMIT and is_short(result, 4)


class Slips:
    """Chooses a mistake for a step; every mistake changes the step's result."""

    def __init__(self, rng, lookup, pool, hard=False):
        self.rng, self.lookup, self.pool, self.hard = rng, lookup, pool, hard

    def make(self, tree, result, kinds=None):
        """(kind, wrong tree, wrong result). The kind is `arith` where no other is possible."""
        dice = self.rng.random()
        order = self.order(dice) if kinds is None else kinds
        for kind in order:
            changed = getattr(self, kind)(tree)
            if changed is None:
                continue
            value = evaluate(changed, self.lookup)
            if plausible(value) and value != result and (value >= 0 or result < 0 or self.rng.random() < 0.1):
                return kind, changed, value
        if tree[0] == "%" and self.rng.random() < 0.3:
            share, base = (evaluate(part, self.lookup) for part in tree[1:])
            wrong = self.rng.choice([share, base * share / 10, abs(base - share)])
            if wrong != result and plausible(wrong):
                return "percent", tree, wrong
        wrong = wrong_number(self.rng, result)
        return ("decimal" if not is_whole(result) else "arith"), tree, wrong

    def order(self, dice):
        """The kinds to try first; with `hard`, fewer slips that a calculator finds."""
        if self.hard and dice < 0.15:
            dice = self.rng.random()
        if dice < 0.27:
            return []
        if dice < 0.52:
            return ["operand", "operation"]
        if dice < 0.75:
            return ["operation", "operand"]
        if dice < 0.87:
            return ["constant", "drop", "fabricated"]
        return ["fabricated", "operand"]

    def exchange(self, tree, choose, kinds):
        """The tree with one leaf exchanged for what `choose` makes of its value."""
        leaves = [(path, leaf) for path, leaf in leaves_of(tree) if leaf[0] in kinds]
        if not leaves:
            return None
        path, leaf = self.rng.choice(leaves)
        new = choose(self.lookup(leaf))
        return None if new is None else replace(tree, path, ("c", Fraction(new)))

    def operand(self, tree):
        """Another number of the problem or of an earlier step in place of the right one."""
        present = {self.lookup(leaf) for _, leaf in leaves_of(tree)}
        others = [value for value in self.pool if value not in present]
        return self.exchange(tree, lambda value: self.rng.choice(others) if others else None, ("g", "s"))

    def fabricated(self, tree):
        """A number that occurs nowhere."""
        def choose(value):
            new = wrong_number(self.rng, value)
            return None if new in self.pool or new == 0 else new
        return self.exchange(tree, choose, ("g", "s"))

    def constant(self, tree):
        """A wrong constant: 50 weeks in a year, 100 minutes in an hour."""
        def choose(value):
            new = self.rng.choice(SHIFT.get(int(value), [int(value) + 1, int(value) * 10]))
            return None if new in self.pool else new
        return self.exchange(tree, choose, ("c",))

    def drop(self, tree):
        """One of three or more numbers is forgotten."""
        if tree[0] in LEAVES:
            return None
        inner = [part for part in tree[1:] if part[0] not in LEAVES]
        if len(tree) > 3:
            place = self.rng.randrange(2 if tree[0] in "-/" else 1, len(tree))
            return (*tree[:place], *tree[place + 1:])
        return self.rng.choice(inner) if inner else None

    def operation(self, tree):
        """Another operator, or the two sides of a difference or quotient exchanged."""
        if tree[0] in LEAVES:
            return None
        if tree[0] == "%":
            return (self.rng.choice("-+/"), tree[2], tree[1])
        if tree[0] in "-/" and len(tree) == 3 and self.rng.random() < 0.12:
            return (tree[0], tree[2], tree[1])
        others = [operator for operator in "+-*/" if operator != tree[0]]
        self.rng.shuffle(others)
        for operator in others:
            value = evaluate((operator, *tree[1:]), self.lookup)
            if plausible(value) and is_short(value) and value >= 0 and abs(value) < 50000:
                return (operator, *tree[1:])
        return None


