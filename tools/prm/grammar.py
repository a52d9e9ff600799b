"""Wordings: alternatives in brackets, names, items and numbers, each in a part for training and one held out."""
import functools
import os
import random
import re
from fractions import Fraction

NAMES = """Tom Ann Maria Liam Sara Ben Olivia Noah Emma Jack Mia Omar Priya Chen Natalia Weng Julie James Betty Mark Ken
Lily Alexis Daniel Carla Peter Nina Kylar Janet Wendi Toula Josh Carlos Eliza Mike Jerry Rachel Leo Sophie Amir Fatima
Hugo Diego Kim Anita George Ruth Paul Tina Victor Grace Alan Julia Brian Kate Sam Laura Adam Ivan Elena Frank Nora Steve
Mr.~Lee Mrs.~Hill Ms.~Park Dr.~Wood Uncle~Joe""".split()
NAMES_HELD = ["Ravi", "Ingrid", "Tobias", "Yuki", "Helena", "Marcus", "Zoe", "Dmitri"]
ITEMS = """apples pencils marbles books stickers cookies cards coins eggs flowers balloons shells stamps clips oranges
muffins toys pens candies bottles shirts cupcakes bananas puzzles chairs boxes plants roses notebooks bricks sandwiches
trees cars rabbits chickens peaches sweets letters photos toy~cars baseball~cards paper~cups tennis~balls magazines
tomatoes potatoes cherries fish dolls jars cakes pies carrots bagels donuts kites hats socks""".split()
ITEMS_HELD = ["crayons", "tickets", "beads", "lemons", "ribbons", "buttons"]
NUMBER_NAMES = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten",
                11: "eleven", 12: "twelve", 13: "thirteen", 14: "fourteen", 15: "fifteen", 16: "sixteen", 18: "eighteen", 20: "twenty",
                30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 80: "eighty", 90: "ninety"}
CHOICE = re.compile(r"\[([^\[\]]*)\]")
WORD = re.compile(r"(?<![\\{\w])[A-Za-z']{3,}")
SYLLABLES = "ba ko ri ta ne lu mo sha den vik or el an chi gra fen pol zu ya ser".split()
KEEP = {"equals", "makes", "gives", "leaves", "multiplied", "divided", "half", "twice", "double", "doubles", "doubled", "triple", "tripled", "triples", "third", "quarter", "dozen", "more",
        "less", "fewer", "times", "plus", "minus", "total", "left", "each", "per", "every", "percent", "cdot", "frac", "div",
        "boxed", "text", *NUMBER_NAMES.values()}


@functools.lru_cache(None)
def common_words():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "words.txt"), encoding="utf-8") as file:
        return file.read().split()


def expand(rng, text):
    """Chooses among the alternatives: `{n} [buys|gets] {a} {i}.`"""
    while "[" in text:
        found = CHOICE.sub(lambda match: rng.choice(match.group(1).split("|")), text)
        if found == text:
            break
        text = found
    return text


def plain(value):
    """A number as digits: 12, 3.5, -4; at most four decimals."""
    value = Fraction(value)
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.4f}".rstrip("0").rstrip(".")


def is_whole(value):
    return Fraction(value).denominator == 1


def is_short(value, decimals=2):
    """Whether the number can be written exactly with so many decimals."""
    return (Fraction(value) * 10 ** decimals).denominator == 1


class Voice:
    """The source of all that varies in one problem: random choices, from the training part or the held-out part."""

    def __init__(self, rng: random.Random, held=False, big=False):
        self.rng, self.held, self.big = rng, held, big
        self.hard_slips = False
        self.invent = not held and rng.random() < 0.3
        self.words_for_numbers = rng.random() < (0.12 if held else 0.2)
        self.money_with_cents = rng.random() < 0.4

    def chance(self, share):
        return self.rng.random() < share

    def pick(self, training, held, **values):
        """One wording with its values filled in; numbers become text as the voice writes them."""
        text = expand(self.rng, self.rng.choice(held if self.held else training))
        return self.fill(text, **values) if values else text

    def fill(self, text, **values):
        written = {key: value if isinstance(value, str) else self.number_text(value) for key, value in values.items()}
        return text.format(**written)

    def words(self, count=1):
        return " ".join(self.rng.choice(common_words()) for _ in range(count))

    def invented(self):
        return "".join(self.rng.choice(SYLLABLES) for _ in range(self.rng.randint(2, 3)))

    def names(self, count):
        found = self.rng.sample(NAMES_HELD if self.held else NAMES, count)
        if self.invent:
            found = [self.invented().capitalize() if self.chance(0.6) else name for name in found]
        return [name.replace("~", " ") for name in found]

    def items(self, count):
        found = self.rng.sample(ITEMS_HELD if self.held else ITEMS, count)
        if self.invent:
            found = [self.rng.choice([self.words(), self.invented() + "s", self.words() + " " + item])
                     if self.chance(0.6) else item for item in found]
        return [item.replace("~", " ") for item in found]

    def name(self):
        return self.names(1)[0]

    def item(self):
        return self.items(1)[0]

    def whole(self, low, high):
        """A whole number, more often a small one; larger with `big`."""
        if self.big:
            return self.rng.randint(max(low, high // 2), high * 6)
        if self.chance(0.5):
            return self.rng.randint(low, high)
        return self.rng.randint(low, max(low + 1, min(high, low + (high - low) // 5)))

    def amount(self, low, high, decimals=0.3):
        """A price or measure: whole, or with one or two decimals."""
        if not self.chance(decimals):
            return Fraction(self.whole(low, high))
        part = self.rng.choice([Fraction(1, 2), Fraction(1, 2), Fraction(1, 4), Fraction(3, 4), Fraction(1, 5),
                                Fraction(self.rng.randint(1, 9), 10), Fraction(self.rng.randint(1, 99), 100)])
        return max(0, self.whole(low, high) - (1 if self.chance(0.5) else 0)) + part

    def number_text(self, value):
        value = Fraction(value)
        if self.words_for_numbers and value in NUMBER_NAMES and self.chance(0.6):
            return NUMBER_NAMES[int(value)]
        if is_whole(value) and value >= 1000 and self.chance(0.5):
            return f"{int(value):,}"
        return plain(value)

    def money(self, value):
        """An amount of money for a text: `$3.50`, `4 dollars`."""
        cents = not is_whole(value) or (self.money_with_cents and self.chance(0.3))
        text = f"{float(value):.2f}" if cents and is_short(value) else plain(value)
        if is_whole(value) and value >= 1000 and self.chance(0.5):
            text = f"{int(value):,}"
        return self.rng.choice([f"${text}", f"${text}", f"${text}", f"{text} dollars"])


def noise(voice, text, share, mark=None):
    """Replaces some words by others, which teaches the model not to rely on every word.

    `mark` is an offset into the text; the offset of the same place afterwards is returned with the text.
    """
    out, last, shift = [], 0, 0
    for match in WORD.finditer(text):
        if match.group().lower() in KEEP or voice.rng.random() >= share:
            continue
        word = voice.words() if voice.chance(0.7) else voice.invented()
        if match.group()[0].isupper():
            word = word.capitalize()
        if voice.chance(0.15):
            word = voice.rng.choice([word + " " + voice.words(), voice.words() + " " + word])
        out += [text[last:match.start()], word]
        last = match.end()
        if mark is not None and match.end() <= mark:
            shift += len(word) - len(match.group())
    return "".join(out) + text[last:], None if mark is None else mark + shift
