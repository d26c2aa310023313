"""What model calls took."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from coursewright.api.dependencies import App, User
from coursewright.database.model_calls import GROUPS, Spent, SpentOn

router = APIRouter(prefix="/api", tags=["costs"])

By = StrEnum("By", list(GROUPS))
_COURSE = By("course")


class Costs(BaseModel):
    """What calls took together."""

    calls: int = Field(description="Attempts, refused and lost ones included.")
    answered: int
    tokens_in: int
    tokens_out: int
    cost_usd: float = Field(
        description="At the paid tiers' list prices; a free tier charges nothing."
    )


class CostsOf(Costs):
    """What calls of one kind took together."""

    name: str = Field(description="The course, model, service, day, outcome or key.")
    course_id: UUID | None = Field(description="Where courses are added up.")
    last: datetime = Field(description="When the last of them ended.")


@router.get("/courses/{course_id}/costs", summary="What a course took")
async def of_course(course_id: UUID, app: App, user: User) -> Costs:
    """Model calls, tokens and US dollars so far; nothing where the built-in author writes."""
    return Costs.model_validate(_row(await app.spent(user, course_id)))


@router.get("/costs", summary="What my model calls took")
async def totals(
    app: App,
    user: User,
    by: Annotated[By, Query(description="What to add up by.")] = _COURSE,
    days: Annotated[int | None, Query(ge=1, le=3660, description="Only the last days.")] = None,
) -> list[CostsOf]:
    """The dearest first."""
    since = None if days is None else datetime.now(UTC) - timedelta(days=days)
    rows = await app.reading.costs(user, by=by.value, since=since)
    return [CostsOf.model_validate(_row(row)) for row in rows]


def _row(spent: Spent | SpentOn) -> dict[str, object]:
    return {**spent.model_dump(), "cost_usd": float(round(spent.cost_usd, 6))}
