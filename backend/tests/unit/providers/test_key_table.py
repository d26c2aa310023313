from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from coursewright.course.errors import Unavailable
from coursewright.keys.credentials import from_environment
from coursewright.keys.day_budget import DayBudget
from coursewright.keys.domain import Standing
from coursewright.keys.limits import parse_limits
from coursewright.keys.pool import Pool
from coursewright.keys.registry import Registry
from coursewright.providers.call_plan import plan_calls
from coursewright.providers.key_table import KeyRow, key_rows
from coursewright.providers.names import parse_chain
from coursewright.providers.opening import keys_by_service

MODEL = "gemini:gemini-3.5-flash-lite"
LIMITS = f"{MODEL} rpm=2 tpm=1000 rpd=20"
NOW = 1_000.0
NAME = ("quiz", "gemini", "gemini-3.5-flash-lite")


def registry(**environment: str) -> Registry:
    environment = environment or {"GEMINI_QUIZ_KEY": "planted-key"}
    keys = keys_by_service(from_environment(environment), has_openai=False)
    it = Registry(keys, parse_limits(LIMITS))
    Pool(it, clock=lambda: NOW).outlook(NAME)
    return it


def rows(it: Registry, spent: Mapping[object, object] | None = None) -> list[KeyRow]:
    return key_rows(it, {"quiz": parse_chain(MODEL)}, NOW, spent or {})  # pyright: ignore[reportArgumentType] - as given


def only(it: Registry, spent: Mapping[object, object] | None = None) -> KeyRow:
    (row,) = rows(it, spent)
    return row


def test_a_key_that_can_be_used_shows_what_it_has() -> None:
    row = only(registry(GEMINI_QUIZ_KEY="planted-key", GEMINI_QUIZ_KEY_PROJECT="school"))
    assert (row.state, row.reason, row.free_in) == ("ok", "", 0)
    assert (row.minute_limit, row.tokens_limit, row.day_limit) == (2, 1_000, 20)
    assert row.variables == ("GEMINI_QUIZ_KEY",)
    assert row.project == "school"
    assert "planted" not in repr(row)


def test_what_all_processes_spent_counts() -> None:
    it = registry()
    name = it.pool(*NAME)[0].name
    row = only(it, {name: [(300, 50.0), (400, 10.0)]})
    assert (row.minute_spent, row.tokens_spent) == (2, 700)
    assert row.free_in == pytest.approx(10, abs=0.5)
    # More than the limit, since another process was told of a higher one.
    row = only(it, {name: [(300, 50.0), (400, 10.0), (10, 5.0)]})
    assert row.minute_spent == 3
    assert row.free_in == pytest.approx(50, abs=0.5)
    # A call that is not sent yet: nobody can say when it is over.
    assert only(it, {name: [(300, None), (400, None)]}).free_in is None


def test_each_state_says_why() -> None:
    it = registry()
    it.pool(*NAME)[0].block(NOW + 30)
    row = only(it)
    assert (row.state, row.free_in) == ("waits", 30)

    it = registry()
    it.pool(*NAME)[0].day = DayBudget(20, used=20, resets_at=NOW + 3_600)
    row = only(it)
    assert (row.state, row.day_spent, row.free_in) == ("day spent", 20, 3_600)

    it = registry()
    it.pool(*NAME)[0].standing = Standing.SHARED
    assert only(it).state == "adds nothing"

    it = registry()
    it.drop(it.keys("quiz", "gemini")[0], "API key not valid")
    row = only(it)
    assert (row.state, row.reason, row.free_in) == ("off", "API key not valid", None)

    it = registry()
    it.pool(*NAME)[0].closed = "this project may not use the model"
    assert only(it).state == "off"


def test_keys_of_one_project_name_each_other() -> None:
    it = registry(
        GEMINI_QUIZ_KEY_1="a", GEMINI_QUIZ_KEY_2="b",
        GEMINI_QUIZ_KEY_1_PROJECT="p", GEMINI_QUIZ_KEY_2_PROJECT="p",
    )  # fmt: skip
    one, two = rows(it)
    assert one.shared_with == (two.fingerprint,)
    assert two.shared_with == (one.fingerprint,)


def test_a_plan_says_how_many_calls_find_no_room_today() -> None:
    it = registry()
    pool = Pool(it, clock=lambda: NOW, today=lambda: datetime(2026, 11, 24, tzinfo=UTC))
    chains = {"quiz": parse_chain(MODEL)}
    plan = plan_calls(pool, chains, {"quiz": 18}, {"quiz": 12})
    assert (plan.calls, plan.least, plan.left, plan.missing) == (18, 12, 20, 0)
    plan.check()
    assert str(plan) == "about 18 model calls; 20 are left today"
    plan = plan_calls(pool, chains, {"quiz": 40}, {"quiz": 25})
    assert plan.missing == 5
    with pytest.raises(Unavailable, match="at least 25 model calls, and 5 of them") as caught:
        plan.check()
    assert "--chapters" in caught.value.hint
    assert plan_calls(pool, {"quiz": ()}, {"quiz": 1}, {"quiz": 1}).missing == 1


def test_where_no_daily_limit_is_known_none_is_made_up() -> None:
    keys = keys_by_service(from_environment({"GEMINI_API_KEY": "k"}), has_openai=False)
    pool = Pool(Registry(keys, parse_limits("gemini:* rpm=5")), clock=lambda: NOW)
    pool.outlook(NAME)
    plan = plan_calls(pool, {"quiz": parse_chain(MODEL)}, {"quiz": 9_000}, {"quiz": 9_000})
    assert (plan.left, plan.missing) == (None, 0)
    assert "no daily limit is known" in str(plan)
