"""Playing every word game, in Chromium."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from support.visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def at_the_games(visit: Visit, course: dict[str, Any]) -> AsyncIterator[Visit]:
    await visit.open(f"/courses/{course['id']}#game")
    yield visit


async def start(visit: Visit, course: dict[str, Any], name: str) -> tuple[dict[str, Any], Locator]:
    """Chooses a game on the keyboard; gives back what it is made of, and its board."""
    kind = name.lower().replace(" ", "_")
    await visit.page.get_by_role("button", name=name, exact=True).focus()
    await visit.page.keyboard.press("Enter")
    board = visit.page.locator(f".game.{kind}")
    await expect(board.get_by_role("heading", name=name)).to_be_visible()
    return next(game for game in course["word_games"] if game["kind"] == kind), board


def ends(word: dict[str, Any]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Row and column of the first and of the last letter, counted from 0."""
    last = len(word["letters"]) - 1
    row, column = word["row"], word["column"]
    return (row, column), (row + last * word["row_step"], column + last * word["column_step"])


async def test_the_crossword_is_solved_on_the_keyboard_alone(
    at_the_games: Visit, course: dict[str, Any]
) -> None:
    game, board = await start(at_the_games, course, "Crossword")
    keyboard = at_the_games.page.keyboard
    await board.locator(".clue").first.focus()
    await keyboard.press("Enter")
    filled: set[tuple[int, int]] = set()
    for word in game["words"]:
        down = word["direction"] == "down"
        squares = [
            (word["row"] + (step if down else 0), word["column"] + (0 if down else step))
            for step in range(len(word["letters"]))
        ]
        # The caret stands on the first open square of the word.
        first = next((step for step, square in enumerate(squares) if square not in filled), 0)
        await keyboard.type("".join(word["letters"][first:]).lower())
        filled.update(squares)
        await keyboard.press("Enter")
    await expect(board.locator(".score")).to_have_text("Solved!")


async def test_the_crossword_marks_wrong_letters_and_shows_words(
    at_the_games: Visit, course: dict[str, Any]
) -> None:
    game, board = await start(at_the_games, course, "Crossword")
    page = at_the_games.page
    word = game["words"][0]
    await board.locator(".clue").first.click()
    await expect(board.locator(".asked-for")).to_contain_text(word["clue"])
    wrong = "Y" if word["letters"][0] == "X" else "X"
    await page.keyboard.type(wrong + word["letters"][1])
    await page.get_by_role("button", name="Check", exact=True).click()
    await expect(board.locator(".cell.wrong")).to_have_count(1)
    await expect(board.locator(".cell.right")).to_have_count(1)
    looks = [
        await board.locator(kind).first.evaluate("(each) => getComputedStyle(each).backgroundColor")
        for kind in (".cell.wrong", ".cell.right", ".cell.lit:not(.wrong, .right)")
    ]
    assert len(set(looks)) == 3

    # A letter typed over another one replaces it, wherever the caret stands.
    square = board.locator(".cell.wrong input")
    await square.click()
    await square.click()
    await page.keyboard.press("Home")
    await page.keyboard.type(word["letters"][0])
    await expect(board.locator(".cell.wrong")).to_have_count(0)

    await page.get_by_role("button", name="Show this word").click()
    await expect(board.locator(".cell.right")).to_have_count(len(word["letters"]))
    await page.get_by_role("button", name="Clear").click()
    await expect(board.locator(".cell.right")).to_have_count(0)
    await page.get_by_role("button", name="Show all").click()
    await expect(board.locator(".score")).to_have_text("Solved!")


async def test_the_word_search_is_solved_with_the_pointer(
    at_the_games: Visit, course: dict[str, Any]
) -> None:
    game, board = await start(at_the_games, course, "Word search")
    columns = len(game["grid"][0])
    cells = board.locator(".cell")
    for word in game["words"]:
        for row, column in reversed(ends(word)):
            await cells.nth(row * columns + column).click()
    await expect(board.locator(".score")).to_have_text("All found!")
    await expect(board.locator(".clues .found")).to_have_count(len(game["words"]))


async def test_a_word_is_found_with_the_keyboard_alone(
    at_the_games: Visit, course: dict[str, Any]
) -> None:
    game, board = await start(at_the_games, course, "Word search")
    keyboard = at_the_games.page.keyboard
    await board.locator(".cell").first.focus()
    await keyboard.press("Enter")
    await keyboard.press("Enter")  # a letter chosen twice is let go again
    await expect(board.locator(".cell.from")).to_have_count(0)
    at = (0, 0)
    for row, column in ends(game["words"][0]):
        for key, steps in (
            ("ArrowDown", row - at[0]),
            ("ArrowUp", at[0] - row),
            ("ArrowRight", column - at[1]),
            ("ArrowLeft", at[1] - column),
        ):
            for _ in range(steps):
                await keyboard.press(key)
        at = (row, column)
        await keyboard.press("Enter")
    term = game["words"][0]["term"]
    await expect(board.locator(".score")).to_contain_text(f"{term}: found")


async def test_hangman_is_won_and_lost_by_typing(
    at_the_games: Visit, course: dict[str, Any]
) -> None:
    game, board = await start(at_the_games, course, "Hangman")
    keyboard = at_the_games.page.keyboard
    first, second = game["rounds"][:2]
    wanted = {each["guess"] for each in first["letters"]} - {None}
    for letter in sorted(wanted):
        await keyboard.press(letter.lower())
    await expect(board.locator(".score")).to_have_text("Right!")
    await expect(board.locator(".word")).to_have_text(first["term"], ignore_case=True)

    await expect(board.get_by_role("button", name="Next")).to_be_focused()
    await keyboard.press("Enter")
    wrong = [
        each for each in game["alphabet"] if each not in {x["guess"] for x in second["letters"]}
    ]
    for letter in wrong[: game["misses"]]:
        await keyboard.press(letter.lower())
    await keyboard.press(wrong[0].lower())  # the same letter again costs nothing
    await expect(board.locator(".typed")).to_contain_text("0 wrong guesses left")
    await keyboard.press(wrong[game["misses"]].lower())
    await expect(board.locator(".score")).to_have_text(f"It was: {second['term']}")


async def test_scrambled_words_are_put_in_order(
    at_the_games: Visit, course: dict[str, Any]
) -> None:
    game, board = await start(at_the_games, course, "Scramble")
    keyboard = at_the_games.page.keyboard
    total = len(game["words"])
    for number, word in enumerate(game["words"]):
        if number == 0:
            await board.get_by_role("button", name="Show it").click()
            await expect(board.locator(".score")).to_have_text(f"It is: {word['term']}")
        else:
            await board.get_by_label("Your answer").fill("no such word")
            await keyboard.press("Enter")
            await expect(board).to_contain_text("Not yet.")
            await board.get_by_label("Your answer").fill(word["term"].upper())
            await keyboard.press("Enter")
            await expect(board.locator(".score")).to_have_text(f"Right: {word['term']}")
        await keyboard.press("Enter")
    await expect(board.locator(".score")).to_have_text(f"{total - 1} of {total} right")
    await keyboard.press("Enter")
    await expect(board.locator(".score")).to_have_text(f"1 of {total}")


async def test_terms_are_matched_to_their_meanings_on_the_keyboard(
    at_the_games: Visit, course: dict[str, Any]
) -> None:
    game, board = await start(at_the_games, course, "Matching")
    keyboard = at_the_games.page.keyboard
    first = game["rounds"][0]
    terms = board.get_by_role("group", name="Terms").get_by_role("button")
    meanings = board.get_by_role("group", name="Meanings").get_by_role("button")
    await terms.first.focus()
    await keyboard.press("Enter")
    await meanings.nth((first["solution"][0] + 1) % len(first["terms"])).press("Enter")
    await expect(board).to_contain_text(f"Not {first['terms'][0]}.")
    for number, solution in enumerate(first["solution"]):
        await terms.nth(number).press("Enter")
        await meanings.nth(solution).press("Enter")
        if number + 1 < len(first["terms"]):
            await expect(terms.nth(number + 1)).to_be_focused()
    await expect(board.locator(".score")).to_have_text("All matched, with 1 wrong tries.")


async def test_the_vocabulary_quiz_tells_right_from_wrong(
    at_the_games: Visit, course: dict[str, Any]
) -> None:
    game, board = await start(at_the_games, course, "Vocabulary quiz")
    first, second = game["questions"][:2]
    await board.get_by_role("button", name=first["definition"], exact=True).click()
    await expect(board.locator(".score")).to_have_text("Right!")
    await board.get_by_role("button", name="Next").click()
    wrong = board.locator(".choices button", has_text=second["incorrect_options"][0])
    await wrong.click()
    await expect(wrong).to_have_class(re.compile("bad"))
    await expect(board.locator(".choices .good")).to_have_text(second["definition"])
    await expect(board.locator(".score")).to_have_text("No: the marked one.")
