"""The command line as a person uses it, the wrong way too."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coursewright.course.games import GameKind

Run = Callable[..., Any]
TOPIC = "Machine Learning Basics"


def create(coursewright: Run, *arguments: str) -> dict[str, Any]:
    """A course, as `create --json` tells of it."""
    ran = coursewright("create", TOPIC, "--chapters", "2", "--json", *arguments)
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_create_shows_what_was_made_and_how_to_read_it(coursewright: Run) -> None:
    ran = coursewright("create", TOPIC, "--chapters", "2")

    assert ran.code == 0
    for word in ("Chapters", "Flashcards", "Questions", "Rejected", "Seconds", "Word games"):
        assert word in ran.out
    assert "made chapter/1" in ran.err
    assert "Read it: coursewright show" in ran.err


def test_create_out_of_a_file_and_show_it(coursewright: Run, tmp_path: Path) -> None:
    words = " ".join(
        f"A quant{letter} is a made-up thing of kind {letter} that stands in this text alone."
        for letter in "abcdefghijklmnopqrst"
    )
    (tmp_path / "notes.txt").write_text(f"Notes\n\n{words}\n")
    ran = coursewright("create", "Notes", "--source", "notes.txt", "--json")
    made = json.loads(ran.out)
    assert made["counts"]["chapters"] >= 1

    shown = coursewright("show", made["id"][:8], "--all")
    assert "A quanta is a made-up thing of kind a" in " ".join(shown.out.split())
    assert "Glossary" in shown.out
    assert "notes.txt" in shown.out


def test_list_show_and_delete(coursewright: Run) -> None:
    assert "no courses yet" in coursewright("list").err
    made = create(coursewright)

    listed = coursewright("list")
    assert TOPIC in listed.out
    assert "completed" in listed.out
    assert json.loads(coursewright("list", "--json").out)[0]["id"] == made["id"]
    chapter = coursewright("show", made["id"], "--chapter", "2")
    assert chapter.code == 0
    assert coursewright("show", made["id"], "--chapter", "3").code == 2
    assert json.loads(coursewright("show", made["id"], "--json").out)["id"] == made["id"]

    kept = coursewright("delete", made["id"], typed="n\n")
    assert kept.code != 0
    assert coursewright("list", "--json").out.strip() != "[]"
    assert coursewright("delete", made["id"], typed="y\n").code == 0
    assert json.loads(coursewright("list", "--json").out) == []


def test_export_writes_files_that_can_be_opened(coursewright: Run, tmp_path: Path) -> None:
    made = create(coursewright)

    ran = coursewright("export", made["id"], "--format", "markdown", "-o", "out/deeper")
    path = tmp_path / ran.out.strip()
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    ran = coursewright("export", made["id"], "--format", "json")
    assert json.loads((tmp_path / ran.out.strip()).read_text())["id"] == made["id"]

    assert "markdown" in coursewright("export", made["id"], "--format", "papyrus").err
    (tmp_path / "file").write_text("in the way")
    refused = coursewright("export", made["id"], "-o", "file/below")
    assert refused.code == 1
    assert "cannot be written" in refused.err
    assert "-o" in refused.err


def test_regenerate_retry_resume_cancel(coursewright: Run) -> None:
    made = create(coursewright)

    assert coursewright("regenerate", made["id"], "mcqs/1").code == 0
    refused = coursewright("retry", made["id"], "mcqs/1")
    assert refused.code == 2
    assert "regenerate" in refused.err
    assert coursewright("resume", made["id"]).code == 0
    assert coursewright("cancel", made["id"]).code == 0
    unknown = coursewright("regenerate", made["id"], "chapter/77")
    assert unknown.code == 2
    assert "chapter/2" in unknown.err


@pytest.mark.parametrize("wish", ["x" * 1001, "\x1b[2J"], ids=["long", "controls"])
def test_an_instruction_is_taken_as_the_api_takes_it(coursewright: Run, wish: str) -> None:
    refused = coursewright("regenerate", "any", "chapter/1", "--instruction", wish)
    assert refused.code == 2
    assert "the instruction is not usable" in refused.err
    assert "\x1b" not in refused.err


@pytest.mark.parametrize("game", list(GameKind))
def test_every_game_can_be_played_to_the_end_of_the_input(coursewright: Run, game: str) -> None:
    made = create(coursewright)

    ran = coursewright("play", made["id"], game, typed="a\nx\n1a\nwrong\n\n?\n")

    assert ran.code == 0
    assert "right" in ran.err or "nothing tried" in ran.err


def test_a_right_answer_counts(coursewright: Run) -> None:
    made = create(coursewright)
    course = json.loads(coursewright("show", made["id"], "--json").out)
    scramble = next(game for game in course["word_games"] if game["kind"] == "scramble")
    answers = [word["term"] for word in scramble["words"]]

    ran = coursewright("play", made["id"], "scramble", typed="\n".join([*answers, ""]))

    assert f"{len(answers)} of {len(answers)} right" in ran.err
    assert f"your best so far: {len(answers)} right" in ran.err
    worse = coursewright("play", made["id"], "scramble", typed=answers[0] + "\n")
    assert f"your best so far: {len(answers)} right" in worse.err


def test_sources_lists_the_topics_that_work(coursewright: Run) -> None:
    assert TOPIC in coursewright("sources").out
    found = json.loads(coursewright("sources", "--json").out)
    assert {item["title"] for item in found} >= {TOPIC}


def test_doctor_says_what_works(coursewright: Run) -> None:
    ran = coursewright("doctor")
    assert "Postgres" in ran.out
    assert "built-in" in ran.out
    names = {finding["name"] for finding in json.loads(coursewright("doctor", "--json").out)}
    assert {"Database", "Author", "Port", "Keys"} <= names


def test_migrate_is_done_once(coursewright: Run, admin_url: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("COURSEWRIGHT_ADMIN_DATABASE_URL", admin_url)
    ran = coursewright("migrate")
    assert ran.code == 0, ran.err
    assert "up to date" in ran.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("create", ""), "topic is empty"),
        (("create", "   "), "topic is empty"),
        (("create", "x" * 5000), "5,000 characters"),
        (("create", "?!"), "no letter or digit"),
        (("create", "Falconry"), "no source covers"),
        (("create", "Квантовая механика"), "no source covers"),
        (("create", "X", "--source", "absent.pdf"), "no file"),
        (("create", "X", "--source", "."), "directory"),
        (("create", "X", "--source", "http://127.0.0.1/x"), "private network"),
        (("create", "X", "--source", "file:///etc/passwd"), "file"),
        (("create", "X", "--language", "klingon!"), "language"),
        (("show", "ffffffff"), "no course"),
        (("show", "'; drop table courses; --"), "no course"),
        (("export", "ffffffff"), "no course"),
    ],
)
def test_misuse_is_told_with_a_way_out(
    coursewright: Run, arguments: tuple[str, ...], says: str
) -> None:
    ran = coursewright(*arguments)

    assert ran.code == 2
    assert says in ran.err
    assert "hint:" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "arguments",
    [("creat", "X"), ("create", "X", "--chapters", "0"), ("create", "X", "--level", "genius")],
)
def test_wrong_words_on_the_command_line_are_usage_errors(
    coursewright: Run, arguments: tuple[str, ...]
) -> None:
    ran = coursewright(*arguments)
    assert ran.code == 2
    assert "Usage" in ran.err


def test_a_service_for_everybody_is_refused_without_sign_in(coursewright: Run) -> None:
    ran = coursewright("serve", "--host", "0.0.0.0")  # noqa: S104 - the test is that it is refused
    assert ran.code == 1
    assert "sign-in" in ran.err


def test_a_setting_that_is_not_usable_is_named(
    coursewright: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSEWRIGHT_PORT", "many")
    ran = coursewright("list")
    assert ran.code == 1
    assert "port" in ran.err
    assert "hint:" in ran.err


def test_a_database_that_is_not_there_is_told(
    coursewright: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/none")
    ran = coursewright("list")
    assert ran.code == 1
    assert "secret" not in ran.err + ran.out
    assert "hint:" in ran.err


def test_a_new_key_for_links_says_what_becomes_of_the_older_ones(coursewright: Run) -> None:
    kept = coursewright("file-key")
    assert (kept.code, kept.out) == (0, "")
    assert "--end-links" in kept.err
    ended = coursewright("file-key", "--end-links")
    assert ended.code == 0
    assert "no link" in ended.err
