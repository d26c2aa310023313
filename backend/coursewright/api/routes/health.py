"""`/health`: is the service alive, and what is configured. Counts only, never a key."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from coursewright import __version__
from coursewright.api.dependencies import App
from coursewright.course.errors import Unavailable
from coursewright.database.health import describe
from coursewright.database.outage import Crowded

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The state of the service. A count is the number of distinct keys that serve a service."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "healthy",
                    "chapter_keys": 4,
                    "quiz_keys": 1,
                    "flashcard_keys": 1,
                    "game_keys": 1,
                    "article_keys": 1,
                    "groq_keys": 3,
                    "version": "0.1.0",
                    "author": "builtin",
                    "database": "up",
                    "worker": True,
                    "refused_keys": 0,
                    "calls_waiting": 0,
                }
            ]
        }
    )

    status: str = Field(description="`healthy`, or `unhealthy` when the database does not answer.")
    chapter_keys: int
    quiz_keys: int
    flashcard_keys: int
    game_keys: int
    article_keys: int
    groq_keys: int
    version: str
    author: str = Field(description="Who writes the courses.")
    database: str = Field(description="`up` or `down`.")
    worker: bool = Field(description="Whether this process makes courses itself.")
    refused_keys: int = Field(description="Keys that their provider refuses: `coursewright keys`.")
    calls_waiting: int = Field(description="Model calls of this process that wait for room.")


@router.get("/health", summary="Is the service alive?")
async def health(app: App, response: Response) -> Health:
    """Answers 200 when all is well, and 503 with the same body when the database is away."""
    try:
        await describe(app.database)
        up = True
    except Crowded:
        up = True  # others are answered: whoever restarts us for it makes it worse
    except Unavailable:
        up = False
        response.status_code = 503
    return Health(
        status="healthy" if up else "unhealthy",
        **app.credentials.counts(),
        version=__version__,
        author=app.author.name,
        database="up" if up else "down",
        worker=app.works,
        refused_keys=0 if app.providers is None else len(app.providers.registry.dead()),
        calls_waiting=0 if app.providers is None else app.providers.pool.waiting,
    )
