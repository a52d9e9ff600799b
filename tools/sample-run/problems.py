"""Short word problems with their solution as a program of two to four arithmetic steps.

Three kinds: `chain` (one person gains and loses items), `shop` (items are bought at a price) and `compare` (two or
three people are compared). Numbers stay small enough for a policy of about a million parameters.
"""
import random
from dataclasses import dataclass, field

NAMES = ["Tom", "Ann", "Maria", "Liam", "Sara", "Ben", "Olivia", "Noah", "Emma", "Jack", "Mia", "Omar", "Priya", "Chen",
         "Natalia", "Weng", "Julie", "James", "Betty", "Mark", "Ken", "Lily"]
ITEMS = ["apples", "pencils", "marbles", "books", "stickers", "cookies", "cards", "coins", "eggs", "flowers",
         "balloons", "shells", "stamps", "clips", "oranges", "muffins"]

START = ["{n} has {v} {i}.", "{n} starts with {v} {i}.", "At first {n} has {v} {i}."]
GAIN = ["{n} buys {a} more {i}.", "{n} finds {a} {i}.", "A friend gives {n} {a} {i}.", "Then {n} gets {a} more.",
        "{n} receives {a} {i} as a gift.", "{n} wins {a} {i} in a game.", "{n} earns {a} more {i}.",
        "{n} collects {a} {i} from the garden."]
GAIN_LEAD = ["After getting more, {n} has", "Now there are", "Adding these gives", "So {n} now has", "{n} has"]
LOSE = ["{n} gives away {a} {i}.", "{n} loses {a} of them.", "{n} sells {a} {i}.", "{n} uses {a} {i}.",
        "Then {a} {i} break.", "{n} drops {a} of the {i}.", "{n} hands {a} {i} to a neighbor.", "{a} {i} are stolen.",
        "{n} returns {a} {i} to the shop."]
LOSE_LEAD = ["This leaves", "After that, {n} has", "Remaining:", "Now {n} is left with", "{n} has"]
GROW = {2: ["Then the number of {i} is doubled.", "{n} doubles the collection."],
        3: ["Then the number of {i} is tripled.", "{n} triples the collection."]}
GROW_LEAD = ["Multiplying,", "The new number is", "Then there are"]
SPLIT = ["{n} splits them equally into {a} boxes and keeps one box.",
         "They are shared equally among {a} people and {n} keeps one share."]
SPLIT_LEAD = ["Each share has", "Dividing,", "One box holds"]
CHAIN_QUESTION = ["How many {i} does {n} have now?", "How many {i} are left in the end?",
                  "How many {i} does {n} have at the end?"]

BUYS = ["{n} buys {l}.", "{n} goes to the store and buys {l}.", "At the market {n} gets {l}.", "{n} orders {l}."]
PRICED = ["{q} {i} at ${c} each", "{q} {i} for ${c} each", "{q} {i} that cost {c} dollars each",
          "{q} {i} for {c} dollars per piece", "{q} {i} worth ${c} each"]
PRICED_LEAD = ["The {i} cost", "Cost of the {i}:", "{n} spends on {i}:", "Price of the {i} is"]
TOTAL_LEAD = ["The total cost is", "In total,", "Altogether that is"]
CHANGE = [" {n} pays with ${b}. How much change does {n} get?", " {n} had ${b} before. How much money is left?"]
CHANGE_LEAD = ["The change is", "{n} has left", "Subtracting,"]
SPEND = [" How much does {n} spend?", " What is the total cost?"]

MORE = ["{b} has {m} more {i} than {a}.", "{b} has {m} {i} more than {a} does.", "{b} bought {m} more than {a} did.",
        "{b} beats {a} by {m} {i}."]
FEWER = ["{b} has {m} fewer {i} than {a}.", "{b} has {m} {i} less than {a}.", "{b} is {m} behind {a}."]
TIMES = ["{b} has {m} times as many {i} as {a}.", "{b} has {m} times more {i} than {a}.",
         "{b} collects {m} times the amount of {a}."]
OTHER_LEAD = ["{b} has", "The number {b} has is"]
THIRD_MORE, THIRD_TIMES = "{c} has {m} more than {b}.", "{c} has {m} times as many as {b}."
PAIR_LEAD = ["{a} and {b} have", "Together {a} and {b} have"]
ALL_LEAD = ["All three have", "In total,"]
SUM_LEAD = ["Together they have", "In total,", "The total is"]
SUM_QUESTION = ["How many {i} do they have in total?", "How many {i} do they have altogether?"]


@dataclass(frozen=True)
class Ref:
    """The result of an earlier step, as an operand."""
    step: int


@dataclass(frozen=True)
class Step:
    """`left op right`, and the words that a solution may put before it."""
    op: str
    left: object
    right: object
    lead: str


@dataclass
class Problem:
    kind: str
    text: str = ""
    unit: str = ""
    opening: str = ""
    givens: list = field(default_factory=list)
    steps: list = field(default_factory=list)
    answer: int = 0

    def add(self, op, left, right, lead):
        """Appends a step and returns a reference to its result."""
        self.givens += [x for x in (left, right) if not isinstance(x, Ref)]
        self.steps.append(Step(op, left, right, lead))
        return Ref(len(self.steps) - 1)


def apply(op, a, b):
    """`a op b` in whole numbers (a division is used only where it leaves no rest)."""
    return {"+": a + b, "-": a - b, "*": a * b, "/": a // b if b else 0}[op]


def solve(problem):
    """The values of all steps."""
    values = []
    for step in problem.steps:
        a, b = (values[x.step] if isinstance(x, Ref) else x for x in (step.left, step.right))
        values.append(apply(step.op, a, b))
    return values


def chain_event(rng, value):
    """One thing that happens to a collection of `value` items: (operation, number, sentences, leads)."""
    dice = rng.random()
    divisors = [d for d in (2, 3, 4, 5) if value % d == 0 and value // d > 1]
    if dice < 0.38 or value < 6:
        return "+", rng.randint(2, 20), GAIN, GAIN_LEAD
    if dice < 0.76 or value > 40:
        return "-", rng.randint(2, min(value - 2, 25)), LOSE, LOSE_LEAD
    if dice < 0.9 or not divisors:
        factor = rng.choice([2, 2, 3])
        return "*", factor, GROW[factor], GROW_LEAD
    return "/", rng.choice(divisors), SPLIT, SPLIT_LEAD


def chain(rng):
    """One person gains and loses items."""
    name, item = rng.choice(NAMES), rng.choice(ITEMS)
    value = rng.randint(5, 30)
    problem = Problem("chain", unit=item, opening=f"{name} has {value} {item}.")
    sentences = [rng.choice(START).format(n=name, v=value, i=item)]
    current = value
    for _ in range(rng.choice([2, 2, 3, 3, 4])):
        op, number, texts, leads = chain_event(rng, value)
        sentences.append(rng.choice(texts).format(n=name, a=number, i=item))
        current = problem.add(op, current, number, rng.choice(leads).format(n=name))
        value = apply(op, value, number)
    problem.text = " ".join(sentences) + " " + rng.choice(CHAIN_QUESTION).format(n=name, i=item)
    return problem


def shop(rng):
    """Two or three kinds of items are bought; sometimes there is change."""
    name, count = rng.choice(NAMES), rng.choice([2, 2, 3])
    problem = Problem("shop", unit="dollars")
    parts, refs, total = [], [], 0
    for item in rng.sample(ITEMS, count):
        amount, price = rng.randint(2, 6), rng.randint(2, 10)
        parts.append(rng.choice(PRICED).format(q=amount, i=item, c=price))
        refs.append(problem.add("*", amount, price, rng.choice(PRICED_LEAD).format(i=item, n=name)))
        total += amount * price
    current = refs[0]
    for ref in refs[1:]:
        current = problem.add("+", current, ref, rng.choice(TOTAL_LEAD))
    goods = ", ".join(parts[:-1]) + " and " + parts[-1]
    problem.text = rng.choice(BUYS).format(n=name, l=goods)
    if count == 2 and rng.random() < 0.5:
        budget = (total // 50 + 1) * 50
        problem.text += rng.choice(CHANGE).format(n=name, b=budget)
        problem.add("-", budget, current, rng.choice(CHANGE_LEAD).format(n=name))
    else:
        problem.text += rng.choice(SPEND).format(n=name)
    return problem


def compare(rng):
    """Two or three people have items, each in relation to the one before."""
    a, b, c = rng.sample(NAMES, 3)
    item, value = rng.choice(ITEMS), rng.randint(6, 30)
    problem = Problem("compare", unit=item, opening=f"{a} has {value} {item}.")
    op, number, texts = rng.choice([("+", rng.randint(2, 20), MORE), ("-", rng.randint(2, min(value - 2, 20)), FEWER),
                                    ("*", rng.randint(2, 3), TIMES)])
    sentences = [f"{a} has {value} {item}.", rng.choice(texts).format(a=a, b=b, m=number, i=item)]
    other = problem.add(op, value, number, rng.choice(OTHER_LEAD).format(b=b))
    if rng.random() < 0.35:
        second, number, text = rng.choice([("+", rng.randint(3, 20), THIRD_MORE), ("*", 2, THIRD_TIMES)])
        sentences.append(text.format(b=b, c=c, m=number))
        third = problem.add(second, other, number, f"{c} has")
        pair = problem.add("+", value, other, rng.choice(PAIR_LEAD).format(a=a, b=b))
        problem.add("+", pair, third, rng.choice(ALL_LEAD))
    else:
        problem.add("+", value, other, rng.choice(SUM_LEAD))
    problem.text = " ".join(sentences) + " " + rng.choice(SUM_QUESTION).format(i=item)
    return problem


def make_problem(rng: random.Random) -> Problem:
    """A random problem with its answer."""
    problem = rng.choice([chain, chain, shop, compare])(rng)
    problem.answer = solve(problem)[-1]
    return problem
