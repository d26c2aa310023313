"""Signing in, the account page and signing out, in Chromium, with and without JavaScript."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from browser.conftest import visiting
from support.people import PASSWORD
from support.service import Service, open_service, settings_for

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
EMAIL = "ada.with.a.rather.long.name@mail.example.org"
OTHER = "other random words there"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def accounts(
    module_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    settings = settings_for(module_url, tmp_path_factory.mktemp("accounts"), auth="accounts")
    async with open_service(settings) as opened:
        await opened.application.accounts.add(EMAIL, PASSWORD)
        yield opened


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_sign_in_change_the_password_and_sign_out(
    accounts: Service,
    browser: Browser,
    scripts: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    async with visiting(browser, accounts.address, scripts=scripts) as visit:
        page = visit.page
        await visit.open("/course-generator?topic=SQL")
        await expect(page).to_have_url(
            f"{accounts.address}/sign-in?next=/course-generator%3Ftopic%3DSQL"
        )
        await page.get_by_label("E-mail").fill(EMAIL)
        await page.get_by_label("Password").fill("wrong words")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("is not right")
        await expect(page.get_by_label("E-mail")).to_have_value(EMAIL)
        # Chromium counts a page that says 401 as an error.
        visit.complaints[:] = [each for each in visit.complaints if "401" not in each]

        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page).to_have_url(f"{accounts.address}/course-generator?topic=SQL")
        await expect(page.locator("#topic")).to_have_value("SQL")

        await page.get_by_role("link", name="Account").click()
        for old, new in ((PASSWORD, OTHER), (OTHER, PASSWORD)):
            await page.get_by_label("Present password").fill(old)
            await page.get_by_label("New password").fill(new)
            await page.get_by_label("The same again").fill(new)
            await page.get_by_role("button", name="Change it").click()
            await expect(page.get_by_role("status")).to_contain_text("is changed")

        await page.get_by_role("button", name="Sign out", exact=True).click()
        await expect(page).to_have_url(f"{accounts.address}/sign-in")
        await visit.open("/")
        await expect(page).to_have_url(f"{accounts.address}/sign-in?next=/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_its_pages_fit_a_narrow_screen(
    accounts: Service, browser: Browser, scheme: str
) -> None:
    async with visiting(
        browser, accounts.address, width=360, scheme="dark" if scheme == "dark" else "light"
    ) as visit:
        await visit.open("/sign-in")
        assert await visit.page.evaluate(OVER) <= 0
        await visit.page.get_by_label("E-mail").fill(EMAIL)
        await visit.page.get_by_label("Password").fill(PASSWORD)
        await visit.page.get_by_role("button", name="Sign in").click()
        for path in ("/", "/account"):
            await visit.open(path)
            assert await visit.page.evaluate(OVER) <= 0, path
