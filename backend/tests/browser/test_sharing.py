"""A course by a link, and the outline before the rest, in Chromium."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from browser.conftest import TOPIC, visiting
from support.service import Service

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_a_reader_by_a_link_reads_plays_and_is_offered_nothing_else(
    service: Service, browser: Browser, course: dict[str, Any]
) -> None:
    answer = await service.client.post(f"/api/courses/{course['id']}/shares")
    path = answer.json()["path"]
    async with visiting(browser, service.address) as visit:
        page = visit.page
        await visit.open(path)
        await expect(page.get_by_role("heading", level=1)).to_have_text(course["title"])
        await expect(page.locator("#chapter-1 h2")).to_contain_text(course["chapters"][0]["title"])
        await page.get_by_role("tab", name="Quiz").click()
        await page.locator("#quiz fieldset label").first.click()
        await page.get_by_role("button", name="Check my answers").click()
        await expect(page.locator("#quiz .score")).to_contain_text("right")
        await page.get_by_role("tab", name="Game").click()
        await expect(page.locator("#games button").first).to_be_visible()
        await expect(page.locator(".credits cite").first).to_have_text(
            course["sources"][0]["title"]
        )
        for locator in ("nav a[href='/']", "[data-post]", "a[href^='/api/']", ".making"):
            await expect(page.locator(locator)).to_have_count(0)


async def test_an_outline_waits_on_its_page_and_goes_on_by_a_button(
    service: Service, browser: Browser
) -> None:
    course_id = await service.order(TOPIC, chapters=2, edit_outline=True)
    assert (await service.settled(course_id))["status"] == "outlined"
    async with visiting(browser, service.address) as visit:
        page = visit.page
        await visit.open(f"/courses/{course_id}")
        await expect(page.get_by_role("heading", name="The outline stands")).to_be_visible()
        await expect(page.locator(".contents li")).to_have_count(2)
        await page.get_by_role("button", name="Go on").click()
        await expect(page.locator("#chapter-2")).to_be_visible()
