"""The HTTP service on a real socket, with a worker, on a real database."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from pydantic import SecretStr

from coursewright.api.app import create_app
from coursewright.bootstrap import Application, open_application
from coursewright.cli.serve import bind
from coursewright.settings import Settings


@dataclass
class Service:
    """A service that runs, and a client that speaks to it."""

    application: Application
    client: httpx2.AsyncClient
    address: str

    async def order(self, topic: str = "Machine Learning Basics", **fields: object) -> str:
        """Orders a course; returns its id."""
        answer = await self.client.post("/api/courses", json={"topic": topic, **fields})
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    async def settled(self, course_id: str) -> dict[str, Any]:
        """The course, once nothing is under way any more."""
        async with asyncio.timeout(60):
            while True:
                course = (await self.client.get(f"/api/courses/{course_id}")).json()
                if course["status"] != "generating":
                    return course
                await asyncio.sleep(0.05)

    async def events(
        self, course_id: str, *, until: str, headers: dict[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """The events of a course as they are streamed, up to the first one named `until`."""
        found: list[dict[str, Any]] = []
        event: dict[str, Any] = {}
        url = f"/api/courses/{course_id}/events"
        async with (
            asyncio.timeout(60),
            self.client.stream("GET", url, headers=headers) as stream,
        ):
            assert stream.headers["content-type"].startswith("text/event-stream")
            async for line in stream.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "data":
                    event["data"] = json.loads(value)
                elif name in {"id", "event"}:
                    event[name] = value
                elif not line and event:
                    found.append(event)
                    if event.get("event") == until:
                        return found
                    event = {}
        return found


def settings_for(database_url: str, folder: Path, **fields: object) -> Settings:
    """Settings for a test: nothing of this machine's environment is used but what is given."""
    return Settings.model_validate(
        {"DATABASE_URL": SecretStr(database_url), "data_dir": folder, **fields}
    )


@contextlib.asynccontextmanager
async def open_service(settings: Settings) -> AsyncGenerator[Service]:
    """A service on a free port."""
    listening = bind("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with open_application(settings, working="always", command="test") as application:
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(application),
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=1,
            )
        )
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            async with httpx2.AsyncClient(base_url=address, timeout=60) as client:
                yield Service(application, client, address)
        finally:
            server.should_exit = True
            await task
            listening.close()
