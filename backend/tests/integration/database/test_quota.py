"""The shared log of the providers' limits: what one letter does, by the database's own clock."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import AsyncConnection, errors, sql

from coursewright.database.pool import Database
from coursewright.database.quota import PostgresQuota

DOMAIN = ["gemini", "school", "flash", -1]
TABLES = ("quota_domains", "quota_workers", "quota_spent", "quota_dead_keys")
EMPTY: dict[str, Any] = {
    "lease": 15.0,
    "domains": [DOMAIN],
    "claims": [],
    "spent": [],
    "given_back": [],
    "learned": [],
    "dead": [],
    "dead_known": 0,
}

OpenQuota = Callable[[], PostgresQuota]


@pytest.fixture
async def open_quota(database: Database) -> AsyncIterator[OpenQuota]:
    opened: list[PostgresQuota] = []

    def open_() -> PostgresQuota:
        opened.append(PostgresQuota(database, worker=uuid4()))
        return opened[-1]

    yield open_
    for each in opened:
        await each.close()


def claim(**values: Any) -> dict[str, Any]:
    wanted = {"id": str(uuid4()), "domain": 0, "tokens": 10, "keep": 60.0}
    return wanted | {"rpm": None, "tpm": None, "rpd": None} | values


def sent(of: dict[str, Any], ago: float, **values: Any) -> dict[str, Any]:
    told = {name: of[name] for name in ("id", "domain", "tokens", "keep")}
    return told | {"sent_ago": ago, "again": False} | values


async def verdict(quota: PostgresQuota, wanted: dict[str, Any], **letter: Any) -> dict[str, Any]:
    reply = await quota.exchange({**EMPTY, **letter, "claims": [wanted]})
    (found,) = reply["verdicts"]
    return found


async def test_a_place_is_granted_until_the_limit_and_then_when_the_first_one_expires(
    open_quota: OpenQuota,
) -> None:
    one, other = open_quota(), open_quota()
    first, second = claim(rpm=2), claim(rpm=2)
    assert (await verdict(one, first))["granted"]
    assert (await verdict(other, second))["granted"]

    unsent = await verdict(one, claim(rpm=2))
    told = [sent(first, 20.0), sent(second, 5.0)]
    timed = await verdict(one, claim(rpm=2), spent=told)

    assert unsent == {"granted": False, "seconds": None, "tokens": 0}
    assert not timed["granted"]
    assert 39 < timed["seconds"] <= 40


async def test_a_slot_that_has_expired_is_free(open_quota: OpenQuota) -> None:
    quota = open_quota()
    first = claim(rpm=1)
    assert (await verdict(quota, first))["granted"]
    assert (await verdict(quota, claim(rpm=1), spent=[sent(first, 60.1)]))["granted"]


async def test_a_claim_that_is_repeated_is_one_place(open_quota: OpenQuota) -> None:
    quota, wanted = open_quota(), claim(rpm=1)
    assert (await verdict(quota, wanted))["granted"]
    assert (await verdict(quota, wanted))["granted"]
    assert not (await verdict(quota, claim(rpm=1)))["granted"]


async def test_a_place_that_is_given_back_is_free_for_the_day_as_well(
    open_quota: OpenQuota,
) -> None:
    quota, wanted = open_quota(), claim(rpm=1, rpd=1)
    assert (await verdict(quota, wanted))["granted"]
    back = [{"id": wanted["id"], "domain": 0}]
    reply = await quota.exchange({**EMPTY, "given_back": back})
    assert reply["news"][0]["day_used"] == 0
    assert (await verdict(quota, claim(rpm=1, rpd=1), given_back=back))["granted"]


async def test_tokens_wait_for_as_many_places_as_they_need(open_quota: OpenQuota) -> None:
    quota = open_quota()
    places = [claim(tpm=100, tokens=amount) for amount in (50, 20, 30)]
    for place in places:
        assert (await verdict(quota, place))["granted"]
    told = [sent(place, ago) for place, ago in zip(places, (10.0, 30.0, 20.0), strict=True)]

    small = await verdict(quota, claim(tpm=100, tokens=15), spent=told)
    large = await verdict(quota, claim(tpm=100, tokens=45))
    settled = await verdict(
        quota, claim(tpm=100, tokens=45), spent=[sent(places[0], 10.0, tokens=5)]
    )

    assert (29 < small["seconds"] <= 30, small["tokens"]) == (True, 15)
    assert (39 < large["seconds"] <= 40, large["tokens"]) == (True, 45)
    assert settled["granted"]


async def test_the_day_ends_at_midnight_pacific(open_quota: OpenQuota, admin_url: str) -> None:
    quota = open_quota()
    assert (await verdict(quota, claim(rpd=1)))["granted"]
    refused = await verdict(quota, claim(rpd=1))
    with psycopg.connect(admin_url, autocommit=True) as admin:
        row = admin.execute(
            "select to_char(day_ends at time zone 'America/Los_Angeles', 'HH24:MI:SS'),"
            " extract(epoch from day_ends - clock_timestamp())"
            " from coursewright_meta.quota_domains"
        ).fetchone()
        admin.execute("update coursewright_meta.quota_domains set day_ends = clock_timestamp()")
    assert row is not None
    assert row[0] == "00:00:00"
    assert 0 < row[1] <= 25 * 3600
    assert abs(refused["seconds"] - float(row[1])) < 5
    assert (await verdict(quota, claim(rpd=1)))["granted"]


async def test_what_a_dead_process_had_not_sent_counts_from_the_end_of_its_lease(
    open_quota: OpenQuota,
) -> None:
    dead, alive = open_quota(), open_quota()
    assert (await verdict(dead, claim(rpm=1)))["granted"]
    assert (await verdict(alive, claim(rpm=1)))["seconds"] is None
    await asyncio.sleep(0.3)
    found = await verdict(alive, claim(rpm=1), lease=0.2)
    assert 59 < found["seconds"] < 60


async def test_a_block_and_a_limit_are_for_everybody(open_quota: OpenQuota) -> None:
    one, other = open_quota(), open_quota()
    learned = {"domain": 0, "changes": {"blocked_for": 30.0, "rpm": 3, "standing": "shared"}}
    await one.exchange({**EMPTY, "learned": [learned]})
    reply = await other.exchange({**EMPTY, "claims": [claim(rpm=10)]})
    (news,) = reply["news"]
    assert 29 < reply["verdicts"][0]["seconds"] <= 30
    assert 29 < news["facts"]["blocked_for"] <= 30
    assert (news["facts"]["rpm"], news["facts"]["standing"]) == (3, "shared")
    known = [[*DOMAIN[:3], news["version"]]]
    assert (await other.exchange({**EMPTY, "domains": known}))["news"][0]["facts"] is None


async def test_what_was_learnt_an_hour_ago_is_not_believed_any_more(
    open_quota: OpenQuota, admin_url: str
) -> None:
    one, other = open_quota(), open_quota()
    await one.exchange({**EMPTY, "learned": [{"domain": 0, "changes": {"rpm": 1, "closed": "no"}}]})
    with psycopg.connect(admin_url) as admin:
        admin.execute(
            "update coursewright_meta.quota_domains set facts_at = now() - '61 min'::interval"
        )
    assert (await verdict(other, claim(rpm=2)))["granted"]
    assert (await verdict(other, claim(rpm=2)))["granted"]


async def test_a_dead_key_is_heard_of_once(open_quota: OpenQuota) -> None:
    one, other = open_quota(), open_quota()
    await one.exchange({**EMPTY, "dead": [{"fingerprint": "0badc0de", "reason": "leaked"}]})
    first = (await other.exchange(EMPTY))["dead"]
    again = (await other.exchange({**EMPTY, "dead_known": first[0]["number"]}))["dead"]
    assert [(key["fingerprint"], key["reason"]) for key in first] == [("0badc0de", "leaked")]
    assert again == []


async def test_who_was_sent_away_is_told_when_a_place_is_free(open_quota: OpenQuota) -> None:
    one, other = open_quota(), open_quota()
    taken = claim(rpm=1)
    await verdict(one, taken)
    await other.exchange(EMPTY)
    async with other.changes() as changes:
        await verdict(other, claim(rpm=1))
        await one.exchange({**EMPTY, "given_back": [{"id": taken["id"], "domain": 0}]})
        number = await asyncio.wait_for(anext(changes), 10)
    assert number == (await other.exchange(EMPTY))["news"][0]["number"]


async def test_a_process_that_joins_is_announced(open_quota: OpenQuota) -> None:
    one, other = open_quota(), open_quota()
    async with one.changes() as changes:
        await one.exchange(EMPTY)
        await other.exchange(EMPTY)
        assert await asyncio.wait_for(anext(changes), 10) == 0


async def test_many_processes_at_once_never_exceed_a_limit_and_never_lock_each_other_out(
    open_quota: OpenQuota,
) -> None:
    domains = [["gemini", f"project-{number}", "flash", -1] for number in range(6)]

    async def greedy(number: int) -> list[int]:
        quota = open_quota()
        granted: list[int] = []
        order = domains[number % 6 :] + domains[: number % 6]
        for _ in range(10):
            claims = [claim(rpm=7, domain=place) for place in range(6)]
            reply = await quota.exchange({**EMPTY, "domains": order, "claims": claims})
            granted += [
                (place + number) % 6
                for place, found in enumerate(reply["verdicts"])
                if found["granted"]
            ]
        return granted

    found = await asyncio.gather(*(greedy(number) for number in range(6)))
    granted = [place for each in found for place in each]
    assert [granted.count(place) for place in range(6)] == [7] * 6


async def test_the_programs_role_alone_comes_near_the_tables(
    open_quota: OpenQuota, admin_url: str
) -> None:
    await open_quota().exchange(EMPTY)
    async with await AsyncConnection.connect(admin_url) as admin:
        rows = await admin.execute(
            "select relname::text, relrowsecurity and relforcerowsecurity,"
            " (select count(*) from pg_policy where polrelid = c.oid) from pg_class c"
            " where relkind = 'r' and relnamespace = 'coursewright_meta'::regnamespace"
            " and relname like 'quota%' order by 1"
        )
        assert await rows.fetchall() == [(name, True, 1) for name in sorted(TABLES)]
        for role in ("anon", "authenticated", "coursewright_service"):
            await admin.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
            for table in TABLES:
                query = sql.SQL("select from coursewright_meta.{}").format(sql.Identifier(table))
                with pytest.raises(errors.InsufficientPrivilege):
                    async with admin.transaction():
                        await admin.execute(query)
            with pytest.raises(errors.InsufficientPrivilege):
                async with admin.transaction():
                    await admin.execute("select coursewright_meta.exchange_quota('{}')")
            await admin.execute("reset role")


async def test_what_nobody_claims_again_is_tidied_away(
    open_quota: OpenQuota, admin_url: str
) -> None:
    gone = open_quota()
    place = claim()
    await verdict(gone, place)
    await gone.exchange({**EMPTY, "spent": [sent(place, 1.0)]})
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(
            "update coursewright_meta.quota_spent set expires_at = now() - '2 h'::interval"
        )
        admin.execute(
            "update coursewright_meta.quota_workers set seen_at = now() - '2 h'::interval"
        )
        await open_quota().exchange({**EMPTY, "domains": []})
        left = admin.execute(
            "select (select count(*) from coursewright_meta.quota_spent),"
            " (select count(*) from coursewright_meta.quota_workers)"
        ).fetchone()
    assert left == (0, 1)


async def test_who_comes_first_after_an_outage_lets_the_others_tell_what_they_spent(
    open_quota: OpenQuota, admin_url: str
) -> None:
    silent, newcomer, gone = open_quota(), open_quota(), open_quota()
    await silent.exchange(EMPTY)
    await gone.exchange({**EMPTY, "bye": True})
    with psycopg.connect(admin_url) as admin:
        admin.execute(
            "update coursewright_meta.quota_workers set seen_at = now() - '9 s'::interval"
        )
    assert await verdict(newcomer, claim(rpm=1)) == {"granted": False, "seconds": 1, "tokens": 0}
    assert (await verdict(newcomer, claim(rpm=1)))["granted"]
    assert (await silent.exchange(EMPTY))["processes"] == 2


async def test_after_a_cancelled_letter_the_next_one_goes_through(open_quota: OpenQuota) -> None:
    quota = open_quota()
    letter = asyncio.create_task(quota.exchange(EMPTY))
    await asyncio.sleep(0)
    letter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await letter
    assert (await quota.exchange(EMPTY))["processes"] == 1


async def test_who_asks_is_told_what_others_have_spent_and_still_want(
    open_quota: OpenQuota,
) -> None:
    one, other, third = open_quota(), open_quota(), open_quota()
    first = await one.exchange(
        {**EMPTY, "claims": [claim(tokens=40)], "waiting": {"audio/groq/m": [2, 900]}}
    )
    await third.exchange({**EMPTY, "waiting": {"audio/groq/m": [1, 100], "quiz/groq/m": [1, 7]}})
    silent = await other.exchange(EMPTY)
    told = await other.exchange({**EMPTY, "waiting": {"audio/groq/m": [50, 5]}})

    assert first["others"] == {"waiting": {}, "spent": []}
    assert silent["others"] is None
    assert told["others"] == {
        "waiting": {"audio/groq/m": [3, 1000], "quiz/groq/m": [1, 7]},
        "spent": [[*DOMAIN[:3], 1, 40]],
    }
    await third.exchange({**EMPTY, "bye": True})
    left = await other.exchange({**EMPTY, "waiting": {}})
    assert left["others"]["waiting"] == {"audio/groq/m": [2, 900]}
