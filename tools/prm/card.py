"""The model card, written from the results of the evaluation."""
HEAD = """# Arithmetic starter

A process reward model (PRM) of {parameters:.2f} million weights. It reads a short English word problem and a solution, and gives for every step the probability
that the step is right. It judges **the arithmetic and the simple linear algebra of school-like word problems in English, and nothing else**. It is no general
PRM: it does not judge proofs, geometry, code, prose, other languages, or whether an approach is clever. It is meant for trying out RewardLens offline and for
small experiments. Licence: MIT.

A step counts as right when it follows from the problem and from the earlier steps *as they are written*: going on correctly from an earlier mistake is right.

## How to read it

`<bos>` problem `<sol>` step `<step>` step `<step>` ..., where the problem and each step are tokenised by themselves. At each `<step>`: softmax over the two
logits, index 1 is P(the step is right); below 0.5 the step is flagged. At other tokens of a step the same number means "right so far". At most 1,024 tokens.

## What it is

A causal transformer (5 layers, width 128, 4 heads: two without positions, two with a penalty for distance) over a byte-level BPE of {vocabulary:,} tokens with single
digits. The graph also contains a small calculator without trained weights: it reads the numbers in the text (decimals, thousands separators, percent signs,
number words in the problem), evaluates the expression before an equals sign (with parentheses and precedence), solves linear equations in one
variable, finds where a number occurred before and how it relates to others, and lets the network look up the text around that place. The network learns what these facts mean; plain learning of arithmetic does not fit in a model of this
size. A number's last digit is recognised by looking at the next few tokens, so scores inside a number can depend on the tokens right after it.

## How it was trained

On {examples:,} generated solutions ({tokens:.0f} million tokens, {steps:,} optimiser steps, AdamW) in {minutes:.0f} minutes on one or two busy CPU cores, in several goes: 50 minutes
on eleven families of templates, 25 with stories and noise added, and 80 with a thousand stories (`tools/prm/sketches`), pairs of solutions that differ in one mistake, and a
larger vocabulary. What to add was decided after looking at the tuning half of the solutions written by hand and at held-out results, so that these are not quite blind; the held-out half was never
looked at step by step. Mistakes are of twelve kinds with exact labels. No text of any data set was used. Most of the stories were written by a large language model for
this purpose; every label is the generator's own. The weights were then rounded to half precision; everything below was measured on the rounded model, which is what `model.onnx` holds.

## Results

A wrong step is the positive class; a step is flagged below 0.5. "Held-out templates": wordings, names, items and letters that never occur in training, of the
same families, written by the same hand. The calculator is a regular expression that finds `a op b = c` and computes it.
"""

HAND = """
"Held-out sketches" are stories that never occur in training; "held-out compositions" problems put together from parts that do not.

## Solutions written by hand

{solutions} grade-school solutions in many styles, of which {with_mistake} have one planted wrong step. Half of them, chosen by a hash of their names, was never looked
at step by step while generator, network and threshold were made; their author wrote the generator too. "Verifier" is RewardLens' arithmetic verifier, which needs
no model; "together" is the model's score, but 0 where the verifier says wrong.
"""

LIMITS = """
## Where it fails

* **On solutions whose wording and structure the generator does not make, most of its flags are false alarms**: of the right steps written by hand, {alarms} are flagged.
  Where only stated calculations count, use the arithmetic verifier, which is exact and gives a reason; the model adds guesses about everything else.
* **Where the calculation is right in itself but is the wrong one for the problem, it finds {meaning}** of the steps written by hand ({kinds}); there it would have to
  understand the sentence. Do not rely on it for that.
* Held-out templates describe unseen wordings of the *same kinds of problems*. On real solutions expect what is measured on those written by hand, or less.
* A step without a calculation, or with one that leaves out intermediate results, is judged by little more than whether its numbers occurred before or can be made of
  them. Number words inside a step are not read as numbers, `.75` is read as 75, and mixed numbers such as `1 1/2` are two numbers.
* Chains of more than eight numbers, nested parentheses, powers, roots, equations in several variables, inequalities, rounding down to whole things and numbers of more
  than twelve digits are outside what its calculator reads.
* It is useless for competition mathematics, proofs, code, tools, dialogue and other languages. In `samples/verl-run`, whose steps think aloud, its scores mean nothing.
* It is easy to fool on purpose. Do not train a policy against it without another check: a policy will find out what it cannot see.
"""

MEANING = ("drop", "operand", "operation", "percent", "sign", "unit")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def percent(share):
    return f"{100 * share:.1f} %"


def row_of(name, result):
    return [name, f"{result['steps']:,}", f"{result['wrong']:,}", *[f"{result[key]:.3f}" for key in ("f1", "precision", "recall", "accuracy", "auc")]]


COLUMNS = ["set", "steps", "wrong", "F1", "precision", "recall", "accuracy", "AUC"]


def results(report):
    """The sets of the generator."""
    rows = [row_of(name, result) + [f"{result['calculator']['f1']:.3f}" if "calculator" in result else ""] for name, result in (report["sets"] | report["earlierSets"]).items()]
    return [table([*COLUMNS, "F1 of the calculator"], rows)]


def by_hand(report):
    """The solutions written by hand: the halves, alone and with the verifier, and recall by kind."""
    hand, rows = report["handwritten"], []
    for name in ("all", "tuning half", "held-out half"):
        rows.append(row_of(f"{name}: model", hand[name]))
        rows += [row_of(f"{name}: {who}", hand[name][who]) for who in ("verifier", "together") if who in hand[name]]
    kinds = [[kind, row["steps"], row["flagged"], row["together"]] for kind, row in hand["recallByKind"].items()]
    styles = [[style, row["steps"], row["flagged"]] for style, row in hand["falseAlarmsByStyle"].items()]
    return [HAND.format(solutions=hand["solutions"], with_mistake=hand["withMistake"]), table(COLUMNS, rows),
            "\nBy kind of mistake:\n", table(["kind", "steps", "flagged", "together with the verifier"], kinds),
            "\nRight steps that are flagged all the same, by style:\n", table(["style", "right steps", "flagged"], styles),
            "\nMisjudged steps of the tuning half:\n",
            table(["step", "really", "score"], [[row["step"].replace("|", "\\|"), "right" if row["label"] else "wrong", row["score"]] for row in hand["misjudged in the tuning half"]])]


def limits(report):
    hand = report["handwritten"]
    meaning = [hand["recallByKind"][kind] for kind in MEANING]
    right = hand["all"]["steps"] - hand["all"]["wrong"]
    alarms = sum(row["flagged"] for row in hand["falseAlarmsByStyle"].values())
    return LIMITS.format(meaning=f"{sum(row['flagged'] for row in meaning)} of {sum(row['steps'] for row in meaning)}", kinds=", ".join(MEANING), alarms=f"{alarms} of {right}")


def write_card(report, path):
    """Writes MODEL_CARD.md."""
    training, held = report["training"], report["sets"]["held-out templates"]
    parts = [HEAD.format(vocabulary=report["vocabulary"], parameters=training["parameters"] / 1e6, examples=training["examples"], tokens=training["tokens"] / 1e6,
                         steps=training["steps"], minutes=training["seconds"] / 60)]
    parts += results(report) + by_hand(report)
    parts.append("\n## Held-out templates in detail\n\nHow many of the wrong steps are flagged, by kind of mistake:\n")
    parts.append(table(["kind", "steps", "flagged"], [[kind, row["steps"], percent(row["share"])] for kind, row in held["recallByKind"].items()]))
    parts.append("\nRight steps that are flagged all the same, by family:\n")
    parts.append(table(["family", "steps", "flagged"], [[kind, row["steps"], percent(row["share"])] for kind, row in held["falseAlarmsByFamily"].items()]))
    parts.append("\nCalibration:\n")
    parts.append(table(["score", "steps", "mean score", "share of right steps"],
                       [[f"{row['from']:.1f} to {row['from'] + 0.1:.1f}", row["steps"], row["meanScore"], row["right"]] for row in held["calibration"]]))
    place = report["localisation"]
    parts.append(f"\nIn {place['wrongSteps']} wrong held-out steps, the first token below 0.5 is exactly the one where the mistake shows in {percent(place['exact token'])}, "
                 f"within two tokens of it in {percent(place['within two tokens'])}; no token of the step is below 0.5 in {percent(place['never'])}.")
    parts.append(limits(report))
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(parts))
