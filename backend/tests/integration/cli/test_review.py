"""Reviewing in the terminal, the wrong way too."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from coursewright.cli.review import interval

Run = Callable[..., Any]


def create(coursewright: Run) -> str:
    ran = coursewright("create", "Machine Learning Basics", "--chapters", "2", "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)["id"]


def test_reviewing_cards_one_after_the_other(coursewright: Run) -> None:
    course = create(coursewright)

    # A card is turned and known, one forgotten after a slip of the key, one set aside.
    ran = coursewright("review", "--course", course[:8], typed="\n4\n\nx\n1\n\ns\n")

    assert ran.code == 0, ran.err
    assert "2 cards reviewed" in ran.err
    assert "4 easy (8 d)" in ran.out
    assert "1 again (1 min)" in ran.out
    assert "1 again, 2 hard, 3 good, 4 easy" in ran.out
    summary = json.loads(coursewright("due", "--json").out)
    assert summary["due_today"]["new"] == 17  # of 20
    assert summary["streak"]["current"] == 1


def test_undoing_a_review(coursewright: Run) -> None:
    create(coursewright)

    ran = coursewright("review", typed="\n4\n\nu\n\n3\n")

    assert "1 card reviewed" in ran.err
    assert json.loads(coursewright("due", "--json").out)["due_today"]["new"] == 19


def test_the_day_comes_to_an_end(coursewright: Run) -> None:
    create(coursewright)
    create(coursewright)

    ran = coursewright("review", typed="\n4\n" * 30)

    assert "20 cards reviewed" in ran.err
    assert "wait for another day" in ran.out
    due = coursewright("due")
    assert "0 cards today" in due.out
    assert "0 of 2" in due.out
    assert "Streak: 1 days" in due.out


def test_nothing_to_review(coursewright: Run) -> None:
    assert "Nothing is due." in coursewright("review").out
    assert "0 cards today" in coursewright("due").out
    assert coursewright("review", "--course", "zzz").code == 2
    assert coursewright("review", "--course", "dead").code == 2


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (600, "10 min"),
        (7200, "2 h"),
        (8 * 86_400, "8 d"),
        (75 * 86_400, "2.5 months"),
        (3650 * 86_400, "10.0 years"),
    ],
)
def test_spans_are_told_as_people_say_them(seconds: int, said: str) -> None:
    assert interval(seconds) == said
