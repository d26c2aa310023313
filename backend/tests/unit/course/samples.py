# ruff: noqa: E501 - tables of sentences
"""A small chapter of our own on the cell, and items that are made from it."""

from typing import Any

from coursewright.course.chapter import Block, Chapter, Section
from coursewright.course.review.rule import Context
from coursewright.course.study import Flashcard, GlossaryTerm, Mcq

TEXTS = (
    "Every living thing is made of **cells**. A cell is bounded by a membrane, which decides what goes in and what goes out. Plant cells also have a wall of cellulose around it.",
    "The nucleus keeps the DNA. Ribosomes build proteins from amino acids. Mitochondria release the energy that is stored in sugar. Chloroplasts capture light and build sugar. The vacuole of a plant cell stores water and keeps the plant firm.",
    "Robert Hooke saw cells in cork in 1665. Antonie van Leeuwenhoek saw bacteria in 1676. The cell theory of Schleiden and Schwann dates from 1839.",
    "- Osmosis is the movement of water through a membrane towards the saltier side.\n- Diffusion is the spreading of particles from where there are many to where there are few.",
    "In mitosis one cell becomes two with the same 46 chromosomes. In meiosis one cell becomes four with 23 chromosomes each. A cell of radius $r$ has the surface $4 \\pi r^2$.",
    "细胞膜决定什么进出细胞。光合作用在叶绿体中进行。",
)
CHAPTER = Chapter(
    number=1,
    title="The cell",
    sections=(Section(heading="Parts", blocks=tuple(Block(markdown=text) for text in TEXTS)),),
)
CONTEXT = Context(CHAPTER, "en")
QUOTATION = "Mitochondria release the energy that is stored in sugar"


def mcq(**changes: Any) -> Mcq:
    """A good question; or one with changes."""
    good: dict[str, Any] = {
        "chapter": 1,
        "stem": "Which part of a cell sets free what sugar holds?",
        "options": ("Mitochondrion", "Nucleus", "Ribosome", "Vacuole"),
        "key": 0,
        "explanation": "A mitochondrion breaks sugar down and passes the energy on.",
        "quotation": QUOTATION,
    }
    return Mcq.model_validate(good | changes)


def card(**changes: Any) -> Flashcard:
    """A good card; or one with changes."""
    good: dict[str, Any] = {
        "chapter": 1,
        "front": "What do mitochondria do?",
        "back": "They release the energy of sugar.",
        "quotation": QUOTATION,
    }
    return Flashcard.model_validate(good | changes)


def term(name: str = "osmosis", definition: str = "", **changes: Any) -> GlossaryTerm:
    """A good term; or one with changes."""
    good: dict[str, Any] = {
        "chapter": 1,
        "term": name,
        "definition": definition or "the movement of water towards the saltier side",
        "quotation": "Osmosis is the movement of water through a membrane",
    }
    return GlossaryTerm.model_validate(good | changes)


def question(
    stem: str, options: str, quotation: str, explanation: str = "", *, key: int = 0, **more: Any
) -> Mcq:
    """A question; `options` are separated by bars."""
    parts = tuple(part.strip() for part in options.split("|"))
    return mcq(
        stem=stem,
        options=parts,
        key=key,
        explanation=explanation or f"{quotation}.",
        quotation=quotation,
        **more,
    )


_HOOKE = "Robert Hooke saw cells in cork in 1665"
_MITOSIS = "In mitosis one cell becomes two with the same 46 chromosomes"
_MEIOSIS = "In meiosis one cell becomes four with 23 chromosomes each"
_OSMOSIS = "Osmosis is the movement of water through a membrane towards the saltier side"
_SURFACE = "A cell of radius $r$ has the surface $4 \\pi r^2$"
GOOD = (
    question(
        "Where does a cell keep its DNA?",
        "Nucleus|Vacuole|Membrane|Wall",
        "The nucleus keeps the DNA",
    ),
    question(
        "What do ribosomes build?",
        "Proteins|Sugars|Chromosomes|Walls",
        "Ribosomes build proteins from amino acids",
    ),
    question(
        "Ribosomes join ____ into long chains.",
        "amino acids|fatty acids|chromosomes|minerals",
        "Ribosomes build proteins from amino acids",
    ),
    question(
        "Which part catches sunlight?",
        "Chloroplast|Mitochondrion|Nucleus|Ribosome",
        "Chloroplasts capture light and build sugar",
    ),
    question(
        "What is the wall around a plant cell made of?",
        "Cellulose|Protein|DNA|Salt",
        "Plant cells also have a wall of cellulose around it",
    ),
    question(
        "Who first described what he saw in cork?",
        "Robert Hooke|Antonie van Leeuwenhoek|Matthias Schleiden|Theodor Schwann",
        _HOOKE,
    ),
    question("In which year did Robert Hooke look at cork?", "1590|1665|1676|1839", _HOOKE, key=1),
    question(
        "How many daughter cells does meiosis leave?",
        "1|2|4|8",
        _MEIOSIS,
        "One divides twice, which makes 4.",
        key=2,
    ),
    question(
        "How many chromosomes has a human cell after mitosis?", "92|46|23|12", _MITOSIS, key=1
    ),
    question(
        "What is the surface of a round cell of radius $r$?",
        "$4 \\pi r^2$|$4 \\pi r^3$|$2 \\pi r$|$\\pi r^2$",
        _SURFACE,
    ),
    question(
        "What happens to the water of a cell in brine?",
        "It leaves the cell|It enters the cell|It turns into sugar|It stays where it is",
        _OSMOSIS,
        "Water moves to the saltier side, so it leaves the cell.",
    ),
    question(
        "Which of these does NOT belong to an animal?",
        "Cellulose wall|Nucleus|Membrane|Ribosome",
        "Plant cells also have a wall of cellulose around it",
    ),
    question(
        "Which name has the spreading of particles into emptier space?",
        "Diffusion|Osmosis|Mitosis|Meiosis",
        "Diffusion is the spreading of particles",
        "Diffusion needs no membrane; osmosis does.",
    ),
    question(
        "A salty bath draws water through a membrane. This is an ____ effect.",
        "osmotic|electric|elastic|optic",
        _OSMOSIS,
        "Osmotic: water goes towards the salt.",
    ),
    question(
        "What keeps a plant firm?",
        "A full vacuole|A large nucleus|A thin membrane|Many ribosomes",
        "The vacuole of a plant cell stores water and keeps the plant firm",
    ),
    question(
        "What decides what may enter a cell?",
        "Its membrane|Its ribosomes|Its sugar|Its colour",
        "A cell is bounded by a membrane, which decides what goes in and what goes out",
    ),
    question(
        "By how much do 46 and 23 differ?", "-23|0|23|69", _MITOSIS, "46 less 23 leaves 23.", key=2
    ),
    question(
        "How warm is the bath of brine kept?",
        "-10 °C|0 °C|10 °C|37 °C",
        _OSMOSIS,
        "It is kept at 37 °C, as a body is.",
        key=3,
    ),
    question(
        "Which has the shortest way to travel?",
        "500 µm|1 mm|2 mm|3 cm",
        _OSMOSIS,
        "As 500 µm is half a millimetre, it is the least.",
    ),
    question(
        "Why is meiosis said to halve?",
        "Each of the four gets 23 chromosomes|Each of the two gets 46 chromosomes|The membrane loses half of its lipids|The cell loses half of its water",
        _MEIOSIS,
        "Unlike mitosis, meiosis leaves 23 chromosomes in each of the four.",
    ),
)
"""Twenty questions that an editor would let pass."""
