"""Written solutions with an exact label for each step.

A step is right (1) when it follows from the problem and from the earlier steps as they are written; to go on correctly
from an earlier mistake is right. A wrong step carries the kind of its mistake and the offset at which it shows.
"""
import re
from dataclasses import dataclass
from fractions import Fraction

from grammar import Voice, is_short, noise, plain
from programs import LEAVES, Calculation, evaluate, leaves_of
from slips import Slips, wrong_number
import statements


@dataclass
class Step:
    text: str
    label: int = 1
    kind: str = ""
    mark: int = None    # where the mistake shows


@dataclass
class Example:
    family: str
    problem: str
    steps: list


FILLERS = (["[Okay|Hmm|Well|Alright][,|:] [let me see|I look at|let me read again|first I check] what [is asked|we know|is given].", "[We|I] [have|need] to [add|find|compare|look at] the [parts|numbers|costs|amounts] [first|one by one|for all|of both].",
            "[Now|First] [I|we] need [the number of things|the amount|what is left|the price|the rest].", "We do not need the other number[s|].", "This is [what is asked|not the answer yet|the first part|all we need].", "[That|This] [seems|looks] right.", "**Solution**", "Solution:", "Given:", "Wait, let me check that.",
            "Let us solve this step by step.", "We need to work through the problem.", "Let me think about this carefully.", "[First,|] we [need to |]find [what is asked|the missing numbers].",
            "[Let's|Let us] [break|write] [it|this] down.", "[Okay|Alright|Sure], [let's start|here is the solution].", "To [solve|answer] this, we [go|work] step by step."],
           ["We begin by listing what is known."])
KNOWN = (["We know {t}.", "Given: {t}.", "{t}.", "{t} [at first|to start with|in the beginning].", "[The problem says|It is given] that {t}."], ["As stated, {t}."])
ANSWERS = (["The answer is {w}{u}.", "The answer is {w}.", "#### {w}", "So the final answer is {w}{u}.", "Answer: {w}", "Therefore, the answer is \\boxed{{{w}}}.", "Thus we get {w}{u}.", "\\boxed{{{w}}}",
            "[So|Thus|Therefore][,|] the [answer|result] is {w}{u}.", "[Final answer|Result] = {w}", "[The|Our] final answer is $\\boxed{{{w}}}$.", "**Answer:** {w}{u}", "$$\\boxed{{{w}}}$$", "{w}", "Answer: {w}{u}.", "So the answer is ${w}$.", "[That|This] [gives|makes] {w}{u} [in the end|as the answer].", "Therefore [we have|there are] {w}{u}.", "**{w}**"],
           ["Hence the result is {w}{u}.", "Final answer: {w}"])
OPERANDS_FIRST = (["[Since|As] we have {o}, ", "[With|From|Using|Take] {o}[:|,] ", "[There are|We have] {o}, so "], ["Starting out from {o}, "])
CLOSINGS = ([", so [that is|there are|it is] {r}{u}", ", [which is|that means|giving] {r}{u}", ". So [there are|we have] {r}{u}"], [", and so we reach {r}{u}"])
DISTRACTORS = (["{n} is {v} years old.", "{n} lives {v} miles from [school|work].", "It is {v} degrees [today|outside].", "The store [opened|was built] {v} years ago.", "{n} has {v} [cousins|books at home|friends]."],
               ["{n}'s house number is {v}."])
LEADS = (["[So|Now|Then|Here|Next|Thus|Hence][,|] [we|I|they] [get|have|find|compute|calculate|see|obtain][:|]", "[This|That|It] [is|makes|gives|means|comes to|equals]", "[Now|Next|Then|So] [calculate|compute|find|work out|take] [this|that|it|the next number|what follows][:|]", "[It follows that|We can see that|We know that|Therefore|Because of this,|In this way,]",
          "[The|Our|A|This] [result|number|value|amount|next value|new value|sum|outcome] [is|equals|becomes|comes out as][:|]", "[Calculation|Result|Working|Solution|Number|Value]:", "[They|He|She|It|Everyone] [has|gets|needs|makes|pays|uses|is|takes|gives]", "[In the end|After this|At this point|For this|Over that time|With that|On that day][,|] [that is|there are|it is|this is|]",
          "[Using|Taking|Putting] [the numbers|this|both|these] [together|] [gives|:|makes]", "[Number|Amount|Size|Length|Time|Price|Cost|Part] [of [it|them|this|the group|the things|all]|in all|left|needed]:"], ["By our count:"])
WORDS_FOR = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
FORMS = ["plain"] * 8 + ["gsm", "is", "tex", "tex", "back", "operands", "closing", "closing", "words"]
PREFIXES = ["", "", "", "", "Step {i}: ", "{i}. ", "{i}) ", "- ", "* ", "**Step {i}:** ", "Step {i}. ", "• ", "({i}) ", "**{i}.** ", "### Step {i}: ", "word"]


class Writer:
    """Writes one solution; its habits (style of operators, prefixes, units) stay the same from step to step."""

    def __init__(self, voice: Voice, program):
        self.voice, self.rng, self.program = voice, voice.rng, program
        rng = self.rng
        self.times = rng.choice(["*", "*", "*", "x", "×", "\\times"] if rng.random() < 0.8 else ["·", "\\cdot"])
        self.over = rng.choice(["/", "/", "/", "÷"])
        self.minus = "−" if rng.random() < 0.03 else "-"
        self.tight = rng.random() < 0.12
        self.commas = rng.random() < 0.3
        self.main_form = rng.choice(FORMS)
        self.prefix = rng.choice(PREFIXES)
        self.with_lead = rng.choice([0.3, 0.8, 0.8, 0.95, 0])
        self.any_lead = self.voice.hard_slips and rng.random() < 0.5   # in training, wordings that fit anywhere
        self.with_unit = rng.choice([0, 0.4, 0.8, 1])
        self.dollars = rng.random() < 0.5
        self.say_form = rng.choices(list(statements.FORMS), list(statements.FORMS.values()))[0]
        self.no_stops = rng.random() < 0.25
        self.percent_signs = False
        self.values = []
        self.steps = []

    def lookup(self, leaf):
        if leaf[0] == "g":
            return self.program.givens[leaf[1]]
        return self.values[leaf[1]] if leaf[0] == "s" else leaf[1]

    def number(self, value, money=False):
        value = Fraction(value)
        text = plain(value)
        if money and not text.lstrip("-").isdigit() and is_short(value) and self.rng.random() < 0.6:
            text = f"{float(value):.2f}"
        if self.commas and value.denominator == 1 and abs(value) >= 1000:
            text = f"{int(value):,}"
        if money and self.dollars and value >= 0:
            return "$" + text
        return text

    def expression(self, tree, unit="", words=False, inner=False):
        """The text of an expression, with parentheses where they are needed."""
        if tree[0] in LEAVES:
            money = unit == "dollars" and tree[0] != "c" and self.rng.random() < 0.5
            text = self.number(self.lookup(tree), money)
            if self.percent_signs and tree[0] != "c":
                return text + "%"
            return f"({text})" if inner and text.startswith("-") else text
        operator = tree[0]
        if operator == "%":
            return self.percentage(tree)
        sign = {"+": "+", "-": self.minus, "*": self.times, "/": self.over}[operator]
        if words:
            sign = WORDS_FOR[operator]
        gap = "" if self.tight and not words and not sign.startswith("\\") else " "
        parts = []
        for index, part in enumerate(tree[1:]):
            text = self.expression(part, unit if operator in "+-" else "", words, index > 0)
            if part[0] not in LEAVES and self.needs_parentheses(operator, part[0], index):
                text = f"({text})"
            parts.append(text)
        return f"{gap}{sign}{gap}".join(parts)

    @staticmethod
    def needs_parentheses(operator, inner, index):
        if operator in "*/%":
            return inner in "+-" or (index > 0 and inner in "*/")
        return operator == "-" and index > 0 and inner in "+-"

    def percentage(self, tree):
        share, base = (self.lookup(part) if part[0] in LEAVES else evaluate(part, self.lookup) for part in tree[1:])
        share_text, base_text, times = plain(share), self.number(base), self.times
        return self.rng.choice([f"{share_text}% of {base_text}", f"{share_text}/100 {times} {base_text}", f"{base_text} {times} {share_text}/100",
                                f"{plain(Fraction(share) / 100)} {times} {base_text}", f"{base_text} {times} {plain(Fraction(share) / 100)}", f"{base_text} {times} {share_text}%",
                                f"{share_text}% {times} {base_text}"])

    def compose(self, step, tree, result):
        """The text of a step, where its expression ends and where its result ends."""
        form = self.main_form if self.rng.random() < 0.8 else "plain"
        money = step.unit == "dollars"
        unit = f" {step.unit}" if step.unit and self.rng.random() < self.with_unit else ""
        lead = self.rng.choice(step.leads) if step.leads else ""
        if lead and self.any_lead and self.rng.random() < 0.4:
            lead = self.voice.pick(*LEADS)
        if lead and self.rng.random() >= self.with_lead:
            lead = ""
        if not lead and not self.voice.held and self.rng.random() < 0.06:
            lead = self.voice.words(self.rng.randint(1, 5)).capitalize() + self.rng.choice(["", ":", ","])
        words = form == "words" and tree[0] != "%"
        expression, value = self.expression(tree, step.unit, words), self.number(result, money)
        if unit and value.startswith("$"):
            unit = ""
        if money and value.startswith("$") is False and self.rng.random() < 0.15:
            value = "$" + value if result >= 0 else value
            unit = ""
        start = lead + " " if lead else ""
        if form == "operands" and tree[0] != "%" and len(leaves_of(tree)) < 4:
            numbers = [self.number(self.lookup(leaf)) for _, leaf in leaves_of(tree)]
            start = self.voice.pick(*OPERANDS_FIRST, o=", ".join(numbers[:-1]) + " and " + numbers[-1])
        return self.finish(form, start, expression, value, unit)

    def finish(self, form, start, expression, value, unit):
        """Puts the pieces of a step together in one of the forms."""
        stop = self.rng.choice([".", ".", "."] if self.rng.random() < 0.7 else [""])
        if form == "gsm":
            bare = expression.replace(" ", "").replace("$", "")
            head = f"{start}{expression} = {'$' if value.startswith('$') else ''}<<{bare}="
            text = head + value.lstrip("$") + ">>" + value.lstrip("$")
            return text + unit + stop, len(start + expression), len(head + value.lstrip("$"))
        if form == "tex":
            left, right = self.rng.choice([("\\(", "\\)"), ("$", "$"), ("\\[", "\\]")])
            body, value = expression.replace("$", ""), value.lstrip("$")
            head = f"{start}{left}{body} = "
            return head + value + right + unit + stop, len(start + left + body), len(head + value)
        if form == "back":
            head = f"{start}{value} = {expression}"
            return head + stop, len(head), len(head)
        equals = " = "
        if form == "is" or (form == "words" and self.rng.random() < 0.5):
            equals = self.rng.choice([" is ", " equals ", " makes ", " gives "])
        elif self.tight:
            equals = "="
        head = start + expression + equals
        text, tail = head + value, unit + stop
        if form == "closing":
            tail = unit + self.voice.pick(*CLOSINGS, r=value, u=unit) + "."
        return text + tail, len(start + expression), len(text)

    def write_calculation(self, step, wrong, kinds=None):
        """Appends a step and its value as written."""
        result = evaluate(step.tree, self.lookup)
        if result is None or not is_short(result, 8):
            result = Fraction(plain(round(result or 0, self.rng.choice([2, 2, 4]))))
        tree, kind = step.tree, ""
        wrong_unit = statements.with_wrong_unit(self.rng, step) if wrong and step.say and kinds is None and self.rng.random() < 0.12 else None
        if wrong and wrong_unit is None:
            pool = [*self.program.givens, *self.program.extras, *self.values]
            kind, tree, result = Slips(self.rng, self.lookup, pool, self.voice.hard_slips).make(tree, result, kinds)
        elif tree[0] in "+*" and self.rng.random() < 0.15:
            tree = (tree[0], *self.rng.sample(tree[1:], len(tree) - 1))
        result = Fraction(plain(result))
        if step.say:
            text, expression_end, result_end = statements.compose(self, wrong_unit or self.rng.choice(step.say), tree, result)
        else:
            text, expression_end, result_end = self.compose(step, tree, result)
        mark = None
        if wrong_unit:
            kind, mark = "unit", len(text)
        elif kind:
            mark = result_end if kind in ("arith", "decimal", "percent") else expression_end
        self.values.append(result)
        self.steps.append(Step(text, 0 if kind else 1, kind, mark))

    def write_check(self):
        """Repeats the last calculation, as some solutions do."""
        last = self.steps[-1]
        head = self.rng.choice(["Check: ", "Check: ", "Checking: ", "Again: ", "Verify: "])
        body = last.text if last.text.endswith(".") else last.text + "."
        self.steps.append(Step(head + body, last.label, last.kind, None if last.mark is None else last.mark + len(head)))

    def write_opening(self):
        """Repeats a number of the problem, perhaps misread; or says nothing of weight."""
        if self.program.opening and self.rng.random() < 0.25:
            wording, index = self.program.opening
            value = self.program.givens[index]
            wrong = self.rng.random() < 0.3
            shown = plain(wrong_number(self.rng, value) if wrong else value)
            text = self.voice.pick(*KNOWN, t=wording.format(v=shown))
            self.steps.append(Step(text, int(not wrong), "misread" if wrong else "", text.index(shown) + len(shown) if wrong else None))
        elif self.rng.random() < 0.1:
            self.steps.append(Step(self.voice.pick(*FILLERS)))

    def write_answer(self, wrong):
        value = self.lookup(self.program.answer)
        kind, shown = "", value
        if wrong:
            others = [other for other in [*self.values[:-1], *self.program.givens] if other != value]
            shown = self.rng.choice(others) if others and self.rng.random() < 0.5 else wrong_number(self.rng, value)
            kind = "answer"
        unit = self.program.steps[-1].unit
        unit = f" {unit}" if unit and self.rng.random() < 0.6 else ""
        number = self.number(shown, unit == " dollars" and self.rng.random() < 0.5)
        if number.startswith("$"):
            unit = ""
        text = self.voice.pick(*ANSWERS, w=number, u=unit)
        say = self.program.steps[-1].say
        if say and self.rng.random() < 0.45:
            hole = statements.HOLE.search(statement := self.rng.choice(say))
            number = ("$" if hole.group()[0] == "$" else "") + number.lstrip("$")
            text = self.rng.choice(["", "", "So ", "Thus, ", "Therefore, ", "Answer: ", "In the end, ", "So the answer: "])
            text += (statements.lowered(statement[:hole.start()]) if text else statement[:hole.start()]) + number + statement[hole.end():] + ("" if self.no_stops else ".")
        self.steps.append(Step(text, 0 if kind else 1, kind, text.index(number) + len(number) if kind else None))

    def write(self, wrong_share, dense=False):
        """All steps of the solution."""
        steps, rng = self.program.steps, self.rng
        has_answer = self.program.answer is not None
        wrong = set()
        if rng.random() < wrong_share:
            wrong.add(rng.randrange(len(steps) + has_answer))
            if rng.random() < (0.3 if self.voice.hard_slips else 0.25):
                wrong.add(rng.randrange(len(steps)))
        if dense:
            wrong = {index for index in range(len(steps)) if rng.random() < 0.4}
        skipped = rng.randrange(len(steps) - 1) if not dense and self.program.family != "vague" and len(steps) > 1 and rng.random() < (0.12 if self.program.family == "sketch" else 0.05) else -1
        checks = rng.choice([0, 0, 0, 0, 0.15])
        self.write_opening()
        if self.program.family in ("sketch", "vague", "chain", "shop", "story", "rate") and self.voice.hard_slips and rng.random() < 0.12:
            self.steps += [step for step in [self.write_recap()] if step]
        after_skip = None
        for index, step in enumerate(steps):
            if index == skipped and index not in wrong and step.tree[1][0] != "c" and ("s", index) in [leaf for _, leaf in leaves_of(steps[index + 1].tree)]:
                after_skip = evaluate(step.tree, self.lookup)
                self.values.append(evaluate(step.tree[1], self.lookup))
                continue
            self.write_known(index, wrong)
            self.write_calculation(step, index in wrong, self.slip_kinds(dense))
            if after_skip is not None:
                self.mark_skip(step, index, after_skip)
                after_skip = None
            while rng.random() < checks and len(self.steps) < 20:
                self.write_check()
        if has_answer and (rng.random() < 0.8 or len(steps) in wrong):
            self.write_answer(len(steps) in wrong)
        if steps[0].say:
            self.steps = statements.joined(rng, self.steps)
        return self.prefixed()

    def write_recap(self):
        """Repeats a sentence of the problem, perhaps with a number misread; or compares two numbers."""
        rng, text = self.rng, self.program.text
        if rng.random() < 0.25 and len(self.program.givens) > 1:
            low, high = sorted(rng.sample(self.program.givens, 2))
            if low != high:
                a, b, wrong = self.number(low), self.number(high), rng.random() < 0.15
                a, b = (b, a) if wrong else (a, b)
                shown = rng.choice([f"{a} < {b}", f"{b} > {a}", f"{a} is less than {b}", f"{b} is more than {a}", f"because {a} is smaller than {b}"])
                return Step(shown + ".", int(not wrong), "compare" if wrong else "", len(shown) if wrong else None)
        sentences = [part for part in re.split(r"(?<=[.?]) ", text) if re.search(r"\d", part) and not part.endswith("?")]
        if not sentences:
            return None
        sentence = rng.choice(sentences)
        head = rng.choice(["", "", "We know: ", "Given: ", "The problem says: ", "We know that "])
        found = list(re.finditer(r"\d+", sentence))
        place = rng.choice(found)
        if rng.random() < 0.25 and not re.match(r"[.,]\d", sentence[place.end():]) and not re.search(r"\d[.,]$", sentence[:place.start()]):
            new = str(int(wrong_number(rng, int(place.group()))))
            if new != place.group() and "-" not in new:
                return Step(head + sentence[:place.start()] + new + sentence[place.end():], 0, "misread", len(head) + place.start() + len(new))
        return Step(head + sentence)

    def slip_kinds(self, dense):
        """The kinds of mistakes that can be seen: where the words mean nothing, those of the numbers alone."""
        if self.program.family == "vague":
            return ["fabricated"] if self.rng.random() < 0.4 else []
        return [] if dense else None

    def write_known(self, index, wrong):
        """A statement without a calculation, where the problem has one for this place; rarely with a wrong constant."""
        for statement, _ in self.program.known.get(index, []):
            if self.rng.random() < 0.3:
                self.steps.append(Step(*statements.known(self, statement, index not in wrong and self.rng.random() < 0.15)))

    def mark_skip(self, step, index, right_value):
        """The step after a left-out one is wrong: it goes on from the number before."""
        last = self.steps[-1]
        kept, self.values[index - 1] = self.values[index - 1], right_value
        right, self.values[index - 1] = evaluate(step.tree, self.lookup), kept
        if last.label and right != self.values[index]:
            last.label, last.kind, last.mark = 0, "operand", len(last.text)

    def prefixed(self):
        """Adds `Step 1:` or `1.` and the like in front of every step."""
        steps, count = [], len(self.steps)
        for index, step in enumerate(self.steps):
            head = self.prefix.replace("{i}", str(index + 1))
            if self.prefix == "word":
                head = "First, " if index == 0 else "Finally, " if index == count - 1 else self.rng.choice(["Next, ", "Then, ", "Now, ", "After that, "])
            steps.append(Step(head + step.text, step.label, step.kind, None if step.mark is None else step.mark + len(head)))
        return steps


def merged(voice, program):
    """Sometimes two steps in one: the second contains the expression of the first."""
    steps = program.steps
    if len(steps) < 2 or voice.rng.random() > 0.22:
        return
    index = voice.rng.randrange(len(steps) - 1)
    first, second = steps[index], steps[index + 1]
    uses = sum(leaf == ("s", index) for step in steps for _, leaf in leaves_of(step.tree))
    inside = [path for path, leaf in leaves_of(second.tree) if leaf == ("s", index)]
    size = len(leaves_of(first.tree)) + len(leaves_of(second.tree))
    if uses != 1 or not inside or "%" in (first.tree[0], second.tree[0]) or size > 6 or any(part[0] not in LEAVES for part in first.tree[1:]):
        return

    def renumber(tree):
        if tree[0] == "s":
            return first.tree if tree[1] == index else ("s", tree[1] - (tree[1] > index))
        return tree if tree[0] in LEAVES else (tree[0], *[renumber(part) for part in tree[1:]])

    program.known = {}
    program.steps = steps[:index] + [Calculation(renumber(step.tree), step.leads, step.unit, step.say) for step in steps[index + 1:]]
    if program.answer:
        program.answer = ("s", len(program.steps) - 1)


def distract(voice, program):
    """Sometimes a sentence with a number that nothing needs."""
    if program.family in ("sheet", "expr") or voice.rng.random() > 0.08:
        return
    number = voice.rng.randint(2, 60)
    program.extras.append(Fraction(number))
    sentence = voice.pick(*DISTRACTORS, n=voice.name(), v=number)
    sentences = program.text.split(". ")
    sentences.insert(voice.rng.randrange(len(sentences)), sentence.rstrip("."))
    program.text = ". ".join(sentences)


def disturb(voice, example):
    """Noise for training: other words in place of some, and sentences around the problem."""
    rng = voice.rng
    if any(step.kind == "unit" for step in example.steps):
        return
    share = rng.choice([0, 0, 0, 0, 0, 0, 0, 0.05, 0.1])
    example.problem = noise(voice, example.problem, share)[0]
    if rng.random() < 0.08:
        example.problem = voice.words(rng.randint(2, 6)).capitalize() + rng.choice([". ", ": ", "? "]) + example.problem
    if rng.random() < 0.08:
        example.problem += " " + voice.words(rng.randint(2, 6)).capitalize() + "."
    share = rng.choice([0, 0, 0, 0, 0, 0, 0.1, 0.3])
    for step in example.steps:
        step.text, step.mark = noise(voice, step.text, share, step.mark)
