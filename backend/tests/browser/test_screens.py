"""Narrow screens, names of controls, order of the Tab key and contrast, in Chromium."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser

from browser.conftest import visiting
from support.service import Service
from support.visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
PANELS = ("learn", "listen", "quiz", "flashcards", "game", "articles")
GAMES = ("Crossword", "Word search", "Hangman", "Scramble", "Matching", "Vocabulary quiz")
COLOURS = ["paper", "raised", "ink", "quiet", "accent", "on-accent", "bad", "good", "mark", "tint",
           "edge"]  # fmt: skip
INLINE = re.compile(
    r"""<[a-z][^>]*\s(style|on\w+)=|<style|<script(?![^>]* (src|type="application/json))"""
)
"""What the security policy would refuse."""
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NAMELESS = """() => [...document.querySelectorAll("button, input, select, summary, a[href]")]
  .filter((each) => !(each.textContent.trim() || each.labels?.length
    || each.getAttribute("aria-label")))
  .map((each) => each.outerHTML)"""
FOCUSED = """() => { const each = document.activeElement;
  return each.id || each.dataset.key || each.className || each.textContent.trim() }"""


@pytest.mark.parametrize("width", [360, 820])
async def test_no_page_is_wider_than_the_screen(
    service: Service, browser: Browser, course: dict[str, Any], width: int
) -> None:
    async with visiting(browser, service.address, width=width) as visit:
        for path in ("/", "/course-generator", "/docs", f"/courses/{course['id']}"):
            await visit.open(path)
            assert await visit.page.evaluate(OVER) <= 0, path
        for panel in PANELS:
            await visit.page.locator(f"#tab-{panel}").click()
            assert await visit.page.evaluate(OVER) <= 0, panel
        await visit.page.locator("#tab-game").click()
        for name in GAMES:
            await visit.page.get_by_role("button", name=name, exact=True).click()
            assert await visit.page.evaluate(OVER) <= 0, name


async def test_a_chosen_tab_can_be_seen_on_a_narrow_screen(
    service: Service, browser: Browser, course: dict[str, Any]
) -> None:
    async with visiting(browser, service.address, width=360) as visit:
        await visit.open(f"/courses/{course['id']}#articles")
        for panel in reversed(PANELS):
            await visit.page.evaluate(f"location.hash = '#{panel}'")
            await visit.page.locator(f"#{panel}").wait_for()
            box = await visit.page.locator(f"#tab-{panel}").bounding_box()
            assert box is not None
            assert box["x"] >= 0, panel
            assert box["x"] + box["width"] <= 360, panel


async def test_long_words_and_addresses_do_not_widen_the_page(
    service: Service, browser: Browser, tmp_path: Path
) -> None:
    long = "Donaudampfschifffahrt" * 9
    sentences = " ".join(
        f"A thing{letter} is a made-up object of kind {letter}, see "
        f"https://www.example.org/{'path/' * 20}{letter} or `{'x' * 90}`."
        for letter in "abcdefghijklmnop"
    )
    notes = tmp_path / f"{'n' * 90}.md"
    notes.write_text(f"# {long}\n\n{sentences}\n\n## {long}2\n\n{sentences}")
    form = {"topic": long, "chapters": "2"}
    with notes.open("rb") as file:
        answer = await service.client.post(
            "/api/courses/from-files", data=form, files={"files": file}
        )
    assert answer.status_code == 202, answer.text
    made = await service.settled(answer.json()["id"])
    async with visiting(browser, service.address, width=360) as visit:
        await visit.open("/")
        assert await visit.page.evaluate(OVER) <= 0
        await visit.open(f"/courses/{made['id']}")
        for panel in PANELS:
            await visit.page.locator(f"#tab-{panel}").click()
            assert await visit.page.evaluate(OVER) <= 0, panel


async def test_every_control_has_a_name_and_each_page_one_first_heading(
    visit: Visit, course: dict[str, Any]
) -> None:
    for path in ("/", "/course-generator", "/docs", f"/courses/{course['id']}#game"):
        await visit.open(path)
        assert await visit.page.locator("h1").count() == 1, path
        assert await visit.page.evaluate(NAMELESS) == [], path
        assert await visit.page.locator("html[lang]").count() == 1, path
        assert await visit.page.locator("main").count() == 1, path
        sent = await (await visit.page.request.get(visit.address + path)).text()
        assert INLINE.search(sent) is None, path
    for name in GAMES:
        await visit.page.get_by_role("button", name=name, exact=True).click()
        assert await visit.page.evaluate(NAMELESS) == [], name


async def test_headings_skip_no_level(visit: Visit, course: dict[str, Any]) -> None:
    for path in ("/", "/course-generator", "/docs", f"/courses/{course['id']}"):
        await visit.open(path)
        levels = await visit.page.evaluate(
            "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((each) => +each.tagName[1])"
        )
        for before, after in pairwise(levels):
            assert after <= before + 1, (path, levels)


async def test_the_tab_key_goes_through_the_order_form_from_top_to_bottom(visit: Visit) -> None:
    await visit.open("/course-generator")
    seen = [await visit.page.evaluate(FOCUSED)]
    for _ in range(40):
        await visit.page.keyboard.press("Tab")
        seen.append(await visit.page.evaluate(FOCUSED))
        if seen[-1] == "button":
            break
    without_topics = [name for name in seen if name != "chip"]
    assert without_topics == ["topic", "files", "More choices", "button"]


async def test_the_tab_key_stops_once_at_the_tabs_and_goes_on_into_the_panel(
    visit: Visit, course: dict[str, Any]
) -> None:
    await visit.open(f"/courses/{course['id']}#flashcards")
    assert await visit.page.locator("[tabindex]:not([tabindex='0'], [tabindex='-1'])").count() == 0
    await visit.page.locator("h1").click()
    await visit.page.locator(".skip").focus()
    seen: list[str] = []
    for _ in range(8):
        await visit.page.keyboard.press("Tab")
        seen.append(await visit.page.evaluate(FOCUSED))
    assert seen[:7] == [
        "brand", "My courses", "New course", "Markdown", "JSON", "tab-flashcards", "card",
    ]  # fmt: skip
    assert seen[7] != "card"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_texts_stand_out_from_their_background(
    service: Service, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    """WCAG 2.2: a contrast of 4.5 for text (1.4.3), of 3 for the borders of fields (1.4.11)."""
    async with visiting(browser, service.address, scheme=scheme) as visit:
        await visit.open("/")
        colours = await visit.page.evaluate(
            """(names) => Object.fromEntries(names.map((name) => [name,
              getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()]))""",
            COLOURS,
        )
    texts = [
        (front, back)
        for front in ("ink", "quiet", "accent", "bad", "good", "mark")
        for back in ("paper", "raised", "tint")
    ]
    low = {
        (front, back): round(contrast(colours[front], colours[back]), 2)
        for front, back in [*texts, ("on-accent", "accent")]
        if contrast(colours[front], colours[back]) < 4.5
    }
    assert low == {}
    assert contrast(colours["edge"], colours["paper"]) >= 3
    assert contrast(colours["edge"], colours["raised"]) >= 3


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
