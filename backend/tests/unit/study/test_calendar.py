from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursewright.course.errors import BadRequest
from coursewright.study.calendar import Calendar, streak

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "Australia/Lord_Howe",
]
TODAY = date(2026, 11, 25)
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def days(*back: int) -> list[date]:
    return [TODAY - timedelta(days=n) for n in back]


def test_late_study_belongs_to_the_day_that_went_before() -> None:
    berlin = Calendar("Europe/Berlin", 4)

    assert berlin.day_of(datetime(2026, 11, 26, 2, 59, tzinfo=UTC)) == TODAY
    assert berlin.day_of(datetime(2026, 11, 26, 3, 0, tzinfo=UTC)) == date(2026, 11, 26)
    assert berlin.start_of(TODAY) == datetime(2026, 11, 25, 3, tzinfo=UTC)
    assert berlin.end_of(TODAY) == datetime(2026, 11, 26, 3, tzinfo=UTC)


def test_the_same_moment_is_another_day_elsewhere() -> None:
    moment = datetime(2026, 11, 25, 12, tzinfo=UTC)

    assert Calendar("Pacific/Kiritimati", 0).day_of(moment) == date(2026, 11, 26)
    assert Calendar("America/New_York", 0).day_of(moment) == TODAY


def test_a_day_on_which_clocks_change_has_23_or_25_hours() -> None:
    berlin = Calendar("Europe/Berlin", 0)
    lengths = [
        berlin.end_of(day) - berlin.start_of(day)
        for day in (date(2026, 3, 29), date(2026, 10, 25), TODAY)
    ]

    assert lengths == [timedelta(hours=23), timedelta(hours=25), timedelta(hours=24)]


@given(
    st.sampled_from(ZONES),
    st.integers(0, 12),
    st.integers(0, 15 * 365 * 24 * 60).map(lambda n: EPOCH + timedelta(minutes=n)),
)
def test_every_moment_lies_in_exactly_its_day(zone: str, starts_at: int, at: datetime) -> None:
    calendar = Calendar(zone, starts_at)
    day = calendar.day_of(at)

    assert calendar.start_of(day) <= at < calendar.end_of(day)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Olympus_Mons",
        "../../etc/passwd",
        "/etc/passwd",
        "Europe",
        "europe/berlin\x00",
        "UTC; drop table courses",
        "x" * 10_000,
    ],
)
def test_a_time_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        Calendar(name, 4)
    assert "Europe/Berlin" in refused.value.hint
    assert len(refused.value.message) < 200


@pytest.mark.parametrize(
    ("used", "current", "longest"),
    [
        ([], 0, 0),
        (days(0), 1, 1),
        (days(1), 1, 1),
        (days(2), 0, 1),
        (days(0, 1, 2), 3, 3),
        (days(1, 2, 3), 3, 3),
        (days(0, 2, 3, 4), 1, 3),
        (days(9, 8, 7, 1, 0), 2, 3),
        (days(0, 0, 1, 1), 2, 2),
        # The clock was moved, or the zone: tomorrow is here already.
        (days(-1, 0), 2, 2),
    ],
)
def test_streaks(used: list[date], current: int, longest: int) -> None:
    found = streak(used, TODAY)

    assert (found.current, found.longest) == (current, longest)
    assert found.studied_today is (TODAY in used)


@given(st.sets(st.dates(date(2026, 1, 1), TODAY)))
def test_a_streak_is_made_of_days_in_a_row(used: set[date]) -> None:
    found = streak(used, TODAY)

    end = TODAY if TODAY in used else TODAY - timedelta(days=1)
    row = {end - timedelta(days=n) for n in range(found.current)}
    assert row <= used
    assert end - timedelta(days=found.current) not in used
    assert found.current <= found.longest <= len(used)
