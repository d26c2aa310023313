"""The pool beneath a real HTTP client, against a provider that counts exactly."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import httpx2
import pytest
from pydantic import SecretStr

from coursewright.keys import sharing, sliding_log, transport
from coursewright.keys.attempts import Attempt
from coursewright.keys.credentials import Credential
from coursewright.keys.limits import Limits, LimitTable
from coursewright.keys.pool import CallTooLarge, DeadlinePassed, NoKey, Pool
from coursewright.keys.registry import Registry
from coursewright.keys.transport import Caller, PoolTransport, calling
from coursewright.keys.wire import GeminiWire, OpenAiWire

WINDOW = 0.3
"""Seconds that stand for a minute: the pool and the provider count by the same one."""
GEMINI = "http://gemini.test/v1beta/models/m:generateContent"
GROQ = "http://groq.test/openai/v1/chat/completions"
NAME = ("chapter", "gemini", "m")


@pytest.fixture(autouse=True)
def short_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    _minute_of(WINDOW, monkeypatch)


def _minute_of(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    old = sliding_log.SlidingLog.__init__.__defaults__
    assert old is not None
    monkeypatch.setattr(sliding_log.SlidingLog.__init__, "__defaults__", (seconds, 0.02, *old[2:]))


def key(number: int, project: str | None = None) -> Credential:
    return Credential(
        secret=SecretStr(f"test-key-{number}"), names=(f"K{number}",), project=project
    )


@dataclass
class Provider(httpx2.AsyncBaseTransport):
    """Gemini, as far as the pool sees it: by project, any WINDOW seconds hold `rpm` requests."""

    rpm: int = 1000
    latency: float = 0.01
    projects: dict[str, str] = field(default_factory=dict[str, str])
    answers: list[Callable[[], httpx2.Response]] = field(
        default_factory=list[Callable[[], httpx2.Response]]
    )
    """What comes before everything else."""
    log: defaultdict[str, list[float]] = field(
        default_factory=lambda: defaultdict[str, list[float]](list)
    )
    keys: list[str] = field(default_factory=list[str])
    refused: int = 0
    patience: dict[str, float | None] = field(default_factory=dict[str, float | None])
    """The time-outs of the last request."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        now = asyncio.get_running_loop().time()
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        used = request.headers.get("x-goog-api-key") or bearer
        self.keys.append(used)
        self.patience = request.extensions["timeout"]
        log = self.log[self.projects.get(used, used)]
        recent = [at for at in log if at > now - WINDOW]
        if len(recent) >= self.rpm:
            self.refused += 1
            return minute(self.rpm, WINDOW)
        log.append(now)
        for event in ("started", "complete"):
            await request.extensions["trace"](f"http11.send_request_body.{event}", {})
        if self.answers:
            return self.answers.pop(0)()
        await asyncio.sleep(self.latency)
        return httpx2.Response(
            200, json={"usageMetadata": {"promptTokenCount": 7}, "usage": {"total_tokens": 7}}
        )


def minute(limit: int, retry_after: float) -> httpx2.Response:
    quota = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"
    return refusal(
        429,
        "RESOURCE_EXHAUSTED",
        {
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [{"quotaId": quota, "quotaValue": str(limit)}],
        },
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{retry_after}s"},
    )


def refusal(status: int, name: str, *details: dict[str, object]) -> httpx2.Response:
    error = {"code": status, "status": name, "message": "no", "details": list(details)}
    return httpx2.Response(status, json={"error": error})


def open_pool(
    keys: list[Credential], limits: Limits | None = None, *, others: dict[str, list[Credential]]
) -> Pool:
    table = LimitTable({("gemini", "*"): limits or Limits(), ("groq", "*"): limits or Limits()})
    by_service = {("chapter", "gemini"): keys, ("script", "groq"): keys}
    by_service |= {(service, "gemini"): found for service, found in others.items()}
    return Pool(Registry(by_service, table), rng=random.Random(1), pauses=(0.01, 0.05))


@pytest.fixture
async def client() -> AsyncIterator[Callable[..., tuple[httpx2.AsyncClient, Pool]]]:
    opened: list[httpx2.AsyncClient] = []

    def open_(
        provider: Provider,
        keys: list[Credential],
        limits: Limits | None = None,
        others: dict[str, list[Credential]] | None = None,
        wire: GeminiWire | OpenAiWire | None = None,
    ) -> tuple[httpx2.AsyncClient, Pool]:
        pool = open_pool(keys, limits, others=others or {})
        transport = PoolTransport(pool, wire or GeminiWire(), provider)
        opened.append(httpx2.AsyncClient(transport=transport))
        return opened[-1], pool

    yield open_
    for each in opened:
        await each.aclose()


Open = Callable[..., tuple[httpx2.AsyncClient, Pool]]


async def call(
    client: httpx2.AsyncClient,
    *,
    service: str = "chapter",
    deadline: float | None = None,
    patience: float | None = 60,
) -> httpx2.Response:
    until = None if deadline is None else asyncio.get_running_loop().time() + deadline
    with calling(Caller(service=service, deadline=until)):
        return await client.post(
            GEMINI,
            json={"contents": [{"parts": [{"text": "Write."}]}]},
            timeout=httpx2.Timeout(patience),
        )


async def test_many_calls_over_two_projects_are_never_refused(client: Open) -> None:
    keys = [key(1, "a"), key(2, "a"), key(3, "b")]
    provider = Provider(rpm=5, projects={"test-key-1": "a", "test-key-2": "a", "test-key-3": "b"})
    sender, _ = client(provider, keys, Limits(rpm=5))

    answers = await asyncio.gather(*(call(sender) for _ in range(25)))

    assert {answer.status_code for answer in answers} == {200}
    assert provider.refused == 0
    assert set(provider.log) == {"a", "b"}


async def test_a_stated_limit_and_its_delay_are_kept_without_being_configured(client: Open) -> None:
    provider = Provider(rpm=3)
    sender, _ = client(provider, [key(1)])

    first = await asyncio.gather(*(call(sender) for _ in range(4)))
    after_first = provider.refused
    second = await asyncio.gather(*(call(sender) for _ in range(6)))

    assert {answer.status_code for answer in (*first, *second)} == {200}
    assert after_first == 1
    assert provider.refused == after_first


async def test_a_dead_key_is_dropped_and_its_call_goes_to_another(client: Open) -> None:
    dead = lambda: refusal(400, "INVALID_ARGUMENT", {"reason": "API_KEY_INVALID"})  # noqa: E731
    provider = Provider(answers=[dead])
    sender, _ = client(provider, [key(1), key(2)])

    answers = [await call(sender) for _ in range(6)]

    assert {answer.status_code for answer in answers} == {200}
    assert provider.keys.count(provider.keys[0]) == 1


async def test_a_dead_key_costs_its_project_nothing(
    client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    _minute_of(30.0, monkeypatch)
    dead = lambda: refusal(400, "INVALID_ARGUMENT", {"reason": "API_KEY_INVALID"})  # noqa: E731
    provider = Provider(answers=[dead])
    sender, _ = client(provider, [key(1, "p"), key(2, "p")], Limits(rpm=2))
    began = asyncio.get_running_loop().time()

    answers = [await call(sender) for _ in range(2)]

    assert {answer.status_code for answer in answers} == {200}
    assert asyncio.get_running_loop().time() - began < 15


async def test_when_every_key_is_dead_the_caller_is_told_and_nobody_waits(client: Open) -> None:
    leaked = lambda: refusal(403, "PERMISSION_DENIED")  # noqa: E731
    provider = Provider(answers=[leaked, leaked])
    sender, _ = client(provider, [key(1), key(2)])

    results = await asyncio.gather(*(call(sender) for _ in range(5)), return_exceptions=True)

    assert all(isinstance(result, NoKey) for result in results)
    assert "test-key" not in str(results)
    assert "refuses this key" in str(results[0])


async def test_an_overloaded_model_is_tried_again_with_pauses(client: Open) -> None:
    busy = lambda: refusal(503, "UNAVAILABLE")  # noqa: E731
    provider = Provider(answers=[busy, busy])
    sender, _ = client(provider, [key(1)])

    assert (await call(sender)).status_code == 200
    assert len(provider.keys) == 3


async def test_a_model_that_stays_overloaded_is_given_up_and_the_answer_kept(client: Open) -> None:
    busy = lambda: refusal(503, "UNAVAILABLE")  # noqa: E731
    provider = Provider(answers=[busy] * 50)
    sender, _ = client(provider, [key(1)])

    answer = await call(sender)

    assert answer.status_code == 503
    assert len(provider.keys) <= 6


async def test_refusals_for_a_limit_cost_a_call_none_of_its_attempts(client: Open) -> None:
    answers = [lambda: minute(1000, 0.01)] * 6 + [lambda: refusal(503, "UNAVAILABLE")] * 2
    sender, _ = client(provider := Provider(answers=answers), [key(1)])

    assert (await call(sender)).status_code == 200
    assert len(provider.keys) == 9


async def test_a_request_that_is_wrong_is_not_sent_twice(client: Open) -> None:
    provider = Provider(answers=[lambda: refusal(400, "INVALID_ARGUMENT")])
    sender, _ = client(provider, [key(1), key(2)])

    answer = await call(sender)

    assert answer.status_code == 400
    assert json.loads(answer.content)["error"]["message"] == "no"
    assert len(provider.keys) == 1


async def test_broken_connections_are_borne(client: Open) -> None:
    def broken() -> httpx2.Response:
        raise httpx2.ReadError("reset")

    provider = Provider(answers=[broken, broken])
    sender, _ = client(provider, [key(1)])

    assert (await call(sender)).status_code == 200


@dataclass
class Unreachable(Provider):
    """No connection is ever made."""

    error: type[httpx2.TransportError] = httpx2.ConnectError

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        raise self.error("unreachable", request=request)


@pytest.mark.parametrize("error", [httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout])
async def test_without_a_network_nothing_of_the_day_is_spent(
    client: Open, error: type[httpx2.TransportError]
) -> None:
    sender, pool = client(Unreachable(error=error), [key(1)], Limits(rpm=2, rpd=4))

    for _ in range(3):
        with pytest.raises(error):
            await call(sender, deadline=5)

    assert pool.day_left("gemini", "m") == 4
    assert pool.outlook(NAME).day_left == 4


class Breaking(httpx2.AsyncByteStream):
    """The body of a refusal of which only the half comes."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b'{"error": {'
        message = "reset"
        raise httpx2.ReadError(message)


async def test_a_refusal_of_a_stream_that_breaks_off_is_borne_and_entered() -> None:
    provider = Provider(answers=[lambda: httpx2.Response(503, stream=Breaking())])
    attempts: list[Attempt] = []
    pool = open_pool([key(1)], others={})
    transport = PoolTransport(pool, GeminiWire(), provider, record=attempts.append)
    async with httpx2.AsyncClient(transport=transport) as sender:
        with calling(Caller(service="chapter")):
            answer = await sender.post(
                GEMINI.replace("generateContent", "streamGenerateContent"), json={}
            )
    assert answer.status_code == 200
    assert [each.outcome for each in attempts] == ["lost", "ok"]


async def test_an_answer_that_cannot_be_unpacked_is_borne(client: Open) -> None:
    packed = {"content-encoding": "gzip"}

    class Body(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"this is not gzip"

    provider = Provider(answers=[lambda: httpx2.Response(200, headers=packed, stream=Body())])
    sender, _ = client(provider, [key(1)])

    assert (await call(sender)).json()["usage"] == {"total_tokens": 7}
    assert len(provider.keys) == 2


async def test_a_call_that_no_minute_holds_is_refused_at_once(client: Open) -> None:
    sender, _ = client(Provider(), [key(1)], Limits(tpm=100), wire=OpenAiWire())

    with (
        pytest.raises(CallTooLarge, match="larger than a minute"),
        calling(Caller(service="script")),
    ):
        await sender.post(GROQ, json={"model": "m", "max_tokens": 200})


async def test_tokens_are_settled_by_what_the_answer_says(client: Open) -> None:
    provider = Provider()
    sender, _ = client(provider, [key(1)], Limits(tpm=120), wire=OpenAiWire())

    async def write() -> None:
        with calling(Caller(service="script")):
            await sender.post(GROQ, json={"model": "m", "max_tokens": 90})

    began = asyncio.get_running_loop().time()
    for _ in range(3):  # 90 and the prompt are reserved each time, 7 are used
        await write()

    assert asyncio.get_running_loop().time() - began < WINDOW


async def test_who_does_not_want_to_wait_is_told_and_leaves_the_place_to_others(
    client: Open,
) -> None:
    provider = Provider(rpm=1)
    sender, pool = client(provider, [key(1)], Limits(rpm=1))
    await call(sender)

    with pytest.raises(DeadlinePassed):
        await call(sender, deadline=0.05)
    async with pool.place(NAME, tokens=1, expected=1):
        pass

    assert (await call(sender)).status_code == 200
    assert provider.refused == 0


async def test_cancelled_calls_free_their_places(client: Open) -> None:
    """Whether they wait, were just given a place, or are being sent."""
    provider = Provider(rpm=4, latency=0.05)
    sender, _ = client(provider, [key(1)], Limits(rpm=4))
    rng = random.Random(3)

    for _ in range(12):
        calls = [asyncio.create_task(call(sender)) for _ in range(5)]
        await asyncio.sleep(rng.uniform(0, 0.03))
        for each in calls:
            each.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
    answer = await asyncio.wait_for(call(sender), timeout=5)

    assert answer.status_code == 200
    assert provider.refused == 0


async def test_an_idle_pool_helps_out_unless_its_own_calls_are_expected(client: Open) -> None:
    provider = Provider(rpm=2)
    sender, pool = client(provider, [key(1)], Limits(rpm=2), others={"quiz": [key(2)]})

    pool.expect(("quiz", "gemini", "m"), 2)
    await asyncio.gather(call(sender), call(sender))
    assert set(provider.keys) == {"test-key-1"}
    pool.expect(("quiz", "gemini", "m"), -2)
    await asyncio.gather(call(sender), call(sender))

    assert provider.keys.count("test-key-2") == 2
    assert provider.refused == 0


async def test_a_service_without_a_key_is_told_so(client: Open) -> None:
    sender, _ = client(Provider(), [])

    with pytest.raises(NoKey, match="no key for chapter"):
        await call(sender)


async def test_what_is_no_model_call_is_not_sent_with_anybodys_key(client: Open) -> None:
    provider = Provider()
    sender, _ = client(provider, [key(1)])

    with pytest.raises(ValueError, match="no call of a model"):
        await sender.get("http://gemini.test/v1beta/models")
    assert provider.keys == []


@pytest.mark.parametrize("latency", [0.01, 0.4])
async def test_keys_that_secretly_share_a_project_cost_one_refusal_each(
    client: Open, monkeypatch: pytest.MonkeyPatch, latency: float
) -> None:
    """Also where answers take longer than the silence that counts as a yes."""
    monkeypatch.setattr(sharing, "GRACE", 0.05)
    owners = {f"test-key-{number}": f"project-{number % 3}" for number in range(6)}
    provider = Provider(rpm=5, latency=latency, projects=owners)
    sender, _ = client(provider, [key(number) for number in range(6)], Limits(rpm=5))

    answers = await asyncio.gather(*(call(sender) for _ in range(60)))

    assert {answer.status_code for answer in answers} == {200}
    assert provider.refused <= 3
    assert set(provider.log) == {"project-0", "project-1", "project-2"}


async def test_keys_that_add_nothing_are_not_promised(
    client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "GRACE", 0.05)
    provider = Provider(rpm=5, projects={"test-key-0": "one", "test-key-1": "one"})
    sender, pool = client(provider, [key(0), key(1)], Limits(rpm=5, rpd=100))
    assert pool.day_left("gemini", "m") == 200
    await asyncio.gather(*(call(sender) for _ in range(8)))
    await asyncio.sleep(2 * WINDOW)
    assert pool.day_left("gemini", "m") <= 100
    assert pool.outlook(NAME).room == 5


async def test_an_answer_that_never_ends_is_given_up(
    client: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_LONGEST", 0.05)

    async def drips() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.01)

    sender, pool = client(
        Provider(answers=[lambda: httpx2.Response(200, content=drips())] * 20), [key(0)]
    )
    with pytest.raises(httpx2.ReadTimeout):
        await call(sender)
    assert pool.waiting == 0


@pytest.mark.parametrize(("asked", "connect"), [(120.0, 10.0), (3.0, 3.0), (None, 10.0)])
async def test_a_door_that_nobody_answers_is_left_after_seconds(
    client: Open, asked: float | None, connect: float
) -> None:
    """Some SDKs set one time for all of it, and answers take minutes."""
    provider = Provider()
    sender, _ = client(provider, [key(0)])
    await call(sender, patience=asked)
    assert provider.patience["connect"] == connect
    assert provider.patience["read"] == asked


async def test_keys_of_their_own_projects_are_all_used_without_being_named(client: Open) -> None:
    provider = Provider(rpm=5)
    sender, _ = client(provider, [key(number) for number in range(6)], Limits(rpm=5))

    await asyncio.gather(*(call(sender) for _ in range(30)))

    assert provider.refused == 0
    assert {len(log) for log in provider.log.values()} == {5}


async def test_one_key_that_somebody_else_uses_too_is_still_used(client: Open) -> None:
    provider = Provider(rpm=5)
    sender, _ = client(provider, [key(1)], Limits(rpm=5))
    provider.log["test-key-1"] = [asyncio.get_running_loop().time()] * 4

    answers = await asyncio.gather(*(call(sender) for _ in range(10)))

    assert {answer.status_code for answer in answers} == {200}


async def test_a_shared_key_takes_over_when_its_partner_dies(client: Open) -> None:
    owners = {"test-key-1": "p", "test-key-2": "p"}
    provider = Provider(rpm=3, projects=owners)
    sender, _ = client(provider, [key(1), key(2)], Limits(rpm=3))
    await asyncio.gather(*(call(sender) for _ in range(6)))
    first = provider.keys[0]
    provider.answers = [lambda: refusal(401, "UNAUTHENTICATED")]

    answers = await asyncio.gather(*(call(sender) for _ in range(4)))

    assert {answer.status_code for answer in answers} == {200}
    assert provider.keys[-1] != first
