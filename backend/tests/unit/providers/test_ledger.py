import asyncio
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from coursewright.keys.attempts import Attempt, Tokens
from coursewright.providers import ledger as module
from coursewright.providers.ledger import Entry, Ledger
from coursewright.providers.prices import cost_usd, is_known
from coursewright.providers.scope import asking, making
from support.scripted import scope

OWNER = UUID(int=9)


def attempt(**changes: object) -> Attempt:
    values: dict[str, object] = {
        "service": "chapter", "provider": "gemini", "model": "gemini-2.5-flash",
        "fingerprint": "0123abcd", "project": "school", "seconds": 1.25, "outcome": "ok",
        "status": 200, "tokens": Tokens(prompt=1_000, answer=500, cached=200), "error": None,
    }  # fmt: skip
    return Attempt(**(values | changes))  # pyright: ignore[reportArgumentType] - as above


class Table:
    """Where entries are written, if it is there."""

    def __init__(self, *, gone: int = 0) -> None:
        self.rows: list[Entry] = []
        self.gone = gone

    async def write(self, entries: Sequence[Entry]) -> None:
        await asyncio.sleep(0)
        if self.gone:
            self.gone -= 1
            message = "the database is away"
            raise OSError(message)
        self.rows.extend(entries)


async def test_an_attempt_is_entered_for_whom_it_was_made_and_with_what_it_asked() -> None:
    table = Table()
    ledger = Ledger(table.write, owner=OWNER)
    with making(scope("mcqs/2")), asking("mcqs@1", "hash"):
        ledger.record(attempt())
    ledger.record(attempt(outcome="minute", status=429, error="slow down"))
    await ledger.written()
    mine, other = table.rows
    assert (mine.user_id, mine.course_id, mine.piece_key) == (
        scope().user_id, scope().course_id, "mcqs/2",
    )  # fmt: skip
    assert (mine.prompt_version, mine.request_hash) == ("mcqs@1", "hash")
    assert (mine.tokens_in, mine.tokens_out, mine.tokens_cached) == (1_000, 500, 200)
    assert mine.latency_ms == 1250
    assert mine.cost_usd > 0
    assert (other.user_id, other.course_id, other.prompt_version) == (OWNER, None, None)
    assert (other.status_code, other.error) == (429, "slow down")


async def test_what_cannot_be_written_now_is_written_later_and_no_call_fails_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_PAUSE", 0.01)
    table = Table(gone=2)
    ledger = Ledger(table.write, owner=OWNER)
    with capture_logs() as logs:
        for _ in range(3):
            ledger.record(attempt())
        await ledger.written()
    assert len(table.rows) == 3
    assert len(logs) == 2


async def test_entries_that_can_never_be_written_neither_hold_up_nor_double_those_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As `model_calls.writer` does it: a transaction a user, and an account may be deleted."""
    monkeypatch.setattr(module, "_PAUSE", 0.01)
    rows: list[Entry] = []

    async def write(entries: Sequence[Entry]) -> None:
        for user_id in dict.fromkeys(each.user_id for each in entries):
            await asyncio.sleep(0)
            if user_id == scope().user_id:
                message = "there is no such user"
                raise LookupError(message)
            rows.extend(each for each in entries if each.user_id == user_id)

    ledger = Ledger(write, owner=OWNER)
    with capture_logs():
        ledger.record(attempt())
        with making(scope()):
            ledger.record(attempt())
        ledger.record(attempt(outcome="lost"))
        await asyncio.sleep(0.1)
        await ledger.close()
    assert [each.outcome for each in rows] == ["ok", "lost"]


async def test_at_the_end_what_is_left_is_written_once_if_that_is_possible() -> None:
    table = Table()
    ledger = Ledger(table.write, owner=OWNER)
    ledger.record(attempt())
    await ledger.close()
    assert len(table.rows) == 1
    gone = Table(gone=99)
    ledger = Ledger(gone.write, owner=OWNER)
    ledger.record(attempt())
    with capture_logs() as logs:
        await ledger.close()
    assert gone.rows == []
    assert logs, "it is said"


def test_prices_are_those_of_the_lists_and_cached_tokens_are_cheaper() -> None:
    whole = cost_usd("gemini", "gemini-2.5-flash", Tokens(prompt=1_000_000))
    cached = cost_usd("gemini", "gemini-2.5-flash", Tokens(prompt=1_000_000, cached=1_000_000))
    answer = cost_usd("gemini", "gemini-2.5-flash", Tokens(answer=1_000_000))
    assert Decimal("0.1") < whole < Decimal(1)
    assert 0 < cached < whole < answer
    assert cost_usd("groq", "openai/gpt-oss-120b", Tokens(answer=1_000_000)) > 0


def test_a_model_without_a_price_costs_nothing_and_is_known_not_to_be_known() -> None:
    assert cost_usd("openai", "a-model-of-my-own", Tokens(prompt=10, answer=10)) == 0
    assert not is_known("openai", "a-model-of-my-own")
    assert is_known("gemini", "gemini-2.5-flash")
