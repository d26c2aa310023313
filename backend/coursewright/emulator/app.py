"""The emulator as an ASGI application."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coursewright.emulator.connections import Connections
from coursewright.emulator.delivery import CLIENT_GONE, Sleep
from coursewright.emulator.desk import Desk
from coursewright.emulator.gemini import Gemini
from coursewright.emulator.openai_wire import OpenAiWire
from coursewright.emulator.options import EmulatorOptions


def create_emulator(
    options: EmulatorOptions,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Sleep = asyncio.sleep,
) -> Starlette:
    """An application of its own state: `app.state.desk` (log, domains) and `.connections`."""
    desk = Desk(options, clock)
    connections = Connections()

    gemini = Gemini(desk, sleep, connections)
    groq = OpenAiWire(desk, sleep, connections)

    async def models(request: Request) -> Response:
        """Of both interfaces: the header says which one is meant."""
        return await (gemini if "x-goog-api-key" in request.headers else groq).models(request)

    async def log(_: Request) -> Response:
        return JSONResponse([asdict(call) for call in desk.log])

    async def summary(_: Request) -> Response:
        return JSONResponse(summarize(desk))

    async def reset(_: Request) -> Response:
        desk.reset()
        return JSONResponse({"reset": True})

    async def gone(_: Request, __: Exception) -> Response:
        """The client hung up while it was asking: nobody hears this answer."""
        return Response(status_code=CLIENT_GONE)

    app = Starlette(
        exception_handlers={ClientDisconnect: gone},
        routes=[
            Route("/v1/models", models),
            *gemini.routes(),
            *groq.routes(),
            Route("/emulator/log", log),
            Route("/emulator/summary", summary),
            Route("/emulator/reset", reset, methods=["POST"]),
        ],
    )
    app.state.desk = desk
    app.state.connections = connections
    return app


def summarize(desk: Desk) -> list[dict[str, object]]:
    """For each domain: calls by status, and tokens."""
    domains = dict.fromkeys((call.provider, call.project, call.model) for call in desk.log)
    found: list[dict[str, object]] = []
    for name in domains:
        calls = [call for call in desk.log if (call.provider, call.project, call.model) == name]
        statuses = Counter(str(call.status) for call in calls)
        found.append(
            {
                "provider": name[0],
                "project": name[1],
                "model": name[2],
                "calls": len(calls),
                "by_status": dict(sorted(statuses.items())),
                "prompt_tokens": sum(call.prompt_tokens for call in calls if call.attempt),
                "answer_tokens": sum(call.answer_tokens for call in calls),
            }
        )
    return found
