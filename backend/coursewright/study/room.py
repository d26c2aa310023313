"""All of study in one value, for whoever wires things together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from coursewright.database.pool import Database
from coursewright.study.dashboard import Dashboard
from coursewright.study.games import Games
from coursewright.study.preferences import Preferences
from coursewright.study.progress import ProgressKeeper
from coursewright.study.quizzes import Quizzes
from coursewright.study.requests import Requests
from coursewright.study.reviews import Reviews


@dataclass(frozen=True, kw_only=True)
class Study:
    """What a person does with courses. Each call is one transaction as that person."""

    dashboard: Dashboard
    games: Games
    preferences: Preferences
    progress: ProgressKeeper
    quizzes: Quizzes
    reviews: Reviews

    @classmethod
    def on(
        cls, database: Database, *, now: Callable[[], datetime], new_id: Callable[[], UUID]
    ) -> Self:
        """Study on a database; `now` is the clock, with a zone, `new_id` makes random ids."""
        requests = Requests(database, now)
        return cls(
            dashboard=Dashboard(requests),
            games=Games(requests),
            preferences=Preferences(requests),
            progress=ProgressKeeper(requests),
            quizzes=Quizzes(requests, new_id),
            reviews=Reviews(requests),
        )
