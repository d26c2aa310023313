"""`/ready` and `/metrics`: for whoever runs the service."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, Field

from coursewright.api.auth import is_from_here
from coursewright.api.dependencies import App
from coursewright.api.errors import problem, said
from coursewright.course.errors import CoursewrightError, Unavailable
from coursewright.database.counts import count
from coursewright.metrics import MEDIA_TYPE, Metrics

router = APIRouter(tags=["operations"])


class Ready(BaseModel):
    """Whether requests can be served and courses made."""

    ready: bool
    reasons: list[str] = Field(default=[], description="What is not as it should be.")


@router.get("/ready", summary="Can it serve?", responses={503: {"model": Ready}})
async def ready(app: App, response: Response) -> Ready:
    """200 when the database answers and fits the program, and the worker (where this process has
    one) works; else 503 with the reasons. A load balancer sends requests elsewhere then.
    """
    reasons: list[str] = []
    try:
        await app.check_schema()
    except CoursewrightError as error:
        reasons.append(said(error))
    if app.work is not None and not app.work.alive:
        reasons.append("the worker of this process does not work")
    if reasons:
        response.status_code = 503
        response.headers["Retry-After"] = "5"
    return Ready(ready=not reasons, reasons=reasons)


@router.get("/metrics", summary="Measures for Prometheus", response_class=Response)
async def metrics(
    app: App,
    request: Request,
    authorization: Annotated[str | None, Header(max_length=1000)] = None,
) -> Response:
    """Only for this machine; or, where `COURSEWRIGHT_METRICS_TOKEN` is set, for whoever sends
    `Authorization: Bearer TOKEN`. Counts only: no user, course, key or topic.
    """
    token = app.settings.metrics_token
    if token is not None:
        sent = (authorization or "").removeprefix("Bearer ").encode()
        if not secrets.compare_digest(sent, token.get_secret_value().encode()):
            answer = problem(
                401,
                "measures are shown to whoever has the token",
                kind="no-token",
                hint="Send Authorization: Bearer with the value of COURSEWRIGHT_METRICS_TOKEN.",
            )
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
    elif not is_from_here(request, app.settings):
        return problem(
            403,
            "measures are shown to this machine only",
            kind="not-local",
            hint="Set COURSEWRIGHT_METRICS_TOKEN, and send it as a bearer token.",
        )
    await _look(app, app.metrics)
    return Response(app.metrics.text(), headers={"content-type": MEDIA_TYPE})


async def _look(app: App, metrics: Metrics) -> None:
    """Brings the measures of the moment up to date."""
    try:
        counts = await count(app.database)
    except Unavailable:
        metrics.set("database_up", "Whether the database answers", {"": 0})
    else:
        metrics.set("database_up", "Whether the database answers", {"": 1})
        metrics.set("queue_jobs", "Jobs of all processes", counts.jobs, "state")
        metrics.set(
            "queue_oldest_seconds", "Age of the oldest job", {"": counts.oldest_job_seconds}
        )
        metrics.set("courses_generating", "Courses being made", {"": counts.generating})
        metrics.set("workers_alive", "Workers of all processes", {"": counts.workers})
    stats = app.database.pool.get_stats()
    metrics.set(
        "database_connections",
        "Of this process's pool",
        {
            "open": stats.get("pool_size", 0),
            "free": stats.get("pool_available", 0),
            "most": stats.get("pool_max", 0),
        },
        "state",
    )
    metrics.set(
        "database_connection_waits",
        "Who waits for a connection now",
        {"": stats.get("requests_waiting", 0)},
    )
    waiting = 0 if app.providers is None else app.providers.pool.waiting
    metrics.set("model_calls_waiting", "Calls that wait for room in the limits", {"": waiting})
