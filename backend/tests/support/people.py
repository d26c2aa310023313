"""People with accounts, each with a browser of their own."""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from uuid import UUID

import httpx2

from support.service import Service

PASSWORD = "seven green umbrellas"


@dataclass
class Person:
    """Somebody who is signed in."""

    user_id: UUID
    email: str
    browser: httpx2.AsyncClient


@contextlib.asynccontextmanager
async def browser(service: Service) -> AsyncGenerator[httpx2.AsyncClient]:
    """A browser with cookies of its own; it goes where it is sent only when told so."""
    async with httpx2.AsyncClient(base_url=service.address, timeout=60) as client:
        yield client


@contextlib.asynccontextmanager
async def person(service: Service, email: str) -> AsyncGenerator[Person]:
    """A new account, signed in."""
    made = await service.application.accounts.add(email, PASSWORD)
    async with browser(service) as client:
        await sign_in(client, email)
        yield Person(made.user_id, email, client)


async def sign_in(client: httpx2.AsyncClient, email: str, password: str = PASSWORD) -> None:
    """Signs in; it must work."""
    answer = await client.post("/api/session", json={"email": email, "password": password})
    assert answer.status_code == 200, answer.text
