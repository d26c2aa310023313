"""Reading, quiz, cards and tabs, in Chromium."""

from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser, expect

from browser.conftest import visiting
from support.service import Service
from support.visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_the_quiz_is_answered_checked_and_started_over(
    visit: Visit, course: dict[str, Any]
) -> None:
    page = visit.page
    await visit.open(f"/courses/{course['id']}#quiz")
    questions = page.locator("#quiz fieldset")
    total = len(course["mcqs"])
    assert total >= 8
    for number, question in enumerate(course["mcqs"]):
        chosen = question["key"] if number else (question["key"] + 1) % len(question["options"])
        await questions.nth(number).locator("label").nth(chosen).click()
    await page.get_by_role("button", name="Check my answers").click()

    await expect(page.locator("#quiz .score")).to_have_text(f"{total - 1} of {total} right")
    await expect(questions.first.locator("label.wrong")).to_have_count(1)
    await expect(questions.first.locator("label.right")).to_have_count(1)
    await expect(questions.first.locator(".explanation")).to_be_visible()
    await expect(questions.nth(1).locator("label.wrong")).to_have_count(0)

    await page.get_by_role("button", name="Start over").click()
    await expect(page.locator("#quiz .score")).to_have_text("")
    await expect(page.locator("#quiz label.right, #quiz input:checked")).to_have_count(0)


async def test_an_unanswered_question_does_not_betray_its_answer(
    visit: Visit, course: dict[str, Any]
) -> None:
    page = visit.page
    await visit.open(f"/courses/{course['id']}#quiz")
    await page.get_by_role("button", name="Check my answers").click()
    total = len(course["mcqs"])
    await expect(page.locator("#quiz .score")).to_have_text(
        f"0 of {total} right, {total} not answered"
    )
    await expect(page.locator("#quiz label.right")).to_have_count(0)


async def test_cards_are_turned_and_walked_through_by_keyboard(
    visit: Visit, course: dict[str, Any]
) -> None:
    page = visit.page
    await visit.open(f"/courses/{course['id']}#flashcards")
    cards = page.locator(".card")
    await page.get_by_role("tab", name="Flashcards").focus()
    await page.keyboard.press("Tab")
    await expect(cards.first).to_be_focused()
    await page.keyboard.press("Space")
    await expect(cards.first).to_have_attribute("aria-expanded", "true")
    await expect(cards.first.locator(".back")).to_be_visible()
    await expect(cards.first.locator(".front")).to_be_hidden()
    await page.keyboard.press("Space")
    await expect(cards.first.locator(".back")).to_be_hidden()
    await page.keyboard.press("ArrowRight")
    await expect(cards.nth(1)).to_be_focused()
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await expect(cards.last).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(cards.first).to_be_focused()


async def test_tabs_follow_the_arrow_keys_and_the_address(
    visit: Visit, course: dict[str, Any]
) -> None:
    page = visit.page
    await visit.open(f"/courses/{course['id']}#quiz")
    await expect(page.get_by_role("tab", name="Quiz")).to_have_attribute("aria-selected", "true")
    await page.get_by_role("tab", name="Quiz").focus()
    for key, name, panel in (
        ("ArrowRight", "Flashcards", "#flashcards"),
        ("End", "Articles", "#articles"),
        ("ArrowRight", "Learn", "#learn"),
        ("ArrowLeft", "Articles", "#articles"),
        ("Home", "Learn", "#learn"),
        ("ArrowRight", "Listen", "#listen"),
    ):
        await page.keyboard.press(key)
        await expect(page.get_by_role("tab", name=name)).to_be_focused()
        await expect(page.locator("[role=tabpanel]:visible")).to_have_attribute("id", panel[1:])
        assert page.url.endswith(panel)
    await page.reload()
    await expect(page.locator("#listen")).to_be_visible()
    await page.evaluate("location.hash = '#chapter-2'")
    await expect(page.locator("#chapter-2")).to_be_in_viewport()


async def test_an_explanation_leads_to_its_chapter(visit: Visit, course: dict[str, Any]) -> None:
    page = visit.page
    await visit.open(f"/courses/{course['id']}#quiz")
    last = page.locator("#quiz fieldset").last
    await last.locator("label").first.click()
    await page.get_by_role("button", name="Check my answers").click()
    await last.get_by_role("link").click()
    await expect(page.locator(f"#chapter-{course['mcqs'][-1]['chapter']} h2")).to_be_in_viewport()


async def test_a_passage_says_where_it_comes_from(visit: Visit, course: dict[str, Any]) -> None:
    await visit.open(f"/courses/{course['id']}")
    mark = visit.page.locator("#learn .cite").first
    await mark.focus()
    shown = await mark.evaluate("(each) => getComputedStyle(each, '::after').content")
    assert course["sources"][0]["title"] in shown


async def test_a_course_that_does_not_exist_is_said_on_a_page(visit: Visit) -> None:
    for name in (str(uuid4()), "nonsense", "%3Cscript%3E"):
        await visit.open(f"/courses/{name}")
        await expect(visit.page.get_by_role("heading", level=1)).to_contain_text("no course")
        way_out = visit.page.locator("main").get_by_role("link", name="My courses")
        await expect(way_out).to_be_visible()
    visit.complaints[:] = [text for text in visit.complaints if "404" not in text]


async def test_without_scripts_everything_can_still_be_read(
    service: Service, browser: Browser, course: dict[str, Any]
) -> None:
    async with visiting(browser, service.address, scripts=False) as visit:
        await visit.open(f"/courses/{course['id']}")
        for panel in ("learn", "listen", "quiz", "flashcards", "articles"):
            text = await visit.page.locator(f"#{panel}").inner_text()
            assert len(text) > 300, panel
        assert await visit.page.locator("#learn article").count() >= len(course["chapters"])
        await expect(visit.page.locator(".card .back").first).to_be_visible()
        await expect(visit.page.locator("#game")).to_contain_text("need JavaScript")


async def test_on_paper_all_parts_are_shown(visit: Visit, course: dict[str, Any]) -> None:
    page = visit.page
    await visit.open(f"/courses/{course['id']}")
    await page.emulate_media(media="print")
    for panel in ("learn", "listen", "quiz", "flashcards", "game", "articles"):
        await expect(page.locator(f"#{panel}")).to_be_visible()
    await expect(page.locator(".card .front").first).to_be_visible()
    await expect(page.locator(".card .back").first).to_be_visible()
    await expect(page.locator(".clue").first).to_be_visible()
    for hidden in (".bar", ".tabs", "#quiz .foot"):
        await expect(page.locator(hidden)).to_be_hidden()


async def test_the_dark_page_is_dark(service: Service, browser: Browser) -> None:
    found: list[int] = []
    for scheme in ("light", "dark"):
        async with visiting(browser, service.address, scheme=scheme) as visit:
            await visit.open("/course-generator")
            colour = await visit.page.evaluate(
                "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
            )
            found.append(sum(colour))
    assert found[0] > 600
    assert found[1] < 150
