"""The pages as a person uses them, in Chromium."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from support.service import Service
from support.visit import Visit

pytestmark = pytest.mark.browser
TOPIC = "Machine Learning Basics"
TABS = {
    "Learn": "#learn",
    "Listen": "#listen",
    "Quiz": "#quiz",
    "Flashcards": "#flashcards",
    "Game": "#game",
    "Articles": "#articles",
}
COLOURS = ["paper", "raised", "ink", "quiet", "accent", "on-accent", "bad", "good", "tint"]
READER = re.compile(r"/courses/[0-9a-f-]{36}")


async def course(service: Service, *, chapters: int = 2) -> dict[str, object]:
    return await service.settled(await service.order(TOPIC, chapters=chapters))


async def test_a_topic_typed_into_the_generator_becomes_a_course(visit: Visit) -> None:
    page = visit.page
    await visit.open("/course-generator")
    await page.get_by_label("Topic").fill(TOPIC)

    await page.get_by_role("button", name="Create Course").click()

    await expect(page).to_have_url(READER)
    await expect(page.get_by_role("heading", level=1)).to_have_text(TOPIC)
    # It reloads by itself while it is made; at the end nothing is under way any more.
    await expect(page.locator(".making")).to_have_count(0, timeout=30_000)
    await expect(page.locator(".problem")).to_have_count(0)
    for name, panel in TABS.items():
        await page.get_by_role("tab", name=name).click()
        await expect(page.locator(panel)).to_be_visible()
        assert len(await page.locator(panel).inner_text()) > 300, name


async def test_a_document_becomes_a_course(visit: Visit, tmp_path: Path) -> None:
    words = " ".join(
        f"A quant{letter} is a made-up thing of kind {letter} that stands in this text alone."
        for letter in "abcdefghijklmnopqrst"
    )
    (tmp_path / "notes.md").write_text(f"# Notes on quants\n\n{words}\n")
    page = visit.page
    await visit.open("/course-generator")
    await page.get_by_label("Topic").fill("Quants")
    await page.locator("input[type=file]").set_input_files(tmp_path / "notes.md")

    await page.get_by_role("button", name="Create Course").click()

    await expect(page).to_have_url(READER)
    await expect(page.locator(".credits")).to_contain_text("notes.md", timeout=30_000)


async def test_a_topic_without_a_source_says_what_one_can_do(visit: Visit) -> None:
    page = visit.page
    await visit.open("/course-generator")
    await page.get_by_label("Topic").fill("Falconry")
    await page.get_by_role("button", name="Create Course").click()

    problem = page.get_by_role("alert")
    await expect(problem).to_contain_text("no source covers")
    await expect(problem).to_contain_text("document")
    await expect(page.get_by_label("Topic")).to_have_value("Falconry")
    visit.complaints[:] = [text for text in visit.complaints if "422" not in text]


async def test_the_quiz_is_answered_checked_and_started_over(
    visit: Visit, service: Service
) -> None:
    made = await course(service)
    page = visit.page
    await visit.open(f"/courses/{made['id']}#quiz")
    questions = page.locator("#quiz fieldset")
    total = await questions.count()
    assert total >= 8
    for number in range(total):
        question = questions.nth(number)
        key = int(await question.get_attribute("data-key") or "-1")
        chosen = (key + 1) % 4 if number == 0 else key
        await question.locator("label").nth(chosen).click()

    await page.get_by_role("button", name="Check my answers").click()

    await expect(page.locator("#quiz .score")).to_have_text(f"{total - 1} of {total} right")
    await expect(questions.first.locator("label.wrong")).to_have_count(1)
    await expect(questions.first.locator("label.right")).to_have_count(1)
    await expect(questions.first.locator(".explanation")).to_be_visible()
    await page.get_by_role("button", name="Start over").click()
    await expect(page.locator("#quiz .score")).to_have_text("")
    await expect(page.locator("#quiz label.right")).to_have_count(0)


async def test_cards_are_turned_and_walked_through_by_keyboard(
    visit: Visit, service: Service
) -> None:
    made = await course(service)
    page = visit.page
    await visit.open(f"/courses/{made['id']}#flashcards")
    cards = page.locator(".card")
    await cards.first.focus()
    await page.keyboard.press("Space")
    await expect(cards.first).to_have_attribute("aria-expanded", "true")
    await expect(cards.first.locator(".back")).to_be_visible()
    await page.keyboard.press("ArrowRight")
    await expect(cards.nth(1)).to_be_focused()


async def test_the_crossword_is_solved_on_the_keyboard(visit: Visit, service: Service) -> None:
    made = await course(service)
    games = made["word_games"]
    assert isinstance(games, list)
    crossword = next(game for game in games if game["kind"] == "crossword")
    page = visit.page
    await visit.open(f"/courses/{made['id']}#game")
    for word in crossword["words"]:
        name = f"row {word['row'] + 1}, column {word['column'] + 1}"
        label = re.compile(rf"^{word['number']} {word['direction']} $")
        await page.locator(".clue", has=page.locator("b", has_text=label)).click()
        field = page.get_by_label(name, exact=True)
        await field.focus()
        for letter in word["letters"]:
            await page.keyboard.type(letter.lower())
    await expect(page.locator(".game.crossword .score")).to_have_text("Solved!")

    await page.get_by_role("button", name="Clear").click()
    first = crossword["words"][0]
    field = page.get_by_label(f"row {first['row'] + 1}, column {first['column'] + 1}", exact=True)
    await field.fill("x" if first["letters"][0] != "X" else "y")
    await page.get_by_role("button", name="Check", exact=True).click()
    await expect(page.locator(".game.crossword .wrong")).to_have_count(1)


async def test_the_word_search_is_solved_with_the_pointer(visit: Visit, service: Service) -> None:
    made = await course(service)
    games = made["word_games"]
    assert isinstance(games, list)
    search = next(game for game in games if game["kind"] == "word_search")
    page = visit.page
    await visit.open(f"/courses/{made['id']}#game")
    await page.get_by_role("button", name="Word search").click()
    for word in search["words"]:
        last = len(word["letters"]) - 1
        ends = (
            (word["row"], word["column"]),
            (word["row"] + last * word["row_step"], word["column"] + last * word["column_step"]),
        )
        for row, column in ends:
            await page.locator(
                f".word_search [aria-label$='row {row + 1}, column {column + 1}']"
            ).click()
    await expect(page.locator(".word_search .score")).to_have_text("All found!")


@pytest.mark.parametrize("name", ["Hangman", "Scramble", "Matching", "Vocabulary quiz"])
async def test_the_other_games_can_be_played(visit: Visit, service: Service, name: str) -> None:
    made = await course(service)
    games = made["word_games"]
    assert isinstance(games, list)
    page = visit.page
    await visit.open(f"/courses/{made['id']}#game")
    await page.get_by_role("button", name=name, exact=True).click()
    kind = name.lower().replace(" ", "_")
    game = next(game for game in games if game["kind"] == kind)
    board = page.locator(f".game.{kind}")
    if kind == "hangman":
        for letter in {each["guess"] for each in game["rounds"][0]["letters"]} - {None}:
            await board.get_by_role("button", name=letter, exact=True).click()
    elif kind == "scramble":
        await board.get_by_label("Your answer").fill(game["words"][0]["term"])
        await page.keyboard.press("Enter")
    elif kind == "matching":
        first = game["rounds"][0]
        for term, solution in zip(first["terms"], first["solution"], strict=True):
            await board.get_by_role("button", name=term, exact=True).click()
            await board.get_by_role(
                "button", name=first["definitions"][solution], exact=True
            ).click()
    else:
        question = game["questions"][0]
        await board.get_by_role("button", name=question["definition"], exact=True).click()
    await expect(board.locator(".score")).to_contain_text(
        re.compile("right|matched", re.IGNORECASE)
    )


async def test_tabs_follow_the_arrow_keys_and_the_address(visit: Visit, service: Service) -> None:
    made = await course(service)
    page = visit.page
    await visit.open(f"/courses/{made['id']}#quiz")
    await expect(page.get_by_role("tab", name="Quiz")).to_have_attribute("aria-selected", "true")
    await page.get_by_role("tab", name="Quiz").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Flashcards")).to_be_focused()
    await expect(page.locator("#flashcards")).to_be_visible()
    await expect(page.locator("#quiz")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 820])
async def test_no_page_is_wider_than_the_screen(visit: Visit, service: Service, width: int) -> None:
    made = await course(service)
    page = visit.page
    await page.set_viewport_size({"width": width, "height": 780})
    paths = ["/", "/course-generator", "/docs", f"/courses/{made['id']}"]
    paths += [f"/courses/{made['id']}{panel}" for panel in TABS.values()]
    for path in paths:
        await visit.open(path)
        over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, (path, over)
    for name in ("Word search", "Hangman", "Scramble", "Matching", "Vocabulary quiz"):
        await visit.open(f"/courses/{made['id']}#game")
        await page.get_by_role("button", name=name, exact=True).click()
        over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, (name, over)


async def test_without_scripts_the_course_can_still_be_read(
    service: Service, browser: Browser
) -> None:
    made = await course(service)
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{service.address}/courses/{made['id']}")

    await expect(page.locator("#learn article").first).to_be_visible()
    await expect(page.locator("#articles article").first).to_be_visible()
    await context.close()


async def test_every_control_has_a_name_and_each_page_one_heading(
    visit: Visit, service: Service
) -> None:
    made = await course(service)
    for path in ("/", "/course-generator", f"/courses/{made['id']}#game"):
        await visit.open(path)
        assert await visit.page.locator("h1").count() == 1, path
        nameless = await visit.page.evaluate(
            """() => [...document.querySelectorAll("button, input, select, a[href]")]
              .filter((each) => !(each.textContent.trim() || each.labels?.length
                || each.getAttribute("aria-label") || each.title))
              .map((each) => each.outerHTML)"""
        )
        assert nameless == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_texts_stand_out_from_their_background(
    service: Service, browser: Browser, scheme: str
) -> None:
    """WCAG 2.2, 1.4.3: a contrast of at least 4.5 for the colours of the style sheet."""
    context = await browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = await context.new_page()
    await page.goto(f"{service.address}/")
    colours = await page.evaluate(
        """(names) => Object.fromEntries(names.map((name) => [name,
          getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()]))""",
        COLOURS,
    )
    pairs = [
        *((front, back) for front in ("ink", "quiet", "accent", "bad", "good") for back in
          ("paper", "raised")),
        ("on-accent", "accent"),
        ("ink", "tint"),
    ]  # fmt: skip
    for front, back in pairs:
        assert contrast(colours[front], colours[back]) >= 4.5, (scheme, front, back)
    await context.close()


def contrast(one: str, other: str) -> float:
    """The ratio of luminances of two colours written as #rrggbb."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
