"""A visitor in a browser."""

from dataclasses import dataclass, field

from playwright.async_api import Page


@dataclass
class Visit:
    """A page, and everything that it complained of."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list[str])

    async def open(self, path: str) -> None:
        # A changed fragment alone loads nothing.
        await self.page.goto("about:blank")
        await self.page.goto(self.address + path)
