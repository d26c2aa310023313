"""What a user may order."""

from decimal import Decimal
from typing import Any

import pytest

from coursewright.course.errors import LimitReached
from coursewright.database.usage import Usage
from coursewright.generation.allowance import Allowance

ALL: dict[str, Any] = {
    "courses_a_day": 3,
    "courses_at_once": 2,
    "upload_bytes_a_day": 5_000_000,
    "usd_a_day": Decimal(1),
}
WITHIN = Usage(courses=3, at_once=2, upload_bytes=5_000_000, cost_usd=Decimal("0.99"))


def test_everything_within_its_limit_is_allowed() -> None:
    Allowance(**ALL).check(WITHIN, seconds_left=100)


def test_without_limits_everything_is_allowed() -> None:
    most = Usage(courses=10**6, at_once=10**6, upload_bytes=10**15, cost_usd=Decimal(10**6))
    Allowance().check(most, seconds_left=100)


@pytest.mark.parametrize(
    ("beyond", "said", "setting", "seconds"),
    [
        ({"courses": 4}, "3 courses a day", "COURSEWRIGHT_COURSES_A_DAY", 100),
        ({"at_once": 3}, "2 courses are made at once", "COURSEWRIGHT_COURSES_AT_ONCE", 60),
        ({"upload_bytes": 5_000_001}, "5 MB", "COURSEWRIGHT_UPLOAD_MB_A_DAY", 100),
        ({"cost_usd": Decimal(1)}, "$1.00 of the $1.00", "COURSEWRIGHT_USD_A_DAY", 100),
    ],
)
def test_what_is_beyond_says_what_and_when(
    beyond: dict[str, Any], said: str, setting: str, seconds: int
) -> None:
    with pytest.raises(LimitReached) as caught:
        Allowance(**ALL).check(WITHIN.model_copy(update=beyond), seconds_left=100)
    assert said in caught.value.message
    assert setting in caught.value.hint
    assert caught.value.retry_after == seconds
