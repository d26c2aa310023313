"""The library: which primer covers a topic."""

from pathlib import Path

import pytest

from coursewright.course.errors import Defect
from coursewright.course.sources import PassageKind, SourceKind
from coursewright.sources.library import Library, read_primer

PRIMERS = {
    "databases": """---
title: Relational databases
aliases: [SQL databases, "RDBMS"]
keywords: [normalisation, transactions, SQL joins]
summary: How data is kept.
---
# Relational databases

A table has rows.
""",
    "optics": """---
title: Optics
aliases:
  - the study of light
keywords: [lenses]
---
Light.
""",
    "photography": """---
title: Photography
keywords: [lenses, exposure]
slug: photo
---
Shots.
""",
    "machine-learning": "---\ntitle: Machine learning\n---\nA model learns.\n",
}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    for name, text in PRIMERS.items():
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    (tmp_path / "README.md").write_text("No primer.", encoding="utf-8")
    (tmp_path / ".hidden.md").write_text("No primer.", encoding="utf-8")
    (tmp_path / "data.json").write_text("{}", encoding="utf-8")
    return Library(tmp_path)


def test_primers_are_listed_by_their_titles(library: Library) -> None:
    assert [each.title for each in library.primers()] == [
        "Machine learning",
        "Optics",
        "Photography",
        "Relational databases",
    ]


@pytest.mark.parametrize(
    ("topic", "slug"),
    [
        ("Relational databases", "databases"),
        ("relational DATABASE", "databases"),
        ("Introduction to relational databases for beginners", "databases"),
        ("RDBMS", "databases"),
        ("sql databases", "databases"),
        ("the study of light", "optics"),
        ("photo", "photo"),
        ("machine learning 101", "machine-learning"),
        ("transactions", "databases"),
        ("SQL joins", "databases"),
        ("normalisation in relational databases", "databases"),
    ],
)
def test_a_topic_finds_its_primer(library: Library, topic: str, slug: str) -> None:
    found = library.find(topic)
    assert found is not None
    assert found.slug == slug


@pytest.mark.parametrize(
    "topic",
    [
        "lenses",  # in two primers
        "joins",  # half of a keyword
        "machine",  # half of a title
        "learning",
        "relational algebra of machines",
        "machine learning for photography",
        "quantum optics",  # more than the primer covers
        "French cooking",
        "introduction",
        "",
        " ",
        "?!",
        "光学",
    ],
)
def test_a_topic_that_no_primer_surely_covers_finds_none(library: Library, topic: str) -> None:
    assert library.find(topic) is None


def test_a_primer_becomes_a_document(library: Library) -> None:
    primer = library.find("RDBMS")
    assert primer is not None
    document = library.document(primer)
    source = document.source
    assert (source.kind, source.title, source.origin) == (
        SourceKind.LIBRARY,
        "Relational databases",
        "databases",
    )
    assert (source.language, source.licence, source.attribution) == (
        "en",
        "CC BY 4.0",
        "Coursewright",
    )
    assert [(each.kind, each.text) for each in document.passages] == [
        (PassageKind.HEADING, "Relational databases"),
        (PassageKind.PARAGRAPH, "A table has rows."),
    ]
    assert library.document(primer) == document


def test_a_primer_without_a_title_is_our_fault() -> None:
    with pytest.raises(Defect, match="the primer x has no title"):
        read_primer("x", "Words.")


def test_an_empty_folder_is_an_empty_library(tmp_path: Path) -> None:
    assert Library(tmp_path).primers() == ()
    assert Library(tmp_path).find("Optics") is None


def test_the_primers_of_the_package_can_be_read() -> None:
    library = Library()
    for primer in library.primers():
        assert library.document(primer).passages
        assert library.find(primer.title) == primer
