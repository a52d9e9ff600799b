"""Linear equations in one variable, solved move by move."""
from dataclasses import dataclass, field
from fractions import Fraction

from grammar import is_short, is_whole, plain
from slips import wrong_whole
from solutions import ANSWERS, Step

LETTERS, LETTERS_HELD = "xxxxyyzntuvwrsdghqc", "abmpk"
TASKS = (["Solve for {x}: {e}.", "Solve {e}.", "Find {x} if {e}.", "If {e}, what is {x}?", "Solve the equation {e}.", "{e}. Find {x}.", "What value of {x} satisfies {e}?", "Let {e}. Compute {x}.", "{e}",
          "Suppose {e}. What does {x} equal?", "Calculate {x} from {e}.", "[Find|Compute|Give] the [value|solution] of {x}[:| in] {e}", "[Please |]solve [the [linear |]equation|for {x}]: {e}", "[Work out|Get] {x}[:| when] {e}."],
         ["Determine {x} such that {e}.", "Given {e}, what is {x}?"])
EXPAND = (["Expand: ", "Distribute: ", "Expanding the bracket, ", "Remove the parentheses: ", "Open the brackets: ", "We get ", "[Distributing|Expanding] [{f}|the left side][:|,] "], ["Multiplying out, "])
DIVIDE_OUT = (["Divide both sides by {f}: ", "Dividing by {f}, ", "Factor out {f}: ", "[Divide|Dividing] [everything|each side] by {f}[:|,] "], ["Cancel the factor {f}: "])
COLLECT = (["Subtract {t} from both sides: ", "Collect the variable terms: ", "Combine like terms: ", "Group the terms: ", "Move {t} to the left: ", "[Bring|Put] the [variable|{x}] terms [together|on one side][:|,] "], ["Gather like terms: "])
COLLECT_NEGATIVE = (["Add {t} to both sides: ", "Collect the variable terms: ", "Combine like terms: ", "Group the terms: "], ["Gather like terms: "])
ISOLATE = (["Subtract {f} from both sides: ", "Isolate the term: ", "Rearrange: ", "This gives ", "Simplify: ", "Move {f} to the right: ", "[Take|Taking] {f} from [both|each] side[s|][:|,] ", "[Then|So|Now|Next,] "], ["Shift the constant: "])
ISOLATE_NEGATIVE = (["Add {f} to both sides: ", "Isolate the term: ", "Rearrange: ", "This gives ", "Simplify: ", "[Add|Adding] {f} [to|on] [both|each] side[s|][:|,] ", "[Then|So|Now|Next,] "], ["Shift the constant: "])
DIVIDE = (["Divide both sides by {f}: ", "Divide by {f}: ", "So ", "Hence ", "We find ", "Then ", "[Dividing|Divide] [both sides |]by {f}[:|,] ", "[Therefore|Thus|Finally][,|] "], ["Dividing through by {f}, "])
PREFIXES = ["", "", "", "Step {i}: ", "{i}. ", "- ", "word"]


def linear(coefficient, constant, letter):
    """`a x + b` as text."""
    text = ""
    if coefficient:
        text = {1: "", -1: "-"}.get(coefficient, plain(coefficient)) + letter
    if constant or not text:
        text = f"{text} {'+' if constant > 0 else '-'} {plain(abs(constant))}" if text else plain(constant)
    return text


@dataclass(frozen=True)
class Equation:
    """`a x + b = c x + d`; with `bracket`, `a (x + bracket) = d`."""
    a: Fraction
    b: Fraction
    c: Fraction
    d: Fraction
    bracket: object = None

    def text(self, letter):
        if self.bracket is not None:
            return f"{plain(self.a)}({linear(1, self.bracket, letter)}) = {plain(self.d)}"
        return f"{linear(self.a, self.b, letter)} = {linear(self.c, self.d, letter)}"

    def solution(self):
        a_times = self.a * self.bracket if self.bracket is not None else self.b
        return Fraction(self.d - a_times) / (self.a - self.c) if self.a != self.c else None


def slip_of(rng, move, old, new):
    """The equation after a wrong move, and the kind of mistake."""
    dice = rng.random()

    def other(value):
        return Fraction(wrong_whole(rng, value)) if is_whole(value) else value + 1

    if move == "expand":
        if dice < 0.5:
            return Equation(new.a, Fraction(old.bracket), new.c, new.d), "distribute"
        return (Equation(new.a, -new.b, new.c, new.d), "sign") if dice < 0.75 else (Equation(new.a, other(new.b), new.c, new.d), "arith")
    if move == "divide out":
        return (Equation(new.a, new.b, new.c, other(new.d)), "arith") if dice < 0.5 else (Equation(new.a, new.b, new.c, old.d - old.a), "operation")
    if move == "collect":
        if dice < 0.6:
            return Equation(old.a + old.c, old.b, new.c, old.d), "sign"
        if dice < 0.8:
            return Equation(old.a, old.b, new.c, old.d), "drop"
        return Equation(new.a + rng.choice([-1, 1]), new.b, new.c, new.d), "arith"
    if move == "isolate":
        if dice < 0.45:
            return Equation(new.a, new.b, new.c, old.d + old.b), "sign"
        return (Equation(new.a, new.b, new.c, old.d), "drop") if dice < 0.6 else (Equation(new.a, new.b, new.c, other(new.d)), "arith")
    if dice < 0.5:
        return Equation(new.a, new.b, new.c, other(new.d)), "arith"
    return (Equation(new.a, new.b, new.c, -new.d), "sign") if dice < 0.7 else (Equation(new.a, new.b, new.c, old.d - old.a), "operation")


def after(move, e):
    """The equation after a right move."""
    if move == "expand":
        return Equation(e.a, e.a * e.bracket, e.c, e.d)
    if move == "divide out":
        return Equation(Fraction(1), Fraction(e.bracket), Fraction(0), Fraction(e.d) / e.a)
    if move == "collect":
        return Equation(e.a - e.c, e.b, Fraction(0), e.d)
    if move == "isolate":
        return Equation(e.a, Fraction(0), e.c, e.d - e.b)
    return Equation(Fraction(1), Fraction(0), Fraction(0), Fraction(e.d) / e.a)


@dataclass
class Solver:
    """Solves one equation with at most one mistake."""
    voice: object
    letter: str
    steps: list = field(default_factory=list)

    def gloss(self, move, e):
        """The words before the new equation."""
        voice, letter = self.voice, self.letter
        if voice.chance(0.3):
            return ""
        if move == "expand":
            return voice.pick(*EXPAND, f=plain(e.a))
        if move == "divide out":
            return voice.pick(*DIVIDE_OUT, f=plain(e.a))
        if move == "collect":
            return voice.pick(*(COLLECT if e.c > 0 else COLLECT_NEGATIVE), t=linear(abs(e.c), 0, letter), x=letter)
        if move == "isolate":
            return voice.pick(*(ISOLATE if e.b > 0 else ISOLATE_NEGATIVE), f=plain(abs(e.b)))
        return voice.pick(*DIVIDE, f=plain(e.a))

    def body(self, move, old, new):
        """The new equation; sometimes with the calculation of its right side."""
        if move == "isolate" and old.c == 0 and self.voice.chance(0.15):
            shown = f"{plain(old.d)} {'-' if old.b > 0 else '+'} {plain(abs(old.b))}"
            return f"{linear(new.a, 0, self.letter)} = {shown} = {plain(new.d)}"
        if move == "divide" and self.voice.chance(0.15) and old.a > 0:
            return f"{self.letter} = {plain(old.d)}/{plain(old.a)} = {plain(new.d)}"
        return new.text(self.letter)

    def move(self, move, e, wrong):
        """Appends the step of one move; returns the new equation, or None where it cannot go on."""
        new, kind = after(move, e), ""
        if wrong:
            new, kind = slip_of(self.voice.rng, move, e, new)
            if new.a != new.c and new.solution() == e.solution():
                new = Equation(new.a, new.b, new.c, new.d + 1)
        if new.a == new.c or not is_short(new.d, 4) or new.a == 0:
            return None
        start, body = self.gloss(move, e), self.body(move, e, new)
        text = start + body
        self.steps.append(Step(text + self.voice.rng.choice(["", ".", ""]), 0 if kind else 1, kind, len(text) if kind else None))
        return new

    def answer(self, value, wrong):
        """Says the solution."""
        shown = value
        if wrong:
            shown = Fraction(wrong_whole(self.voice.rng, value)) if is_whole(value) and self.voice.chance(0.7) else -value
            shown = value + 1 if shown == value else shown
        number = plain(shown)
        text = f"So {self.letter} = {number}." if self.voice.chance(0.25) else self.voice.pick(*ANSWERS, w=number, u="")
        self.steps.append(Step(text, int(not wrong), "answer" if wrong else "", text.rindex(number) + len(number) if wrong else None))


def start_equation(voice):
    """An equation with a whole solution, and the moves that solve it."""
    rng = voice.rng
    solution = rng.randint(-9, 60 if voice.big else 20) if voice.chance(0.4) else rng.randint(1, 60 if voice.big else 20)
    a, b = Fraction(rng.choice([2, 3, 4, 5, 6, 7, 8, 9, 12, -2, -3, -4])), Fraction(rng.randint(-30, 40) or 3)
    if voice.chance(0.06):
        a = Fraction(rng.choice([1, 3, 5, 9]), 2)
    choice = rng.randrange(4)
    if choice == 0:
        return Equation(a, b, Fraction(0), a * solution + b), ["isolate", "divide"]
    if choice == 1:
        c = Fraction(rng.choice([c for c in (1, 2, 3, 4, 5, -1, -2) if c != a]))
        return Equation(a, b, c, (a - c) * solution + b), ["collect", "isolate", "divide"]
    if choice == 2:
        k = rng.randint(-9, 12) or 4
        return Equation(a, Fraction(0), Fraction(0), a * (solution + k), k), [rng.choice(["divide out", "expand"]), "isolate", "divide"]
    return Equation(Fraction(1), b, Fraction(0), solution + b), ["isolate"]


def algebra(voice, wrong_share):
    """(problem, steps) of one linear equation."""
    letter = voice.rng.choice(LETTERS_HELD if voice.held else LETTERS)
    equation, moves = start_equation(voice)
    problem = voice.pick(*TASKS, x=letter, e=equation.text(letter))
    solver, current = Solver(voice, letter), equation
    wrong = voice.rng.randrange(len(moves) + 1) if voice.chance(wrong_share) else -1
    for index, move in enumerate(moves):
        if (move == "isolate" and current.b == 0) or (move == "divide" and current.a == 1):
            continue
        current = solver.move(move, current, index == wrong)
        if current is None:
            break
    solved = current is not None and current.a == 1 and current.b == 0 and current.c == 0
    if solved and (voice.chance(0.8) or wrong == len(moves)):
        solver.answer(current.d, wrong == len(moves))
    return (problem, solver.steps) if solver.steps else algebra(voice, wrong_share)
