"""The typed client: courses by HTTP, from any other program.

    client.py   `Client`, which waits        calls.py     every call, as a value
    aclient.py  `AsyncClient`, for asyncio   answers.py   answers into values and errors
    values.py   what is answered             retries.py   what is sent again, and when
    study.py    `client.study`               files.py     `client.files`

Both clients send the same calls and read the same answers; a test holds their methods alike.
"""

from coursewright.client.aclient import AsyncClient
from coursewright.client.client import Client
from coursewright.client.values import (
    Continued,
    Costs,
    CostsOf,
    CourseItem,
    Event,
    Export,
    Format,
    Health,
    Ordered,
    PieceItem,
)

__all__ = [
    "AsyncClient",
    "Client",
    "Continued",
    "Costs",
    "CostsOf",
    "CourseItem",
    "Event",
    "Export",
    "Format",
    "Health",
    "Ordered",
    "PieceItem",
]
