"""How a person wants to study."""

from uuid import UUID

from coursewright.database import study_settings
from coursewright.database.study_settings import StudySettings
from coursewright.study.calendar import Calendar
from coursewright.study.requests import Requests


class Preferences:
    """The signed-in user's settings for study."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    async def get(self, user_id: UUID) -> StudySettings:
        """The settings, or the defaults."""
        async with self._requests.reading(user_id) as request:
            return request.settings

    async def put(self, user_id: UUID, settings: StudySettings) -> StudySettings:
        """Stores all of them. Days that were studied stay what they were in the old time zone.

        Raises:
            BadRequest: there is no such time zone.
        """
        Calendar(settings.time_zone, settings.day_starts_at)
        async with self._requests.writing(user_id) as request:
            await study_settings.put(request.conn, user_id, settings)
        return settings
