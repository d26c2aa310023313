"""For each rule: items that it alone refuses, and near misses that pass."""

from coursewright.course.study import Flashcard, GlossaryTerm, Mcq
from unit.course.samples import QUOTATION, card, mcq, question, term

LONG = "x" * 10_000
_WATER = "Osmosis is the movement of water through a membrane towards the saltier side"

MCQ_BAD: tuple[tuple[str, Mcq], ...] = (
    ("plain-text", mcq(stem="Which part frees what sugar holds? <script>alert(1)</script>")),
    ("plain-text", mcq(options=("Mitochondrion", "<b/onclick=x()>Nucleus", "Ribosome", "Vacuole"))),
    ("plain-text", mcq(explanation="A mitochondrion [does](javascript:alert(1)) it.")),
    ("plain-text", mcq(stem="Which part frees what sugar holds? ![x](https://example.org/x.png)")),
    ("plain-text", mcq(stem="Which part frees what \u202esugar holds?")),
    ("plain-text", mcq(options=("Mitochondrion", "Nucleus\u2060", "Ribosome", "Vacuole"))),
    ("plain-text", mcq(explanation="A mitochondrion\x00 breaks sugar down.")),
    ("bounds", mcq(stem=f"Which part frees what sugar holds? {LONG}")),
    ("bounds", mcq(explanation=f"A mitochondrion breaks sugar down. {LONG}")),
    ("bounds", mcq(options=("Mitochondrion", "Nucleus", " \t", "Vacuole"))),
    ("bounds", mcq(options=("Mitochondrion", "Nucleus", "Ribosome" * 40, "Vacuole"))),
    ("four-options", mcq(options=("Mitochondrion", "Nucleus", "Ribosome"))),
    ("four-options", mcq(options=("Mitochondrion", "Nucleus", "Ribosome", "Vacuole", "Wall"))),
    ("one-key", mcq(options=("Mitochondrion", " **mitochondrion**", "Ribosome", "Vacuole"))),
    ("one-key", mcq(options=("mitochondrion", "Mitochondrion.", "Ribosome", "Vacuole"))),
    ("distinct-options", mcq(options=("Mitochondrion", "Nucleus", "NUCLEUS ", "Vacuole"))),
    ("distinct-options", mcq(options=("Mitochondrion", "`Golgi`", "_Golgi_", "Vacuole"))),
    ("distinct-options", mcq(options=("Mitochondrion", "Cell-wall", "cell  wall", "Vacuole"))),
    ("option-inside-option", mcq(options=("Mitochondrion", "Wall", "Thick wall", "Vacuole"))),
    (
        "key-length",
        mcq(
            options=(
                "Mitochondrion, of which most of them have many",
                "Nucleus",
                "Ribosome",
                "Wall",
            )
        ),
    ),
    (
        "key-length",
        question(
            "What is it?",
            "Salt|many lipids in a row here|some lipids in a row there|a lot of lipids in one row",
            _WATER,
            "Salt draws.",
        ),
    ),
    ("all-or-none", mcq(options=("Mitochondrion", "Nucleus", "Ribosome", "None of the above"))),
    (
        "all-or-none",
        mcq(options=("Mitochondrion", "Nucleus", "Ribosome", "All of these are correct.")),
    ),
    ("all-or-none", mcq(options=("Mitochondrion", "Nucleus", "Ribosome", "Both A and B"))),
    ("absolute-words", mcq(options=("Mitochondrion", "Nucleus, always", "Ribosome", "Vacuole"))),
    (
        "vague-quantifiers",
        mcq(options=("Mitochondrion", "Nucleus, sometimes", "Ribosome", "Vacuole")),
    ),
    (
        "grammar-cue",
        mcq(
            stem="What frees the energy is a ____",
            options=("mitochondrion", "endosome", "eyespot", "organ"),
        ),
    ),
    (
        "grammar-cue",
        mcq(
            stem="Sugar is burnt by an ____",
            options=("organelle", "university", "ribosome", "vacuole"),
            explanation="An organelle does it.",
        ),
    ),
    (
        "grammar-cue",
        mcq(
            stem="The ____ are what frees the energy.",
            options=("mitochondria cells", "nucleus", "ribosome", "vacuole"),
            explanation="The mitochondria cells.",
        ),
    ),
    (
        "shared-word",
        mcq(
            stem="Which granule frees what sugar holds?",
            options=("Energy granules", "Nucleus", "Ribosome", "Vacuole"),
            explanation="Energy granules do.",
        ),
    ),
    (
        "answer-in-stem",
        mcq(
            stem="Where does a cell keep its DNA?",
            options=("DNA", "RNA", "ATP", "ADP"),
            explanation="DNA is kept there.",
        ),
    ),
    ("stem-form", mcq(stem="The mitochondria are in cells.")),
    ("stem-form", mcq(stem="???")),
    ("stem-form", mcq(stem="→ ∑ ☀?")),
    ("stem-form", mcq(stem="Why?")),
    ("stem-form", mcq(stem="A ____ frees what ____ holds.")),
    ("negative-stem", mcq(stem="Which part does not keep DNA?")),
    ("negative-stem", mcq(stem="Which of these names is false?")),
    ("negative-stem", mcq(stem="Which part is least likely to move?")),
    ("negative-stem", mcq(stem="Which **part** is not in a cell?")),
    ("options-alike", question("How many are left?", "1|8|4|2", _WATER, "There are 4.", key=2)),
    (
        "options-alike",
        question("How cold is it?", "-5 °C|-40 °C|0 °C|7 °C", _WATER, "It is 0 °C.", key=2),
    ),
    ("options-alike", question("How many are left?", "4|Ribosomes|8|16", _WATER, "There are 4.")),
    (
        "options-alike",
        mcq(
            options=(
                "Mitochondrion",
                "Nucleus",
                "Ribosome",
                "A large bag with water that keeps the plant upright",
            )
        ),
    ),
    (
        "options-alike",
        mcq(
            options=(
                "It takes food apart.",
                "It stores the genes",
                "It joins amino acids",
                "It holds much water",
            ),
            explanation="It takes food apart.",
        ),
    ),
    ("explanation", mcq(explanation=" ")),
    (
        "explanation",
        mcq(
            explanation="It is the nucleus that does this.",
            quotation="Ribosomes build proteins from amino acids",
        ),
    ),
    ("explanation", mcq(explanation="The answer is nucleus. A mitochondrion is near.")),
    ("explanation", mcq(explanation="The mitochondrion: option A is correct.")),
    ("explanation", mcq(explanation="Answer: B. The mitochondrion comes later.")),
    ("quotation", mcq(quotation="")),
    ("quotation", mcq(quotation="Mitochondria sing at night")),
)

MCQ_GOOD: tuple[tuple[str, Mcq], ...] = (
    ("plain-text", mcq(stem="If x < y and y > 3, which part frees what sugar holds?")),
    ("plain-text", mcq(stem="Which part frees\nwhat **sugar** holds?")),
    ("bounds", mcq(stem=f"{'x' * 560} which part frees what sugar holds?")),
    ("four-options", mcq()),
    ("one-key", question("What is two less seven?", "-5|5|9|14", _WATER, "It is -5.")),
    ("one-key", question("Which of them adds classes?", "C++|C#|C|B", _WATER, "C++ is meant.")),
    ("one-key", question("What is it of $x$?", "$x^2$|$x_2$|$2x$|$-x$", _WATER, "$x^2$ is meant.")),
    (
        "one-key",
        question(
            "Which counts up?", "`x += 1`|`x -= 1`|`x *= 1`|`x /= 1`", _WATER, "`x += 1` does."
        ),
    ),
    ("one-key", question("Which pressure is meant?", "`p`|`P`|`q`|`Q`", _WATER, "`p` is meant.")),
    (
        "distinct-options",
        question("Which is largest?", "x > 3|x < 3|x = 3|x ≠ 3", _WATER, "x > 3."),
    ),
    (
        "distinct-options",
        question(
            "下列哪项正确?", "细胞膜|叶绿体|细胞核|细胞壁", "细胞膜决定什么进出细胞", "细胞膜。"
        ),
    ),
    (
        "distinct-options",
        question("どれが正しいか。", "は|ば|ぱ|か", "细胞膜决定什么进出细胞", "は。"),
    ),
    (
        "option-inside-option",
        question("How long is it?", "0.5 km|2.5 km|5 km|12.5 km", _WATER, "5 km.", key=2),
    ),
    ("option-inside-option", mcq(options=("Mitochondrion", "Wall", "Walls", "Vacuole"))),
    ("key-length", mcq(options=("Mitochondria in it", "Nucleus", "Ribosome", "Vacuole"))),
    ("all-or-none", mcq(options=("Mitochondrion", "All of the nucleus", "Ribosome", "Vacuole"))),
    (
        "absolute-words",
        mcq(options=("Mitochondrion, always", "Nucleus, always", "Ribosome, never", "Vacuole")),
    ),
    ("vague-quantifiers", mcq(stem="Which part sometimes frees what sugar holds?")),
    (
        "grammar-cue",
        mcq(
            stem="What frees the energy is a(n) ____",
            options=("mitochondrion", "endosome", "eyespot", "organ"),
        ),
    ),
    (
        "grammar-cue",
        mcq(
            stem="It is an ____",
            options=("hour", "MRI", "umbrella", "apple"),
            explanation="An hour.",
        ),
    ),
    (
        "shared-word",
        mcq(
            stem="Which granule frees what sugar holds?",
            options=("Energy granules", "Colour granules", "Ribosome", "Vacuole"),
            explanation="Energy granules do.",
        ),
    ),
    ("answer-in-stem", question("What comes after 3 in this row?", "3|4|5|6", _WATER, "It is 3.")),
    ("stem-form", mcq(stem="Where sugar is burnt, one finds a:")),
    (
        "stem-form",
        question(
            "أين تحفظ الخلية مادتها؟", "النواة|الغشاء|الجدار|السكر", _WATER, "النواة هي المكان."
        ),
    ),
    ("stem-form", question("$2 + 2 = $ ____", "3|4|5|6", _WATER, "It is 4.", key=1)),
    ("negative-stem", mcq(stem="Which part does NOT keep DNA?")),
    ("negative-stem", mcq(stem="Which is the part that a false negative overlooks?")),
    ("negative-stem", mcq(stem="Which part did “not for sale” name?")),
    ("negative-stem", mcq(stem="What do least squares call for?")),
    ("negative-stem", mcq(stem="Which part is **not** a bag?")),
    ("negative-stem", mcq(stem="Which part is found at least a hundred times in a muscle?")),
    ("options-alike", question("How many are left?", "8|4|2|1", _WATER, "There are 4.", key=1)),
    (
        "options-alike",
        question("How many are left?", "900|1.000|1.100|2.000", _WATER, "1.000.", key=1),
    ),
    (
        "options-alike",
        question("How many are left?", "900|1,000|1,100|2,000", _WATER, "1,000.", key=1),
    ),
    (
        "options-alike",
        question("How far is it?", "500 m|1 km|2 km|9 km", _WATER, "It is 1 km.", key=1),
    ),
    ("explanation", mcq(explanation="Mitochondria do; the nucleus keeps the DNA.")),
    (
        "explanation",
        mcq(explanation="The answer is not nucleus: that keeps the DNA. Mitochondrion it is."),
    ),
    ("explanation", mcq(explanation="That is right. A mitochondrion burns sugar.")),
    ("quotation", mcq(quotation=f"“{QUOTATION.upper()}”")),
    ("quotation", mcq(quotation="Osmosis is the  movement\nof *water*")),
)

CARD_BAD: tuple[tuple[str, Flashcard], ...] = (
    ("card-plain-text", card(front="What do mitochondria do? <img src=x onerror=alert(1)>")),
    ("card-plain-text", card(back="They release\u200b the energy of sugar.")),
    ("card-front", card(front=" ")),
    ("card-front", card(front="Mitochondria are bodies within most of the cells of us.")),
    ("card-front", card(front=f"What do mitochondria do? {LONG}")),
    ("card-front", card(front="细" * 200)),
    ("card-back", card(back="\n ")),
    ("card-back", card(back="energy " * 61)),
    ("card-back", card(back=LONG)),
    ("card-back", card(back="光" * 10_000)),
    ("card-one-idea", card(back="They burn sugar. They move. They divide. They age.")),
    ("card-one-idea", card(back="一。二。三。四。")),
    (
        "card-gives-itself-away",
        card(front="Do mitochondria release energy?", back="release energy"),
    ),
    (
        "card-gives-itself-away",
        card(
            front="Is sugar burnt for energy in mitochondria?",
            back="In mitochondria, for energy, sugar.",
        ),
    ),
    ("card-gives-itself-away", card(front="光合作用是什么?", back="光合作用")),
    ("card-gives-itself-away", card(front="→", back="→")),
    ("card-quotation", card(quotation="")),
    ("card-quotation", card(quotation="Cells can sing")),
)
CARD_GOOD: tuple[tuple[str, Flashcard], ...] = (
    ("card-plain-text", card(front="What does a < b mean?")),
    ("card-front", card(front="Mitochondrion")),
    ("card-front", card(front="Where there are many cells, a ____ is what frees the energy.")),
    ("card-front", card(front="ما هي وظيفة الميتوكوندريا في الخلية الحية عند الإنسان والحيوان؟")),
    ("card-back", card(back="energy " * 60)),
    ("card-one-idea", card(back="They burn sugar. They move. They divide.")),
    ("card-gives-itself-away", card(front="+", back="plus")),
    ("card-gives-itself-away", card(front="-5 + 10 = ____", back="5")),
    ("card-quotation", card(quotation="光合作用在叶绿体中进行")),
)

TERM_BAD: tuple[tuple[str, GlossaryTerm], ...] = (
    ("term-plain-text", term("<svg onload=x>osmosis")),
    ("term-plain-text", term(definition="water that [moves](data:text/html,x)")),
    ("term-bounds", term("42")),
    ("term-bounds", term("→")),
    ("term-bounds", term("one two three four five six seven eight")),
    ("term-bounds", term("x" * 81)),
    ("term-bounds", term(definition="water")),
    ("term-bounds", term(definition="  ")),
    ("term-bounds", term(definition="water " * 81)),
    ("term-bounds", term(definition="水" * 10_000)),
    ("term-in-definition", term(definition="water that moves by osmosis")),
    ("term-in-definition", term("membranes", "a thin membrane of lipids")),
    ("term-in-definition", term("光合作用", "光合作用是植物制造糖的过程")),
    ("term-quotation", term(quotation="  ")),
    ("term-quotation", term(quotation="Osmosis is a Greek god")),
)
TERM_GOOD: tuple[tuple[str, GlossaryTerm], ...] = (
    ("term-plain-text", term(definition="water moves if p < q")),
    ("term-bounds", term("T4")),
    ("term-bounds", term("x" * 80)),
    ("term-bounds", term(definition="photosynthesis")),
    ("term-bounds", term("光合作用", "植物用光制糖")),
    ("term-in-definition", term("wall", "a layer of cellulose, as wallpaper is of paper")),
    ("term-quotation", term(quotation="OSMOSIS IS")),
)


def quiz(count: int, *, longest: int = 0, shortest: int = 0) -> list[Mcq]:
    """Different questions, good each by itself; the key of some is a bit longer, or shorter."""
    made: list[Mcq] = []
    for number in range(count):
        name = chr(ord("a") + number % 26) * (5 + number // 26)
        key = number % 4
        options = [f"{name}{letter} some" for letter in "jkmn"]
        if number < longest:
            options[key] += " more"
        elif number < longest + shortest:
            options = [f"{option} more" for option in options]
            options[key] = options[key].removesuffix(" more")
        stem = f"What does {name} stand for?"
        made.append(mcq(stem=stem, options=options, key=key, explanation=f"It is {options[key]}."))
    return made


_ASKED = mcq(stem="Which part frees the energy which is held in sugar?")
QUIZ_BAD: tuple[tuple[str, list[Mcq]], ...] = (
    (
        "duplicate-stem",
        [mcq(), mcq(stem="which part of a CELL sets free, what **sugar** holds?", key=1)],
    ),
    (
        "duplicate-stem",
        [
            _ASKED,
            _ASKED.model_copy(
                update={
                    "stem": "Which part frees the energy that is held in sugar?",
                    "options": ("Wall", "Mitochondrion", "Ribosome", "Vacuole"),
                    "key": 1,
                }
            ),
        ],
    ),
    (
        "duplicate-stem",
        [
            mcq(),
            mcq(
                stem="For which part of the cell does this stand: it sets energy free?",
                options=("Wall", "Mitochondrion", "Ribosome", "Vacuole"),
                key=1,
                quotation=mcq().quotation.removesuffix(" that is stored in sugar"),
            ),
        ],
    ),
    ("quiz-key-length", quiz(8, longest=5)),
    ("quiz-key-length", quiz(8, shortest=8)),
    (
        "key-position",
        [
            item.model_copy(update={"options": (item.answer, *item.distractors), "key": 0})
            for item in quiz(8)
        ],
    ),
)
QUIZ_GOOD: tuple[tuple[str, list[Mcq]], ...] = (
    (
        "duplicate-stem",
        [mcq(), mcq(stem="Which part of a plant cell keeps what water holds?", key=1)],
    ),
    # The same words of the text, and another answer; the same answer for other words.
    (
        "duplicate-stem",
        [
            mcq(),
            mcq(
                stem="What does the mitochondrion set free?",
                options=("Water", "Energy", "DNA", "Light"),
                key=1,
            ),
        ],
    ),
    (
        "duplicate-stem",
        [
            mcq(),
            mcq(
                stem="What has a skin of its own?",
                options=("Wall", "Mitochondrion", "Ribosome", "Vacuole"),
                key=1,
                quotation="",
            ),
        ],
    ),
    (
        "duplicate-stem",
        [mcq(stem="What is $3 - 2$ of all?"), mcq(stem="What is $3 + 2$ of all?", key=1)],
    ),
    ("quiz-key-length", quiz(8, longest=4, shortest=4)),
    ("key-position", quiz(8)),
    ("key-position", quiz(5)),
)
