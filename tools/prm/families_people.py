"""Problems about people and things: chains of events, comparisons, shopping, savings, and sharing."""
from fractions import Fraction

from programs import Program, constant

# In each pair the second list is held out: none of its wordings occurs in training.
START = (["{n} has {v} {i}.", "{n} starts with {v} {i}.", "At first {n} has {v} {i}.", "There are {v} {i} in {n}'s bag.",
          "{n} [had|keeps|bought|found|made|baked|brought] {v} {i}.", "In the [morning|beginning] {n} [has|had] {v} {i}.",
          "A [box|basket|shop|store|drawer|shelf|truck|room] [holds|has|contains] {v} {i}. It belongs to {n}.",
          "[Initially|To begin with|On Monday|Last week], {n} [has|had] {v} {i}.", "{n} [counted|picked|gathered] {v} {i} [today|at home|on Sunday].",
          "{n} [is given|got|received] {v} {i} [by a friend|for a birthday|from school]."],
         ["{n} owns {v} {i}.", "{n} collected {v} {i} last year.", "Inside {n}'s garage sit {v} {i}."])
GAIN = (["{n} buys {a} more {i}.", "{n} finds {a} {i}.", "A friend gives {n} {a} {i}.", "Then {n} gets {a} more.",
         "{n} receives {a} {i} as a gift.", "{n} adds {a} {i} to the pile.", "{n} wins {a} {i} in a game.", "{n} earns {a} more {i}.",
         "{n} collects {a} {i} from the garden.", "{n} borrows {a} {i}.", "{n} takes {a} {i} home.", "Another {a} {i} arrive.",
         "{a} more {i} are added.", "[Then|Later|After lunch|The next day|On Tuesday|Afterwards], {n} [buys|gets|finds|makes|bought|found|made|gathers] {a} [more|additional|extra|other|new] {i}.",
         "{n}'s [mother|father|brother|uncle|teacher|neighbor|friend] [gives|gave|brings|hands|sends] {n} {a} [more |new |]{i}.",
         "{n} [also|then] [gets|receives|buys|wins] {a} [{i}|of them|more of them].", "[A further|An additional|An extra] {a} {i} [come in|are delivered|are found|were added].",
         "{n} [produces|bakes|builds|grows|prints] {a} {i} [more|on top of that|in the evening].", "{n} [discovers|notices] {a} {i} [under the bed|in a box|in the attic]."],
        ["{n} picks up another {a} {i}.", "{n}'s aunt sends {a} extra {i}.", "A parcel with {a} {i} shows up for {n}."])
LOSE = (["{n} gives away {a} {i}.", "{n} loses {a} of them.", "{n} sells {a} {i}.", "{n} uses {a} {i}.", "Then {a} {i} break.",
         "{n} drops {a} of the {i}.", "{n} hands {a} {i} to a neighbor.", "{n} eats {a} of them.", "{a} {i} are stolen.",
         "{n} returns {a} {i} to the shop.", "{n} spends {a} {i}.", "{a} of the {i} go bad.", "{n} lends {a} {i} to a cousin.",
         "[Then|Later|After dinner|The next day|On Friday|Afterwards], {n} [sells|gives away|loses|uses|sold|gave away|lost|eats|ate|breaks] {a} [of them|{i}|of the {i}].",
         "{n} [gives|gave|mails|passes|hands|offers] {a} [{i}|of the {i}|of them] to [a friend|a sister|a brother|the teacher|the poor].",
         "[Sadly|Unfortunately|By accident|In the rain], {a} [{i}|of them|of the {i}] [break|are lost|get lost|were broken|disappear|are ruined].",
         "{n} [removes|took out|takes away|cuts|burns|trades away|wastes|misplaces] {a} {i}.", "[A thief|The dog|The wind|A child] [takes|took|carries off|ruins] {a} [of them|{i}|of the {i}].",
         "{n} [has to|decides to] [give back|return|throw away|sell] {a} {i}."],
        ["{n} donates {a} {i} to a school.", "{n} throws out {a} of the {i}.", "A storm destroys {a} of {n}'s {i}."])
GAIN_LEAD = (["After getting more, {n} has", "Now there are", "Adding these gives", "So {n} now has", "{n} has", "[Then|Now|After that|Next] {n} has",
              "The [number|count|amount] [rises|grows|goes up] to", "With the [new|extra] {i}, {n} has", "There are now", "Add the [new ones|{i}|gift]:", "That makes", "Total so far:"],
             ["That brings the count to", "Together that makes", "The pile grows to"])
LOSE_LEAD = (["This leaves", "After that, {n} has", "Remaining:", "Now {n} is left with", "{n} has", "[Then|Now|After that|Next] {n} has",
              "The [number|count|amount] [falls|shrinks|goes down] to", "There are", "Take away the [lost ones|{i}]:", "Subtract [these|what was lost]:", "So [there are|{n} has]", "{n} [still has|keeps]"],
             ["What remains is", "The count drops to", "The pile shrinks to"])
GROW = {2: (["Then the number of {i} is doubled.", "{n} doubles the collection.", "[Then|Later] the [number|amount|count] [doubles|is twice as large].", "{n} ends up with twice as many {i}."],
            ["Later the amount is doubled.", "A lucky day gives twice the amount."]),
        3: (["Then the number of {i} is tripled.", "{n} triples the collection.", "[Then|Later] the [number|amount|count] [triples|is three times as large]."],
            ["Later the amount is tripled."]),
        0: (["Then the collection grows to {a} times its size.", "The number becomes {a} times as large.", "[Then|Soon] {n} has {a} times as many {i}.", "The [amount|count|pile] is multiplied by {a}."],
            ["A lucky day makes it {a} times bigger."])}
GROW_LEAD = (["Multiplying,", "The new number is", "Then there are", "[Now|So|Then] {n} has", "[Multiply|The number is] [to get|now]:", "This [becomes|grows to]"],
             ["Scaling up,", "The enlarged pile has"])
SPLIT = (["{n} splits them equally into {a} boxes and keeps one box.", "They are shared equally among {a} people and {n} keeps one share.",
          "{n} [divides|puts|sorts] [them|the {i}] [evenly|equally] [into|among] {a} [bags|groups|friends|jars] and [keeps|takes] [one|one part].",
          "[The|All] {i} are [divided|split] [equally|evenly] [among|between] {a} [children|friends|classes], {n} being one of them."],
         ["{n} divides them into {a} equal piles and takes a single pile."])
SPLIT_LEAD = (["Each share has", "Dividing,", "One box holds", "[Each|One] [part|group|person|bag] [has|gets]", "[Split|Divide] them:", "So {n} [keeps|has]"],
              ["A single pile has", "Sharing out,"])
CHAIN_QUESTION = (["How many {i} does {n} have now?", "How many {i} are left in the end?", "How many {i} does {n} have at the end?",
                   "How many [{i} are there|are there|{i} remain|does {n} have] [now|in the end|at last|after all this|]?", "[What is|Find|Compute|Tell] the [number|total|count] of {i} [now|at the end]."],
                  ["Find the final number of {i}.", "With what stock of {i} does {n} finish?"])


def chain_event(voice, program, current, value, words):
    """One thing that happens to the collection: (sentence, leaf of the result, new value), or None."""
    dice = voice.rng.random()
    if dice < 0.38:
        number = voice.whole(2, 150)
        leaf = program.given(number)
        lead = voice.pick(*GAIN_LEAD, **words)
        return voice.pick(*GAIN, a=number, **words), program.add("+", current, leaf, lead=lead), value + number
    if dice < 0.76 and value > 6:
        number = voice.rng.randint(1, int(value) - 2)
        leaf = program.given(number)
        lead = voice.pick(*LOSE_LEAD, **words)
        return voice.pick(*LOSE, a=number, **words), program.add("-", current, leaf, lead=lead), value - number
    if dice < 0.88 and value < 400:
        number = voice.rng.choice([2, 3, 4, 5, 2, 3, 6, 10])
        key = number if number in GROW and voice.chance(0.7) else 0
        leaf = constant(number) if key else program.given(number)
        return (voice.pick(*GROW[key], a=number, **words),
                program.add("*", current, leaf, lead=voice.pick(*GROW_LEAD, **words)), value * number)
    divisors = [d for d in (2, 3, 4, 5, 6, 8, 10) if value % d == 0 and value // d > 1]
    if not divisors:
        return None
    number = voice.rng.choice(divisors)
    leaf = program.given(number)
    return (voice.pick(*SPLIT, a=number, **words),
            program.add("/", current, leaf, lead=voice.pick(*SPLIT_LEAD, **words)), value // number)


def chain(voice):
    """One person gains and loses things."""
    name, item = voice.name(), voice.item()
    words = {"n": name, "i": item}
    value = voice.whole(5, 120)
    program = Program("chain", unit=item)
    current = program.given(value)
    program.opening = (f"{name} has {{v}} {item}", 0)
    sentences = [voice.pick(*START, v=value, **words)]
    for _ in range(voice.rng.randint(3, 6) if voice.big else voice.rng.randint(1, 4)):
        event = chain_event(voice, program, current, value, words)
        if event:
            sentence, current, value = event
            sentences.append(sentence)
    if not program.steps:
        return chain(voice)
    program.text = " ".join(sentences) + " " + voice.pick(*CHAIN_QUESTION, **words)
    return program


MORE = (["{b} [got|won|read|ate|baked] {m} more {i} than {a}[.| did.]", "If {b} gave away {m} {i}, {b} and {a} would have the same.", "{b} has the same number as {a} and another {m}.", "{a} needs {m} more {i} to have as many as {b}.", "{b} leads {a} by {m}.", "There are {m} more {i} with {b} than with {a}.",
        "{b} has {m} more {i} than {a}.", "{b} has {m} {i} more than {a} does.", "{b} has {m} extra {i} compared with {a}.",
         "{b} bought {m} more than {a} did.", "{b} beats {a} by {m} {i}.", "{b} [has|owns|bought|sold|made|found] {m} more [{i} than|than] {a}[.| did.| does.]",
         "[Compared to|Compared with] {a}, {b} has {m} more.", "{a} has {m} fewer {i} than {b}.", "{b} has as many {i} as {a} [plus|and] {m} more.", "{b} has more {i} than {a}, {m} more to be exact.",
         "{b}'s [number|count] is {m} [higher|larger|greater] than {a}'s.", "{a} [has|owns] {m} less than {b}.", "{b} exceeds {a} by {m}."],
        ["{b} owns {m} {i} above what {a} has.", "{b} has all that {a} has and {m} {i} on top."])
FEWER = (["{b} [got|won|read|ate|baked] {m} [fewer|less] {i} than {a}[.| did.]", "If {a} gave away {m} {i}, {a} and {b} would have the same.", "{b} has the same number as {a} but {m} less.", "{b} has {m} too few to equal {a}.", "{a} leads {b} by {m}.", "{a} has {m} {i} that {b} does not have, and otherwise they are equal.", "{b} must get {m} more to be level with {a}.",
        "{b} has {m} fewer {i} than {a}.", "{b} has {m} {i} less than {a}.", "{b} lacks {m} {i} compared with {a}.", "{b} is {m} behind {a}.",
          "{b} [has|owns|bought|sold|made|found] {m} [fewer|less] [{i} than|than] {a}[.| did.| does.]", "[Compared to|Compared with] {a}, {b} has {m} [fewer|less].",
          "{a} has {m} more {i} than {b}.", "{b}'s [number|count] is {m} [lower|smaller] than {a}'s.", "{a} beats {b} by {m} {i}.", "{a} [has|owns] {m} more than {b}."],
         ["{b} is {m} {i} short of {a}.", "{b} would need {m} {i} to catch up with {a}."])
TIMES = (["{b} [got|won|read|ate|baked] {m} times as many {i} as {a}[.| did.]", "For each of {a}'s {i} there are {m} of {b}'s.", "{a}'s number times {m} is what {b} has.",
        "{b} has {m} times as many {i} as {a}.", "{b} has {m} times more {i} than {a}.", "{b} collects {m} times the amount of {a}.",
          "{b} [has|owns|bought|sold|made] {m} times [as many as|what|the number of] {a}[.| did.| has.]", "{b}'s [number|count] is {m} times {a}'s.", "For every one of {a}'s {i}, {b} has {m}."],
         ["{b} holds {m} times the {i} that {a} holds."])
TWICE = (["{b} has twice as many {i} as {a}.", "{b} has double the [number|amount] of {a}.", "{b} [has|sold|made] two times as many as {a}."],
         ["{b} holds double what {a} holds."])
HALF = (["{b} has half as many {i} as {a}.", "{b} has half the [number|amount] of {a}.", "{b} [has|sold|made] only half as many as {a}."],
        ["{b} holds half of what {a} holds."])
BASE = (["{a} has {v} {i}.", "{a} [had|owns|bought|sold|made|found|got] {v} {i}.", "[There are|In all] {v} {i} [belong to|with] {a}."], ["{a} counts {v} {i}."])
OTHER_LEAD = (["{b} has", "The number {b} has is", "{b} [owns|bought|sold|made|got]", "{b}'s [number|count|amount] is", "So {b} has", "[First,|Then] {b} has", "[Find|Compute] {b}'s {i}:", "{b}:"],
              ["{b}'s share is", "On {b}'s side there are"])
PAIR_LEAD = (["{a} and {b} have", "Together {a} and {b} have", "{a} plus {b} [makes|is]", "The two [have|own]"], ["Between {a} and {b} there are"])
ALL_LEAD = (["All three have", "In total,", "[Everyone|All of them] together [has|have]", "The total [of all three|] is", "Altogether,"], ["The three combined hold"])
SUM_LEAD = (["Together they have", "In total,", "The total is", "[Altogether|Combined|In all][,|] [they have|there are]", "Add [both|the two]:", "Sum:", "So the total is"], ["Jointly they hold"])
SUM_QUESTION = (["How many {i} do they have in total?", "How many {i} do they have altogether?", "How many [{i} do they have|do they have|{i} are there] [in all|together|combined|in total]?",
                 "What is [the total|their total] number of {i}?"], ["Find the combined number of {i}."])
DIFFERENCE = (["How many more {i} does {x} have than {y}?", "What is the difference between {x} and {y}?", "By how many {i} does {x} beat {y}?"], ["How far is {x} ahead of {y}?"])
DIFFERENCE_LEAD = (["The difference is", "{x} has more by", "[Subtract|Subtracting][:|,]", "{x} leads by"], ["The gap is"])


def relation(voice, program, base, value, words):
    """A person in relation to one before: (sentence, leaf, value)."""
    choice = voice.rng.choice(["more", "more", "fewer", "fewer", "times", "twice", "half"])
    if choice == "half" and value % 2:
        choice = "more"
    if choice == "fewer" and value < 4:
        choice = "more"
    lead = voice.pick(*OTHER_LEAD, **words)
    if choice in ("twice", "half"):
        operator = "*" if choice == "twice" else "/"
        leaf = program.add(operator, base, constant(2), lead=lead)
        return voice.pick(*(TWICE if choice == "twice" else HALF), **words), leaf, value * 2 if choice == "twice" else value // 2
    number = voice.rng.randint(2, 6) if choice == "times" else voice.whole(2, 60)
    if choice == "fewer":
        number = voice.rng.randint(1, max(1, int(value) - 2))
    operator = {"more": "+", "fewer": "-", "times": "*"}[choice]
    table = {"more": MORE, "fewer": FEWER, "times": TIMES}[choice]
    given = program.given(number)
    result = {"+": value + number, "-": value - number, "*": value * number}[operator]
    return voice.pick(*table, m=number, **words), program.add(operator, base, given, lead=lead), result


def compare(voice):
    """Two or three people have things, each in relation to one before."""
    a, b, c = voice.names(3)
    item, value = voice.item(), voice.whole(6, 90)
    program = Program("compare", unit=item)
    first = program.given(value)
    words = {"a": a, "b": b, "i": item}
    program.opening = (f"{a} has {{v}} {item}", 0)
    sentences = [voice.pick(*BASE, v=value, **words)]
    sentence, second, second_value = relation(voice, program, first, value, words)
    sentences.append(sentence)
    if voice.chance(0.15):
        sentences.reverse()
    if voice.chance(0.4):
        on_second = voice.chance(0.75)
        base, base_value, base_name = (second, second_value, b) if on_second else (first, value, a)
        sentence, third, _ = relation(voice, program, base, base_value, {"a": base_name, "b": c, "i": item})
        sentences.append(sentence)
        if voice.chance(0.6):
            pair = program.add("+", first, second, lead=voice.pick(*PAIR_LEAD, a=a, b=b))
            program.add("+", pair, third, lead=voice.pick(*ALL_LEAD))
        else:
            program.add("+", first, second, third, lead=voice.pick(*ALL_LEAD))
    elif voice.chance(0.2) and second_value != value:
        high, low, x, y = (second, first, b, a) if second_value > value else (first, second, a, b)
        program.add("-", high, low, lead=voice.pick(*DIFFERENCE_LEAD, x=x, y=y))
        program.text = " ".join(sentences) + " " + voice.pick(*DIFFERENCE, x=x, y=y, i=item)
        return program
    else:
        program.add("+", first, second, lead=voice.pick(*SUM_LEAD))
    program.text = " ".join(sentences) + " " + voice.pick(*SUM_QUESTION, i=item)
    return program


BUYS = (["{n} buys {l}.", "{n} goes to the store and buys {l}.", "At the market {n} gets {l}.", "{n} orders {l}.", "{n} picks {l}.", "A customer takes {l}.",
         "{n} [bought|needs|wants|ordered|purchases|sells|sold] {l}.", "[At the shop|In a store|Online|For a party][,|] {n} [buys|bought|ordered] {l}.", "{n} [has to buy|plans to buy|pays for] {l}."],
        ["{n} fills a basket with {l}."])
PRICED = (["{q} {i} at {c} each", "{q} {i} for {c} each", "{q} {i} that cost {c} each", "{q} {i} for {c} per piece", "{q} {i} worth {c} each", "{q} boxes of {i} at {c} a box",
           "{q} {i} at {c}", "{q} {i} ({c} each)", "{q} {i} [costing|which cost|selling for|for] {c} [each|per piece|a piece|per item]", "{q} [bags|packs|cans|bottles] of {i} [at|for] {c} [each|per pack|a pack]"],
          ["{q} {i} priced at {c} apiece"])
PRICED_LEAD = (["The {i} cost", "Cost of the {i}:", "{n} spends on {i}:", "Price of the {i} is", "He pays for {i}", "Total for {i} =", "The [cost|price|total] [of|for] [the |]{i} is", "{n} [spends|spent|pays|paid]", "[For the|The] {i}:", "First [item|cost]:"],
               ["For the {i} the price is"])
TOTAL_LEAD = (["The total cost is", "In total,", "Altogether that is", "[The total|Total|Sum|Total cost][:| is]", "{n} [spends|spent|pays] [in total|altogether|]", "[Add|Adding] [them|the costs][ up|]:", "So far:"], ["Summing up,", "The whole basket costs"])
CHANGE = (["{n} pays with {b}. How much change does {n} get?", "{n} had {b} before. How much money is left?", "{n} [has|had|took|brought] {b}. How much [money |]does {n} have [left|left over|now]?",
           "How much change [does {n} get|is there] [from|out of] {b}?", "If {n} [pays|paid] with {b}, [what is the change|how much is given back]?"],
          ["The budget was {b}. How much remains?"])
CHANGE_LEAD = (["The change is", "{n} has left", "Subtracting,", "[Change|Left|Money left|Remaining][:| is]", "{n} gets back", "So {n} [has|keeps|is left with]"], ["The leftover is"])
HALVED = (["A friend pays half. How much does {n} pay?", "{n} and a friend [split|share] the [cost|bill] [equally|evenly]. How much does each pay?", "[A coupon|The store] takes half off. What [is the price|does {n} pay]?"],
          ["The bill is halved by a coupon. What is the new bill?"])
HALVED_LEAD = (["Half of that is", "{n} pays", "[Each|One person] pays", "[Divide|Dividing] by 2[:|,]", "So [each|{n}] pays"], ["The halved bill is"])
SPEND = (["How much does {n} spend?", "What is the total cost?", "How much [does {n} pay|did {n} spend|is the bill|does it cost] [in total|altogether|in all|]?", "[Find|What is] the total [price|amount|bill|cost].", "How many dollars [is that|are needed]?"],
         ["What does the whole purchase come to?"])


def shop(voice):
    """Some things are bought; perhaps there is change, or a friend pays half."""
    name, count = voice.name(), voice.rng.choice([1, 2, 2, 3])
    program = Program("shop", unit="dollars")
    parts, leaves, total = [], [], 0
    for item in voice.items(count):
        quantity, price = voice.rng.randint(2, 40 if voice.big else 12), voice.amount(2, 60 if voice.big else 15, 0.3)
        quantity_leaf, price_leaf = program.given(quantity, price)
        parts.append(voice.pick(*PRICED, q=quantity, i=item, c=voice.money(price)))
        leaves.append(program.add("*", quantity_leaf, price_leaf, lead=voice.pick(*PRICED_LEAD, i=item, n=name)))
        total += quantity * price
    goods = parts[0] if count == 1 else ", ".join(parts[:-1]) + voice.rng.choice([" and ", ", and ", " and "]) + parts[-1]
    text = voice.pick(*BUYS, n=name, l=goods)
    if count == 3 and voice.chance(0.4):
        current = program.add("+", *leaves, lead=voice.pick(*TOTAL_LEAD, n=name))
    else:
        current = leaves[0]
        for leaf in leaves[1:]:
            current = program.add("+", current, leaf, lead=voice.pick(*TOTAL_LEAD, n=name))
    dice = voice.rng.random()
    if dice < 0.4:
        budget = (int(total) // 50 + 1) * 50 if voice.chance(0.7) else int(total) + voice.rng.randint(1, 60)
        program.add("-", program.given(budget), current, lead=voice.pick(*CHANGE_LEAD, n=name))
        text += " " + voice.pick(*CHANGE, n=name, b=voice.money(Fraction(budget)))
    elif dice < 0.55 and (total * 50).denominator == 1:
        program.add("/", current, constant(2), lead=voice.pick(*HALVED_LEAD, n=name))
        text += " " + voice.pick(*HALVED, n=name)
    else:
        text += " " + voice.pick(*SPEND, n=name)
    program.text = text
    return program


SAVE = (["{n} [sells [cookies|lemonade|papers]|mows lawns|walks dogs] and [takes in|gets] {a} [a|each|per] {u}. [That goes on|It lasts] for {b} {u}s. {c} [goes|is needed] for [supplies|ads|food]. [What is the profit|How much is left]?", "[With|At] {a} per {u} for {b} {u}s, minus [costs|expenses] of {c}, what does {n} [keep|have]?", "{b} {u}s [in a row|long] {n} [receives|wins|collects] {a} [each time|per {u}] but [also|then] [loses|pays] {c} [once|in total]. What is left?", "{n} pays {a} into a box [every|each] {u}. {b} {u}s later {c} [is|are] taken out. How much is in the box?", "A [worker|driver|cook] gets {a} per {u} and works {b} {u}s. The [tools|clothes|taxes] cost {c}. How much [remains|is left over]?",
        "{n} [saves|earns|makes|gets] {a} [every|each|a|per] {u} for {b} {u}s and [spends|pays|loses] {c}. How much [does {n} have|is left]?",
         "{n} [earns|is paid|makes] {a} per {u}. After {b} {u}s {n} [buys a [bike|coat|gift] for|pays|spends] {c}. How much [money is left|does {n} have left]?",
         "[Every|Each] {u} {n} [puts aside|saves] {a}. After {b} {u}s {n} takes out {c}. What is [left|the balance]?"],
        ["{n}'s allowance is {a} a {u}; it is kept for {b} {u}s, then {c} goes to a present. What amount stays?"])
GOAL = (["{n} is saving for a [camera|scooter|laptop] that costs {c}. There is {a} in the [piggy bank|account], and [each|every] week {b} [more is|is] [added|put in]. [When|After how many weeks] is there enough?", "[The class|A club|A family] [collects|saves] {c} for a [visit|party|tent]. {a} is [there|collected] already, {b} comes [each|per] week. How many weeks are [still |]needed?", "{n} owes {c}. {n} pays {a} now and {b} [a|each|per] week. How many weeks [until all is paid|does it take]?", "[To buy|For] a [boat|horse|bed] of {c}, {n}, who has {a}, saves {b} [weekly|each week]. How long [does it take|must {n} save]?",
        "{n} [needs|wants|has to save] {c} for a [bike|trip|phone|guitar]. {n} [already has|has saved|has] {a} and [earns|saves] {b} [a|per|each] week. How many weeks [does it take|are needed]?",
         "A [game|tablet|dress] costs {c}. {n} has {a} and gets {b} each week. [After how many weeks can {n} buy it|How many weeks must {n} wait]?"],
        ["{n} dreams of a drum set for {c}. With {a} in the bank and {b} coming in weekly, how many weeks will it take?"])
EGGS = (["[Every|Each] day {n} [picks|catches|grows|makes] {a} [apples|fish|flowers|candles]. {b} [are|get] [eaten|kept] and {c} [are|get] [given away|thrown away]. The [others|rest] [go for|are sold at|cost] {d} each. [What is earned|How much money comes in] [a|per|each] day?", "Of {a} [loaves|cups|boxes] {n} [needs|uses] {b} and [a friend|the school] [gets|takes] {c}. What is left is sold for {d} [a piece|each]. How much [money |]does {n} [get|make]?", "{n} had {a} [tickets|shirts|pots]. {b} were [lost|damaged] and {c} were [gifts|returned]. {n} [sold|sells] all others at {d} each. How much did that [bring|make]?",
        "{n}'s [hens|ducks|chickens] lay {a} eggs [per|a|each] day. {n} [eats|uses] {b} and [bakes with|gives away] {c} [every day|daily]. {n} sells the [rest|remainder] for {d} [each|per egg]. How much does {n} make [per day|every day|daily]?",
         "{n} [bakes|makes] {a} pies [per|a|each] day, [keeps|eats] {b} and [gives|donates] {c} away. The [others|rest] are sold [at|for] {d} each. How much money is that [per|a] day?"],
        ["Out of {a} jars that {n} fills daily, {b} stay at home and {c} go to friends; the remaining ones bring {d} each. What are the daily earnings?"])


def story(voice):
    """Savings, goals, and goods of which some are kept and the rest is sold."""
    name, choice = voice.name(), voice.rng.randrange(3)
    program = Program("story", unit="dollars")
    if choice == 0:
        rate, count = voice.amount(3, 40), voice.rng.randint(2, 12)
        spent = voice.rng.randint(1, max(1, int(rate * count) - 1))
        a, b, c = program.given(rate, count, spent)
        program.text = voice.pick(*SAVE, n=name, a=voice.money(rate), b=count, c=voice.money(Fraction(spent)), u=voice.rng.choice(["week", "month", "day"]))
        total = program.add("*", a, b, lead=voice.pick([f"{name} [saves|earns|makes|has]", "[In total|Altogether][,|] [that is|he has|she has]", "[Total|Savings|Earnings][:| are]"], ["The money adds up to"]))
        program.add("-", total, c, lead=voice.pick([f"{name} has left", "[Left|Remaining|Balance][:| is]", "After [spending|paying][,| that is]", "[So|Then|Now] there is"], ["What stays is"]))
    elif choice == 1:
        weeks, weekly, have = voice.rng.randint(2, 20), voice.rng.randint(2, 40), voice.whole(3, 150)
        a, b, c = program.given(have, weekly, have + weeks * weekly)
        program.text = voice.pick(*GOAL, n=name, a=voice.money(Fraction(have)), b=voice.money(Fraction(weekly)), c=voice.money(Fraction(have + weeks * weekly)))
        missing = program.add("-", c, a, lead=voice.pick([f"{name} [still needs|needs|has to save]", "[Missing|Still needed|Remaining][:| is]", "The [rest|difference] is"], ["The shortfall is"]))
        program.add("/", missing, b, lead=voice.pick(["[That takes|It takes|Weeks needed:|The number of weeks is]", f"So {name} needs", "[Divide|Dividing][:|,]"], ["The wait is"]), unit="weeks")
    else:
        first, second, rest = voice.rng.randint(2, 12), voice.rng.randint(2, 12), voice.whole(3, 40)
        price = voice.amount(1, 9)
        a, b, c, d = program.given(first + second + rest, first, second, price)
        program.text = voice.pick(*EGGS, n=name, a=first + second + rest, b=first, c=second, d=voice.money(price))
        if voice.chance(0.5):
            left = program.add("-", a, b, c, lead=voice.pick([f"{name} sells", "[Left|Remaining|The rest|To sell][:| is]", "There are"], ["What can be sold is"]), unit="")
        else:
            used = program.add("+", b, c, lead=voice.pick([f"{name} uses", "[Used|Not sold|Taken][:| are]", "In all that is"], ["Kept back are"]), unit="")
            left = program.add("-", a, used, lead=voice.pick([f"{name} sells", "[Left|Remaining|The rest][:| is]", "This leaves"], ["What can be sold is"]), unit="")
        program.add("*", left, d, lead=voice.pick([f"{name} [makes|earns|gets]", "[The money is|Income:|Earnings:|So the total is]", "[Every day|Daily] that is"], ["The takings are"]))
    return program


FRACTION = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth", 6: "one sixth", 10: "a tenth"}
PART = (["{n} [has|had] {v} {i} and [loses|sells|gives] {f} [of them|of these]. How many does {n} [still have|keep]?", "A [box|class|shop] with {v} {i} [loses|sells] {f} of [them|all]. [What is left|How many are still there]?", "{f} of the {v} {i} [are|were] [gone|used|broken|blue]. How many are [still there|fine|left]?",
        "{n} has {v} {i}. {f} of them are [red|old|broken|sold]. How many are not?", "{n} [gives|gave] {f} of {v} {i} away. How many [are left|remain]?",
         "There [are|were] {v} {i}. {n} [takes|eats|uses|buys] {f} of them. How many [are left|remain|stay]?", "{f} of {v} {i} [get lost|are eaten|belong to {n}]. How many [are left|do not]?"],
        ["From a stock of {v} {i}, {n} ships {f}. What stays in stock?"])
PART_LEAD = (["That part is", "[Taken|Given away|Sold|Used][:| are]", "{n} [gives|uses|takes]", "[The|This] [part|fraction|share] is", "{f} of {v} is"], ["The shipped part is"])
REST_LEAD = (["The rest is", "[Left|Remaining|So the rest][:| is]", "This leaves", "{n} has left", "There are"], ["In stock stay"])


def fraction(voice):
    """A part of things goes away, then perhaps a part of the rest."""
    name, item = voice.name(), voice.item()
    parts = voice.rng.choice([2, 2, 3, 3, 4, 4, 5, 6, 10])
    share = voice.rng.choice([1, 1, 1, parts - 1]) if parts > 2 else 1
    value = parts * voice.whole(2, 60)
    program = Program("fraction", unit=item)
    leaf = program.given(value)
    spoken = FRACTION[parts] if share == 1 and voice.chance(0.7) else f"{share}/{parts}"
    if "/" in spoken:
        share_leaf, parts_leaf = program.given(share, parts)
    else:
        share_leaf, parts_leaf = constant(1), constant(parts)
    text = voice.pick(*PART, n=name, i=item, v=value, f=spoken)
    program.text = text[0].upper() + text[1:]
    words = {"n": name, "f": spoken, "v": value}
    part = program.add("/", leaf, parts_leaf, lead=voice.pick(*PART_LEAD, **words))
    if share > 1:
        part = program.add("*", part, share_leaf, lead=voice.pick(*PART_LEAD, **words))
    program.add("-", leaf, part, lead=voice.pick(*REST_LEAD, **words))
    return program
