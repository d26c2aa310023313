"""Whether a key works: one tiny call with that very key."""

import asyncio
from dataclasses import replace

from coursewright.course.base import Value
from coursewright.keys.credentials import Credential
from coursewright.keys.limits import LimitTable
from coursewright.keys.pool import Pool
from coursewright.keys.registry import Registry
from coursewright.keys.shared import SharedState
from coursewright.providers.models import Models
from coursewright.providers.names import ModelName
from coursewright.providers.request import Request
from coursewright.providers.scope import asking
from coursewright.providers.sending import NoAnswer, send

_PATIENCE = 70.0
"""Seconds: a key whose minute is full has room again by then."""


class Ping(Value):
    """The answer to a tiny question."""

    text: str


class Checked(Value):
    """What came back."""

    fingerprint: str
    model: str
    works: bool
    seconds: float
    reason: str = ""
    hint: str = ""


async def check_key(
    credential: Credential,
    name: ModelName,
    models: Models,
    limits: LimitTable,
    *,
    service: str,
    shared: SharedState | None = None,
) -> Checked:
    """Asks `name` with that key alone; `models` says where the providers are, and records."""
    alone = Registry({(service, name.provider): (credential,)}, limits)
    pool = Pool(alone, shared=shared)
    own = replace(models, pool=pool, hedge=False)
    request = Request(
        service=service,
        prompt="check@1",
        system="Answer with JSON of the given schema, and nothing else.",
        user="Say: ok",
        output=Ping,
        words=5,
    )
    loop = asyncio.get_running_loop()
    began = loop.time()
    reason, hint = "", ""
    try:
        with asking(request.prompt, request.hash):
            await send(own, name, request, deadline=began + _PATIENCE)
    except NoAnswer as error:
        reason = next(iter(alone.dead().values()), str(error))
        hint = error.hint
    finally:
        await own.close()
        await pool.close()
    return Checked(
        fingerprint=credential.fingerprint,
        model=str(name),
        works=not reason,
        seconds=loop.time() - began,
        reason=reason,
        hint=hint,
    )
