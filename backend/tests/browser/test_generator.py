"""Ordering a course and watching it being made, in Chromium."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from browser.conftest import TOPIC, visiting
from support.service import Service, open_service, settings_for
from support.visit import Visit
from support.workshop import HeldAuthor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
READER = re.compile(r"/courses/[0-9a-f-]{36}")
PANELS = {
    "Learn": "#learn",
    "Listen": "#listen",
    "Quiz": "#quiz",
    "Flashcards": "#flashcards",
    "Game": "#game",
    "Articles": "#articles",
}


async def order(page: Page, topic: str) -> None:
    await page.get_by_label("Topic").fill(topic)
    await page.get_by_role("button", name="Create Course").click()


async def test_a_topic_typed_into_the_generator_becomes_a_course(visit: Visit) -> None:
    page = visit.page
    await visit.open("/")
    await expect(page.get_by_text("Nothing here yet")).to_be_visible()
    await visit.open("/course-generator")
    await order(page, TOPIC)

    await expect(page).to_have_url(READER)
    await expect(page.get_by_role("heading", level=1)).to_have_text(TOPIC)
    # It reloads by itself while it is made; at the end nothing is under way any more.
    await expect(page.locator(".making")).to_have_count(0, timeout=30_000)
    await expect(page.locator(".problem")).to_have_count(0)
    for name, panel in PANELS.items():
        await page.get_by_role("tab", name=name).click()
        await expect(page.locator(panel)).to_be_visible()
        assert len(await page.locator(panel).inner_text()) > 300, name
    await visit.open("/")
    await page.get_by_role("link", name=TOPIC).click()
    await expect(page).to_have_url(READER)


async def test_a_document_becomes_a_course(visit: Visit, notes: Path) -> None:
    page = visit.page
    await visit.open("/course-generator")
    await page.get_by_label("Your documents").set_input_files(notes)
    await order(page, "Quants")

    await expect(page).to_have_url(READER)
    await expect(page.locator(".credits")).to_contain_text("notes.md", timeout=30_000)
    await expect(page.locator("#learn")).to_contain_text("A quanta is a made-up thing")


@pytest.mark.parametrize("topic", ["Falconry", "   ", "<img src=x onerror=alert(1)>"])
async def test_an_order_that_cannot_be_met_says_why_and_keeps_what_was_typed(
    visit: Visit, topic: str
) -> None:
    page = visit.page
    await visit.open("/course-generator")
    await order(page, topic)

    problem = page.get_by_role("alert")
    await expect(problem).to_be_visible()
    if topic == "Falconry":
        await expect(problem).to_contain_text("no source covers")
        await expect(problem).to_contain_text("document")
    assert await problem.locator("img").count() == 0
    await expect(page.get_by_label("Topic")).to_have_value(topic)
    await expect(page.get_by_role("button", name="Create Course")).to_be_enabled()
    # The refusal itself is in the console, and nothing else.
    visit.complaints[:] = [text for text in visit.complaints if "422" not in text]


async def test_an_empty_topic_is_not_sent(visit: Visit) -> None:
    page = visit.page
    await visit.open("/course-generator")
    await page.get_by_role("button", name="Create Course").click()

    await expect(page.locator("#topic:invalid")).to_be_focused()
    assert page.url.endswith("/course-generator")


async def test_a_file_of_another_kind_is_refused_in_words(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4\n")
    page = visit.page
    await visit.open("/course-generator")
    await page.get_by_label("Your documents").set_input_files(tmp_path / "broken.pdf")
    await order(page, "Quants")

    await expect(page.get_by_role("alert")).to_contain_text("broken.pdf")
    visit.complaints[:] = [text for text in visit.complaints if "422" not in text]


async def test_a_suggested_topic_is_taken_over_by_a_press(visit: Visit) -> None:
    await visit.open("/course-generator")
    await visit.page.locator(".chip", has_text="Photosynthesis").click()
    await expect(visit.page.get_by_label("Topic")).to_have_value("Photosynthesis")
    await expect(visit.page.get_by_role("button", name="Create Course")).to_be_focused()


@pytest_asyncio.fixture(loop_scope="module")
async def held(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Service, HeldAuthor]]:
    """A service whose author waits before each chapter until it may go on."""
    monkeypatch.setattr("coursewright.bootstrap.BuiltinAuthor", HeldAuthor)
    async with open_service(settings_for(database_url, tmp_path)) as service:
        author = service.application.author
        assert isinstance(author, HeldAuthor)
        author.go_on.clear()
        yield service, author
        author.go_on.set()


async def test_a_page_loaded_anew_in_the_middle_of_the_making_goes_on(
    held: tuple[Service, HeldAuthor], browser: Browser
) -> None:
    service, author = held
    course_id = await service.order(TOPIC, chapters=2)
    async with visiting(browser, service.address) as visit:
        page = visit.page
        await visit.open(f"/courses/{course_id}#quiz")
        await expect(page.locator(".contents li")).to_have_count(2)
        await expect(page.locator("#quiz")).to_contain_text("as soon as they are made")
        await page.reload()
        await expect(page.locator(".making")).to_be_visible()

        author.go_on.set()

        await expect(page.locator(".making")).to_have_count(0, timeout=30_000)
        await expect(page.locator("#quiz fieldset").first).to_be_visible()
        await expect(page.locator(".problem")).to_have_count(0)


async def test_the_making_can_be_stopped_and_gone_on_with(
    held: tuple[Service, HeldAuthor], browser: Browser
) -> None:
    service, author = held
    course_id = await service.order(TOPIC, chapters=2)
    async with visiting(browser, service.address) as visit:
        page = visit.page
        await visit.open(f"/courses/{course_id}")
        await page.get_by_role("button", name="Stop").click()
        await expect(page.locator(".problem h2")).to_contain_text("Stopped")
        await expect(page.locator("#learn .empty")).to_contain_text("No chapters have been made")

        author.go_on.set()
        await page.get_by_role("button", name="Go on").click()

        await expect(page.locator("#learn article").first).to_be_visible(timeout=30_000)
        await expect(page.locator(".making")).to_have_count(0, timeout=30_000)
        await expect(page.locator(".problem")).to_have_count(0)
