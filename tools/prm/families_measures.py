"""Problems about rates, percentages, units with well-known constants, bare expressions and lists of calculations."""
from fractions import Fraction

from grammar import plain
from programs import Program, constant

TRAVEL = (["{n} [swims|sails|drives|jogs] {b} hours, covering {a} [miles|km] in [each|every one] of them. [Later|Then] {n} [goes on|continues] for {d} hours with {c} [miles|km] [an|per] hour. [What is the whole distance|How long is the whole way]?", "[Speed|Pace] {a} [per|an] hour for {b} hours, [speed|pace] {c} [per|an] hour for {d} hours: [what is the distance|how far in all]?", "During {b} hours a [tractor|boat|truck] does {a} [km|miles] hourly; during {d} more hours it does {c}. [Find|Give] the distance.", "{n}'s [trip|ride|hike] has two parts: {b} hours at {a} [mph|km per hour] and {d} hours at {c}. How [long|far] is it?",
        "{n} drives at {a} miles per hour for {b} hours and then at {c} miles per hour for {d} hours. How far does {n} travel?",
           "A train moves {a} miles each hour for {b} hours, then {c} miles each hour for {d} hours. What is the total distance?",
           "{n} [runs|walks|rides|goes] {a} [km|miles|kilometers] [an|per|each] hour for {b} hours, [then|and after a break] {c} [an|per|each] hour for {d} hours. [How far is that|What distance is covered] [in total|altogether]?",
           "A [bus|car|plane|ship] [travels|goes] [for {b} hours at {a}|at {a} mph for {b} hours] [and|and then] [for {d} hours at {c}|at {c} mph for {d} hours]. How [far does it go|many miles is that]?",
           "For {b} hours {n} [picks|makes|packs] {a} per hour, [then|and] for {d} hours {c} per hour. How many [in total|altogether]?"],
          ["{n} cycles {b} hours at a speed of {a} miles per hour, later {d} hours at {c} miles per hour. How many miles is that?"])
FIRST_LEAD = (["First part:", "The first distance is", "[First|At first|In the first part|To begin],", "The first [leg|stretch] is", "{n} [goes|makes] first", "Distance 1:"], ["Leg one covers"])
SECOND_LEAD = (["Second part:", "The second distance is", "[Then|After that|In the second part],", "The second [leg|stretch] is", "Distance 2:"], ["Leg two covers"])
TRAVEL_LEAD = (["Total distance:", "In total,", "[The total|Altogether|Total|Sum][:| is| that is]", "[Add|Adding] [both|the parts|them][:|,]"], ["Combined,"])
WAGE = (["{n}'s [hourly|] [pay|wage] is {a} an hour. {n} [put in|works] {b} hours, [then|and] [gives|lends] {c} to a [friend|sister]. How much [stays|is there] in the end?", "For [each|every] hour of [tutoring|cleaning|babysitting] {n} [gets|charges] {a}. After {b} hours {n} [buys [shoes|a game|food] for|must pay] {c}. [What remains|How much is left]?", "{b} hours of work bring {n} {a} each. {c} [of it|] [is|are] [spent|gone] [at once|on clothes]. [How much is kept|What is kept]?", "{n} rents out a [boat|bike] at {a} [an|per] hour and it is out for {b} hours. Repairs cost {c}. What is the profit?",
        "{n} earns {a} per hour and works {b} hours. {n} spends {c}. How much money is left?", "A job pays {a} an hour. {n} works for {b} hours and then pays {c} in tax. How much does {n} keep?",
         "{n} [makes|gets|is paid] {a} [an|per|each|every] hour. [This week|Today|Last month] {n} [works|worked] {b} hours and [pays|paid|spends|spent] {c} for [food|rent|a gift|gas]. [What is left|How much is left over|How much money remains]?"],
        ["{n} is paid {a} hourly, works {b} hours, and owes {c} of rent. What is left over?"])
PAY_LEAD = (["{n} earns", "Total pay:", "[Pay|Income|Earnings|Wages][:| is| are]", "{n} [makes|gets|earned|is paid]", "[The pay is|In all that pays]"], ["The wages come to"])
KEEP_LEAD = (["After that,", "Left over:", "[Left|Remaining|Money left][:| is]", "{n} [keeps|has|has left]", "[So|Then|Now] there is", "[Subtract|Subtracting] the [cost|rest][:|,]"], ["After rent there is"])
RATE = (["It takes {b} [minutes|hours|days] to [fill|make|fold|wash|check] {a} [bottles|forms|plates|letters]. How many can be [filled|made|done] in {c} [minutes|hours|days]?", "{n} [washes|answers|sorts|plants|walks] {a} [cars|emails|letters|trees|steps] in {b} [hours|minutes|days]. [What about|How many in] {c} [hours|minutes|days]?", "In {b} [hours|minutes|weeks] a [printer|robot|tap|farm] [gives|produces|delivers] {a} [sheets|liters|eggs]. [And in|How many are that in] {c}?", "[The price of|For] {b} [kilos|tickets|meals|boxes] [is|one pays] {a} dollars. What [is the price of|would one pay for] {c}?", "{a} [kids|guests|dogs] for {b} [cars|tables|rooms], the same in each. How many for {c}?",
        "A machine makes {a} parts in {b} hours. How many parts does it make in {c} hours?", "{n} reads {a} pages in {b} days. At this pace, how many pages does {n} read in {c} days?",
         "A pump moves {a} liters in {b} minutes. How many liters in {c} minutes?", "{n} types {a} words in {b} minutes. How many words can {n} type in {c} minutes?",
         "A car uses {a} units in {b} trips. How many in {c} trips?", "{b} [boxes|bags|crates|tickets] [hold|weigh|cost] {a}. [How much do|What about] {c} [of them|such boxes]?",
         "{n} [makes|bakes|paints|packs|sews] {a} [cakes|shirts|toys|walls] in {b} [hours|days|weeks]. How many [in|during] {c} [hours|days|weeks] at [the same|this] [rate|speed|pace]?",
         "If {b} [pens|books|apples] cost {a} dollars, [how much do|what do] {c} [cost|of them cost]?", "A [recipe|cook|baker] [needs|uses] {a} [grams|cups] for {b} [cakes|people]. [How much|What amount] for {c}?"],
        ["{n} can fold {a} shirts in {b} minutes. How many can {n} fold in {c} minutes?"])
UNIT_LEAD = (["The rate is", "Per unit of time:", "In one hour", "Each day", "Unit rate:", "Every one gives", "[One|Each|A single one] [is|makes|costs|needs]", "[Divide|Dividing] to get one[:|,]", "Per [hour|day|minute|piece] that is"], ["Each minute that is"])
SCALE_LEAD = (["So in the given time it is", "Multiplying by the time,", "[So|Then|Therefore] [in all|for all|it is]", "[The total|Total|For the new number][:| is]", "[Multiply|Multiplying][:|,]"], ["Over the full time,"])
FENCE = (["{n} wants to [put a border around|fence in] a [lawn|flower bed|pen] that is {a} [m|feet] long and {b} [m|feet] wide. [Each|One] [m|foot] of it costs {c}. [How expensive is that|What must be paid]?", "A ribbon runs around a [poster|frame] of {a} by {b} [cm|inches] and costs {c} per [cm|inch]. What is its price?",
        "A rectangle is {a} meters long and {b} meters wide. Fence costs {c} per meter. How much does the fence around it cost?",
          "A [yard|garden|field|park|pool] [measures|is] {a} by {b} [meters|feet|yards]. A fence [around it|] costs {c} per [meter|foot|yard]. [What is the cost|How much is it|What does the fence cost]?"],
         ["{n}'s garden measures {a} m by {b} m. Fencing is {c} per metre. Find the cost of fencing it."])
SIDES_LEAD = (["Length plus width is", "Adding the sides,", "[Length and width|Two sides|One pair of sides][:| make| is]"], ["The half perimeter is"])
PERIMETER_LEAD = (["The perimeter is", "Perimeter:", "[So the|Its] perimeter [is|equals]", "[Around|All four sides][:| is]"], ["All the way around is"])
COST_LEAD = (["The cost is", "Cost:", "[So it|It] costs", "[The price|Total cost|Total][:| is]", "[Multiply|Multiplying] by the price[:|,]"], ["The work is billed at"])
TILES = (["{n} covers a [terrace|hall|table] of {a} times {b} [feet|meters] with [stones|cloth|wood] at {c} per square [foot|meter]. How much is it?", "What does [turf|flooring] for a [yard|stage] {a} [m|feet] long and {b} [m|feet] wide cost at {c} per square [m|foot]?",
        "A floor is {a} feet by {b} feet. Tiles cost {c} per square foot. What is the cost?",
          "A [wall|room|lawn|field] [is|measures] {a} [m|feet] by {b} [m|feet]. [Paint|Carpet|Grass|Seed] costs {c} per square [m|foot]. [What is the cost|How much does it cost|Find the total price]?"],
         ["{n} paints a wall of {a} by {b} feet at {c} per square foot. What does it cost?"])
AREA_LEAD = (["The area is", "Area:", "[Its|So the] area [is|equals]", "[The surface is|Square feet:]"], ["The wall covers"])
AVERAGE = (["Find the average of {l}.", "{n} scores {l} on some tests. What is the average score?", "Average {l}.", "The temperatures are {l}. What is their average?", "Compute the average value of {l}.",
            "The weights are {l}; find the average weight.", "{n} [ran|read|sold|ate] {l} on different days. What [was the average|is the average per day]?"],
           ["What is the mean of the values {l}?"])
ADD_LEAD = (["Adding,", "The running sum is", "Sum so far:", "Total so far", "Next sum:", "[Add|Sum up] [all|them|everything][:|]", "The [sum|total] is"], ["Accumulating,"])
MEAN_LEAD = (["The average is", "Divide by the count:", "[So the|The] [average|mean] [is|equals]", "[Divide|Dividing][:|,]", "Average:"], ["The mean works out to"])


def travel(voice):
    name, program = voice.name(), Program("rate", unit="miles")
    values = voice.amount(3, 90, 0.15), voice.rng.randint(2, 9), voice.amount(3, 90, 0.15), voice.rng.randint(2, 9)
    a, b, c, d = program.given(*values)
    program.text = voice.pick(*TRAVEL, n=name, **dict(zip("abcd", values)))
    first = program.add("*", a, b, lead=voice.pick(*FIRST_LEAD, n=name))
    second = program.add("*", c, d, lead=voice.pick(*SECOND_LEAD))
    program.add("+", first, second, lead=voice.pick(*TRAVEL_LEAD))
    return program


def wage(voice):
    name, program = voice.name(), Program("rate", unit="dollars")
    pay, hours = voice.amount(8, 40), voice.rng.randint(3, 40 if voice.big else 12)
    spent = Fraction(voice.rng.randint(1, int(pay * hours) - 1))
    a, b, c = program.given(pay, hours, spent)
    program.text = voice.pick(*WAGE, n=name, a=voice.money(pay), b=hours, c=voice.money(spent))
    total = program.add("*", a, b, lead=voice.pick(*PAY_LEAD, n=name))
    program.add("-", total, c, lead=voice.pick(*KEEP_LEAD, n=name))
    return program


def unit_rate(voice):
    name, program = voice.name(), Program("rate", unit=voice.rng.choice(["units", "", "pieces"]))
    each, count, wanted = voice.rng.randint(2, 40 if voice.big else 15), voice.rng.randint(2, 12), voice.rng.randint(2, 25)
    a, b, c = program.given(each * count, count, wanted)
    program.text = voice.pick(*RATE, n=name, a=each * count, b=count, c=wanted)
    one = program.add("/", a, b, lead=voice.pick(*UNIT_LEAD))
    program.add("*", one, c, lead=voice.pick(*SCALE_LEAD))
    return program


def rectangle(voice):
    name, program = voice.name(), Program("rate", unit="dollars")
    length, width, cost = voice.rng.randint(3, 60), voice.rng.randint(2, 40), voice.amount(2, 12)
    a, b, c = program.given(length, width, cost)
    words = {"n": name, "a": length, "b": width, "c": voice.money(cost)}
    if voice.chance(0.5):
        program.text = voice.pick(*FENCE, **words)
        sides = program.add("+", a, b, lead=voice.pick(*SIDES_LEAD), unit="meters")
        size = program.add("*", constant(2), sides, lead=voice.pick(*PERIMETER_LEAD), unit="meters")
    else:
        program.text = voice.pick(*TILES, **words)
        size = program.add("*", a, b, lead=voice.pick(*AREA_LEAD), unit="square feet")
    program.add("*", size, c, lead=voice.pick(*COST_LEAD))
    return program


def average(voice):
    name, program, count = voice.name(), Program("rate", unit="points"), voice.rng.randint(3, 5)
    values = [voice.rng.randint(4, 95) for _ in range(count)]
    values[-1] += -sum(values) % count
    leaves = program.given(*values)
    program.text = voice.pick(*AVERAGE, n=name, l=", ".join(map(str, values[:-1])) + voice.rng.choice([", ", " and ", ", and "]) + str(values[-1]))
    if voice.chance(0.55):
        current = program.add("+", *leaves, lead=voice.pick(*ADD_LEAD))
    else:
        current = leaves[0]
        for leaf in leaves[1:]:
            current = program.add("+", current, leaf, lead=voice.pick(*ADD_LEAD))
    program.add("/", current, constant(count), lead=voice.pick(*MEAN_LEAD))
    return program


def rate(voice):
    """Speeds, wages, unit rates, rectangles and averages."""
    return voice.rng.choice([travel, wage, unit_rate, rectangle, average])(voice)


DISCOUNT = (["{n} buys [boots|a watch|a sofa] listed for {b} with {p}% off. How much is that?", "[During a sale|Today] everything is {p}% cheaper. What [does|will] a {b} [radio|bag|desk] cost?",
        "A coat costs {b}. It is on sale for {p}% off. What is the sale price?", "{n} wants a bike that costs {b}. There is a {p}% discount. How much does {n} pay?", "A {b} phone gets {p}% cheaper. What is its price now?",
             "{n} has a {p}% off coupon for a chair that costs {b}. What does {n} pay?", "The price of {b} drops by {p}%. Find it now.",
             "[The price of a|A] [shirt|ticket|book|table] [is|was] {b}[. It is reduced| and is lowered] by {p}%. [What is the new price|How much is it now]?", "{n} gets {p}% off a [bill|purchase] of {b}. [What is the final price|How much is paid]?"],
            ["A lamp listed at {b} is marked down {p}%. Find the new price."])
CUT_LEAD = (["The discount is", "Discount:", "[The reduction|It is reduced by|{p}% of the price][:| is]", "[Off|Saved|You save][:|]"], ["The markdown is"])
SALE_LEAD = (["The sale price is", "So the price is", "[The final|The new|So the] price [is|equals]", "{n} pays", "[Subtract|Subtracting][:|,]", "After the discount:"], ["The new price becomes"])
RAISE = (["To a price of {b} the [waiter|shop|state] adds {p}%. What is due?", "{n}'s [fund|account] of {b} gains {p}%. [How much is in it|What is it worth] now?",
        "A meal costs {b} and the tip is {p}%. What is the total?", "{n} pays {b} plus {p}% tax. What is the total?", "A bill of {b} grows by {p}%. How much is it?", "{n} earns {b} and gets a {p}% raise. What is the new pay?", "Add {p}% interest to {b}.",
          "{n} [invests|deposits|puts] {b} [at|and earns] {p}% [interest|profit]. How much [is there after a year|does {n} have]?", "The [rent|price|salary] of {b} [rises|goes up|increases] by {p}%. [What is it now|Find the new amount]."],
         ["An invoice of {b} has a {p}% service fee. Find the amount due."])
EXTRA_LEAD = (["The tip is", "The extra amount is", "[The increase|The tax|The interest|The raise][:| is]", "{p}% of that is"], ["The fee is"])
RAISED_LEAD = (["The total is", "In total,", "[So the|The] [new amount|total|new price] [is|equals]", "[Add|Adding][:|,]", "{n} [pays|has] now"], ["The amount due is"])
PEOPLE = (["{n} planted {b} seeds; {p}% [did not grow|died]. How many [grew|are alive]?", "{p}% of the {b} [guests|fans|bottles] [left|broke|went home]. How many [are still there|remain]?",
        "A school has {b} students and {p}% of them walk. How many students do not walk?", "There are {b} birds and {p}% fly away. How many birds stay?", "{n} has {b} coins and spends {p}% of them. How many remain?",
           "A farm has {b} cows, {p}% are brown. How many are not brown?", "[Of|Out of] {b} [people|tickets|cars|trees], {p}% are [sold|old|red|gone]. How many are [left|not]?", "{p}% of {b} [pages|seats|pupils|workers] are [taken|done|absent]. How many are not?"],
          ["Of {b} voters, {p}% chose blue. How many did not choose blue?"])
SHARE_LEAD = (["That share of them is", "The part is", "[That is|The number is|These are]", "{p}% of {b} is", "[Percentage|Part|Share][:|]"], ["The chosen part is"])
OTHERS_LEAD = (["The rest is", "So the remaining number is", "[Left|Remaining|The others][:| are]", "[Subtract|Subtracting][:|,]", "So [there are|it is]"], ["The others number"])


def percent(voice):
    """A percentage is taken off, added, or counted."""
    name, choice = voice.name(), voice.rng.randrange(3)
    program = Program("percent", unit="people" if choice == 2 else "dollars")
    share = voice.rng.choice([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60, 65, 70, 75, 80, 90, 12, 8])
    base = voice.rng.randint(1, 80 if voice.big else 24) * (100 if share in (12, 8) else 20)
    if choice < 2 and voice.chance(0.25):
        base = Fraction(voice.rng.randint(4, 90))
    p, b = program.given(share, base)
    words = {"n": name, "p": plain(share)}
    amount = voice.number_text(base) if choice == 2 else voice.money(Fraction(base))
    texts, part_lead, end_lead, operator = [(DISCOUNT, CUT_LEAD, SALE_LEAD, "-"), (RAISE, EXTRA_LEAD, RAISED_LEAD, "+"), (PEOPLE, SHARE_LEAD, OTHERS_LEAD, "-")][choice]
    program.text = voice.pick(*texts, b=amount, **words)
    if choice != 1 and voice.chance(0.25):
        rest = program.add("-", constant(100), p, lead=voice.pick(["The remaining percentage is", "[Percent left|Left in percent|Not included][:| is]", "So the rest in percent is"], ["Percentwise there stay"]), unit="")
        program.add("%", rest, b, lead=voice.pick(*end_lead, **words))
        return program
    part = program.add("%", p, b, lead=voice.pick(*part_lead, b=amount, **words))
    program.add(operator, b, part, lead=voice.pick(*end_lead, **words))
    return program


CONVERSIONS = [("week", 7, "day"), ("year", 52, "week"), ("hour", 60, "minute"), ("minute", 60, "second"), ("day", 24, "hour"), ("year", 12, "month"), ("month", 30, "day"),
               ("year", 365, "day"), ("meter", 100, "centimeter"), ("kilometer", 1000, "meter"), ("kilogram", 1000, "gram"), ("foot", 12, "inch"), ("dollar", 100, "cent"),
               ("dozen", 12, "piece"), ("yard", 3, "foot"), ("pound", 16, "ounce"), ("gallon", 4, "quart"), ("dollar", 4, "quarter"), ("decade", 10, "year"), ("liter", 1000, "milliliter")]
PLURALS = {"foot": "feet", "inch": "inches", "dozen": "dozen"}
PER_TIME = (["{n} [drinks|feeds|earns|bakes|draws|plants] {a} {i} [a|per|every|each] {s}. [What does that make|How much is it|What is the number] [for|over|in] {c} {u}?", "{a} {i} [are made|leave the factory|get sold|arrive] [per|every|each] {s}. How many [within|in|during] {c} {u}?", "{c} {u} long {n} [takes|finds|carries|receives] {a} {i} [per|each|every] {s}. How many {i} [are these|in all]?",
        "{n} makes {a} {i} every {s}. How many {i} in {c} {u}?", "A machine uses {a} {i} per {s}. How many in {c} {u}?", "{n} sells {a} {i} each {s}. How many over {c} {u}?",
             "{n} [eats|reads|writes|needs|gets|packs|buys] {a} {i} [a|per|every|each] {s}. How many {i} [is that|does that make|are that] [in|after|for] {c} {u}?", "[Every|Each] {s} {n} [collects|makes|loses|uses] {a} {i}. [How many|What number] in {c} {u}?"],
            ["{n} consumes {a} {i} a {s}. What about {c} {u}?"])
IN_ONE_LEAD = (["In one {u}", "Per {u}:", "That is", "[One|A|Each] {u} [is|has|gives|makes]", "[In|For] a [whole|single] {u}[:|]", "[Per|Every] {u} {n} [has|makes|uses|needs]"], ["One full {u} yields"])
LARGE_LEAD = (["In total", "Altogether", "For the whole time", "[In all|So the total is|Total:|Then]", "For {c} {w} that is"], ["Overall"])
CONVERT = (["{n} has {c} {u} [left|of it|]. [How much is it|What is that] in {s}?", "Change {c} {u} into {s}.", "[A show|The wire|The break|A gift] of {c} {u}: [what is it in {s}|how many {s}]?",
        "How many {s} are [in|there in] {c} {u}?", "{n} [waits|works|walks|cuts|buys|saves] {c} {u}. How many {s} is that?", "Convert {c} {u} to {s}.", "A [rope|trip|film|bag|board] [is|lasts|has] {c} {u}. [Give|Write|What is] it in {s}."],
           ["Express {c} {u} in {s}."])
CONVERT_LEAD = (["That is", "[In|As] {s}[:| it is]", "[There are|So there are|We have]", "[Multiply|Converting][:|,]"], ["Expressed that way:"])
REVERSE = (["Change {a} {s} into {u}.", "[How much is|What are] {a} {s} in {u}?", "{n} counts {a} {s}. Write this as {u}.",
        "How many {u} are {a} {s}?", "{n} has {a} {s}. How many {u} is that?", "Convert {a} {s} [in|]to {u}.", "{n} [saved|ran|slept|cut|poured] {a} {s}. [Give|Write] it in {u}."], ["Express {a} {s} in {u}."])


def conversion(voice):
    """A rate per small unit over some large units, or a plain conversion."""
    name, item, (large, factor, small) = voice.name(), voice.item(), voice.rng.choice(CONVERSIONS)
    program, count = Program("units", unit=item), voice.rng.randint(2, 9)
    plural = PLURALS.get(large, large + "s")
    plural_small = PLURALS.get(small, small + "s")
    if large in ("week", "year", "hour", "day", "minute", "month") and voice.chance(0.7):
        each = voice.rng.randint(2, 60)
        a, c = program.given(each, count)
        program.text = voice.pick(*PER_TIME, n=name, a=each, i=item, s=small, c=count, u=plural)
        if voice.chance(0.35):
            span = program.add("*", c, constant(factor), lead=voice.pick(*CONVERT_LEAD, s=plural_small), unit=plural_small)
            program.add("*", a, span, lead=voice.pick(*LARGE_LEAD, c=count, w=plural))
            return program
        one = program.add("*", a, constant(factor), lead=voice.pick(*IN_ONE_LEAD, u=large, n=name))
        program.add("*", one, c, lead=voice.pick(*LARGE_LEAD, c=count, w=plural))
    elif voice.chance(0.6):
        amount = voice.amount(2, 20, 0.3)
        program.unit = plural_small
        program.text = voice.pick(*CONVERT, n=name, c=amount, u=plural, s=plural_small)
        program.add("*", program.given(amount), constant(factor), lead=voice.pick(*CONVERT_LEAD, s=plural_small))
    else:
        program.unit = plural
        program.text = voice.pick(*REVERSE, n=name, a=count * factor, u=plural, s=plural_small)
        program.add("/", program.given(count * factor), constant(factor), lead=voice.pick(*CONVERT_LEAD, s=plural))
    return program


SQUARE = (["All sides of a [field|rug|tile] are equal and together {a} [feet|m] long. [How big is it|What area does it have]?", "A rope of length {a} goes once around a square [box|plot]. Find the area of the square.",
        "The perimeter of a square is {a}. What is its area?", "A square garden has perimeter {a} feet. Find its area.", "A square [yard|room|field] has [a perimeter of|a border of] {a} [meters|feet]. [What is|Find] its area."],
          ["Fence of length {a} encloses a square. How large is the square?"])
PACKS = (["In each of {c} [cars|halls|trucks] are {b} [benches|boxes|racks], on each of [them|these] {a} {i}. How many {i} [in all|altogether]?", "{n} [fills|loads|orders] {c} [shelves|vans|trays] with {b} [packs|rows] each; a [pack|row] has {a} {i}. [What is the number|How many] of {i}?",
        "{n} packs {a} {i} in each box, {b} boxes on each shelf and fills {c} shelves. How many {i} are there?", "There are {c} rooms with {b} tables each and {a} {i} on every table. How many {i}?",
          "[A truck carries|A store has|A school has] {c} [crates|racks|rooms]. [Each|Every one] [holds|has] {b} [boxes|bags|rows] with {a} {i} [each|in each]. [How many|What number of] {i} [are there|is that]?"],
         ["{c} crates hold {b} bags, a bag holds {a} {i}. Count the {i}."])
GROUP_LEAD = (["Each shelf has", "One group has", "[Each|Every|One] [box|room|crate|rack] [has|holds]", "Per [crate|room|group]:"], ["A crate has"])
ALL_LEAD = (["In total", "All together", "[Total|So the total is|Altogether][:|]", "There are"], ["All crates"])
SHARED = (["{a} {i} from {n} and {b} from {m} are [put together and|] [dealt out|handed out] [evenly|equally] to {k} [pupils|kids|players]. How many for each?", "A [box|bag] with {a} {i} and [one|another] with {b} are [emptied|split] [evenly|equally] [onto|into] {k} [plates|heaps|cups]. How many [on each|in each]?",
        "{n} has {a} {i} and {m} has {b}. They share all {i} equally among {k} friends. How many does each friend get?", "{a} red and {b} blue {i} are packed into {k} equal bags. How many are in a bag?",
           "{n} [buys|finds|makes] {a} {i}, {m} [buys|finds|makes] {b}. All are [divided|split|put] [equally|evenly] [into|among] {k} [groups|boxes|children]. How many [does each get|are in each]?"],
          ["{a} big and {b} small {i} go evenly to {k} shelves. How many per shelf?"])
TOGETHER_LEAD = (["Together there are", "The total is", "[In total|Altogether|In all][,|] there are", "Sum:"], ["All in all"])
EACH_LEAD = (["Each friend gets", "Each bag has", "[Each|Every|One] [group|child|box|person|of them] [gets|has|receives]", "[Divide|Dividing|Split][:|,]"], ["A shelf has"])


def units(voice):
    """Constants that are not in the problem (52 weeks, 60 minutes, 12 in a dozen), squares, packing and sharing."""
    choice = voice.rng.random()
    if choice < 0.6:
        return conversion(voice)
    (name, other), item = voice.names(2), voice.item()
    program = Program("units", unit=item)
    if choice < 0.7:
        side = voice.rng.randint(2, 40)
        program.unit = "square feet"
        program.text = voice.pick(*SQUARE, a=4 * side)
        edge = program.add("/", program.given(4 * side), constant(4), lead=voice.pick(["Each side is", "The side is", "[One side|Side|Its side][:| is]"], ["One edge is"]), unit="feet")
        program.add("*", edge, edge, lead=voice.pick(["The area is", "Area:", "[So the|Its] area is"], ["So the square covers"]))
    elif choice < 0.85:
        values = voice.rng.randint(2, 24), voice.rng.randint(2, 12), voice.rng.randint(2, 10)
        a, b, c = program.given(*values)
        program.text = voice.pick(*PACKS, n=name, i=item, **dict(zip("abc", values)))
        if voice.chance(0.3):
            program.add("*", a, b, c, lead=voice.pick(*ALL_LEAD))
        else:
            group = program.add("*", *((a, b) if voice.chance(0.7) else (b, a)), lead=voice.pick(*GROUP_LEAD))
            program.add("*", group, c, lead=voice.pick(*ALL_LEAD))
    else:
        parts = voice.rng.randint(2, 9)
        first = voice.rng.randint(5, 60)
        second = parts * voice.rng.randint(3, 20) - first % parts
        a, b, k = program.given(first, second, parts)
        program.text = voice.pick(*SHARED, n=name, m=other, i=item, a=first, b=second, k=parts)
        total = program.add("+", a, b, lead=voice.pick(*TOGETHER_LEAD))
        program.add("/", total, k, lead=voice.pick(*EACH_LEAD))
    return program


COMPUTE = (["Compute", "Evaluate", "Calculate", "What is", "Simplify", "Find", "[Please|Now] [compute|evaluate|calculate]", "What is the [value|result] of", "Determine"], ["Work out", "Find the value of"])


def expr(voice):
    """A bare expression, worked out operation by operation."""
    rng, program, top = voice.rng, Program("expr"), 120 if voice.big else 30
    a, b, c, d = (voice.amount(2, top, 0.12) for _ in range(4))
    small, factor = rng.randint(2, 12), rng.randint(2, 9)
    choice = rng.randrange(8)
    if choice == 0:
        w, x, y, z = program.given(small, b, c, d)
        tree, text = ("-", ("*", w, ("+", x, y)), z), "{0} * ({1} + {2}) - {3}"
    elif choice == 1:
        x, y, z = program.given(a, small, c)
        tree, text = ("+", x, ("*", y, z)), "{0} + {1} * {2}"
    elif choice == 2:
        w, x, y, z = program.given(a, small, c, factor)
        tree, text = ("+", ("*", w, x), ("*", y, z)), "{0} * {1} + {2} * {3}"
    elif choice == 3:
        x, y, z = program.given(rng.randint(100, 999), rng.randint(100, 999), rng.randint(10, 400))
        tree, text = ("-", ("+", x, y), z), "{0} + {1} - {2}"
    elif choice == 4:
        x, y, z = program.given(rng.randint(2, 30) * factor, factor, c)
        tree, text = ("+", ("/", x, y), z), "{0} / {1} + {2}"
    elif choice == 5:
        w, x, y, z = program.given(b + a, b, factor, d)
        tree, text = ("+", ("*", ("-", w, x), y), z), "({0} - {1}) * {2} + {3}"
    elif choice == 6:
        w, x, y, z = program.given(rng.randint(80, 400), rng.randint(2, 60), rng.randint(2, 60), rng.randint(2, 60))
        tree, text = ("-", ("-", ("-", w, x), y), z), "{0} - {1} - {2} - {3}"
    else:
        x, y, z = program.given(rng.randint(-20, 20), rng.randint(2, 40), rng.randint(2, 9))
        tree, text = ("*", ("-", x, y), z), "({0} - {1}) * {2}"
    program.text = voice.pick(*COMPUTE) + " " + text.format(*map(plain, program.givens)) + rng.choice([".", ".", "?", ""])

    def unfold(node):
        return node if node[0] == "g" else program.add(node[0], *[unfold(part) for part in node[1:]], lead="")

    unfold(tree)
    return program


SHEET = (["Check each line.", "Do these calculations.", "Arithmetic practice.", "Compute the following.", "Find the results.", "Work through the problems below.", "[Mental arithmetic|Homework|Exercises][:|.]", "[Calculate|Solve] [these|the tasks]."], ["Solve every line."])


def calculation(voice, program):
    """One line of a sheet: operator and operands."""
    rng = voice.rng
    operator = rng.choice("++--***//%")
    if operator in "+-":
        top, count = rng.choice([20, 100, 1000, 1000]), rng.choice([2, 2, 2, 3, 4])
        values = [voice.amount(1, top, 0.2) for _ in range(count)]
        if operator == "-" and voice.chance(0.85):
            values.sort(reverse=True)
            if count > 2 and values[0] < sum(values[1:]):
                values[0] += sum(values[1:])
    elif operator == "*":
        values = [Fraction(rng.randint(2, rng.choice([12, 12, 99, 99, 200]))), voice.amount(2, rng.choice([9, 12, 60, 99]), 0.2)]
        if voice.chance(0.3):
            values.reverse()
        if voice.chance(0.1):
            values.append(Fraction(rng.randint(2, 9)))
    elif operator == "/":
        divisor = rng.randint(2, 12)
        values = [divisor * voice.amount(2, rng.choice([12, 60]), 0.15), divisor]
    else:
        values = [rng.choice([5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 80]), 20 * rng.randint(1, 24)]
    program.add(operator, *program.given(*values), lead="")


def sheet(voice):
    """Independent calculations, one a line: dense practice in arithmetic."""
    program = Program("sheet", text=voice.pick(*SHEET))
    for _ in range(voice.rng.randint(3, 8)):
        calculation(voice, program)
    program.answer = None
    return program
