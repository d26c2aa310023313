"""Glossaries for the games: ordinary ones, and odd ones."""

from hypothesis import strategies as st

from coursewright.course.study import GlossaryTerm
from unit.course.samples import term

WORDS = (
    "osmosis", "diffusion", "mitosis", "meiosis", "nucleus", "ribosome", "vacuole", "chloroplast",
    "membrane", "cellulose", "chromosome", "enzyme", "protein", "glucose", "cytoplasm", "bacterium",
    "cell wall", "amino acid", "gene", "genetic code", "double helix", "X-ray", "café au lait",
    "Ångström", "α-helix", "naïveté",
)  # fmt: skip
ODD = (
    "a", "I", "C", "C++", "C#", "T4", "42", "1984", "no", "eye", "level", "Anna", "aaaa", "abab",
    "listen", "silent", "enlist", "part", "trap", "apart", "start", "star", "a-b-c", "AC/DC", "--",
    "→", "🍎", "x" * 60, "ab" * 40, "well-known", "don’t", "l’été",
    "Straße", "STRASSE", "ﬁn", "İzmir",
    "خلية", "غشاء", "حمض نووي", "תא", "קרום", "细胞", "光合作用",
    "叶绿体", "細胞膜", "हिन्दी",
    "कोशिका", "がっこう",
    "клетка", "мембрана", "κύτταρο", "Διάχυση", "세포", "한국어",
    " cell ", "cells", "Cell", "1st law",
    "e\u0301tude", "étude",
)  # fmt: skip


def glossary(*words: str) -> list[GlossaryTerm]:
    """Terms with definitions of their own."""
    return [term(word, f"what is number {number} of the list") for number, word in enumerate(words)]


NAMES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(ODD),
    st.text("ABC", min_size=1, max_size=6),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
)


@st.composite
def glossaries(draw: st.DrawFn) -> list[GlossaryTerm]:
    """Up to thirty terms; some of them twice, some with the definition of another."""
    found: list[GlossaryTerm] = []
    for number, name in enumerate(draw(st.lists(NAMES, max_size=30))):
        shared = draw(st.integers(0, 7)) == 0
        definition = "one of several things" if shared else f"thing {number} of the list"
        found.append(term(name, definition))
    return found


def many(count: int) -> list[GlossaryTerm]:
    """Different made-up words, as many as are wanted."""
    heads, middles, tails = "bcdfghlmnprst", "aeiou", ("nar", "lex", "mid", "tos", "gup")
    names = [
        f"{head}{vowel}{tail}{other}{more}"
        for head in heads
        for vowel in middles
        for tail in tails
        for other in middles
        for more in ("n", "rk")
    ]
    return glossary(*names[:: max(1, len(names) // count)][:count])
