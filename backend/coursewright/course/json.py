"""Types for what other programs send as JSON: what the schema says, and nothing that resembles it.

Pydantic by itself takes `false` for 0, "7" for 7, and 0.5 for half a second past midnight in 1970:
a slip of a client would be stored as if it had been meant.
"""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Strict

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*", re.ASCII)


def _number(value: object) -> object:
    if isinstance(value, bool | str | bytes):
        message = "Input should be a number"
        raise ValueError(message)  # noqa: TRY004 - pydantic passes on no other
    return value


def _moment(value: object) -> object:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DATE_TIME.fullmatch(value):
        message = "Input should be a date and time with a zone, such as 2026-11-25T19:30:00Z"
        raise ValueError(message)
    return value


Flag = Annotated[bool, Strict()]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
"""RFC 3339, 5.6."""
is_number = BeforeValidator(_number)
"""The last part of an annotation: before the bounds, the schema would not show them."""
