"""The measurements of the service judge fairly: each bar can be broken, and nothing is hidden."""

import asyncio
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[4] / "benchmarks"


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def _module(name: str) -> Any:
    return importlib.import_module(f"api.{name}")


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_a_value_that_was_seen(share: float, value: int) -> None:
    assert _module("record").percentile(list(range(100, 0, -1)), share) == value


def _judged(came: Sequence[tuple[int, float]], **changes: Any) -> dict[str, Any]:
    watched = _module("streams").Watched(
        **{"course": "a", "after": 1, "opened": 10.0, "closed": 100.0, "came": came, **changes}
    )
    commits = {"a": {1: 5.0, 2: 9.0, 3: 20.0, 4: 30.0, 5: 99.0}, "b": {6: 20.0}}
    return _module("arrivals").judged([watched], commits)


def test_every_event_has_to_come_once() -> None:
    whole = [(2, 10.5), (3, 20.01), (4, 30.02)]
    found = _judged(whole)
    assert (found["lost"], found["doubled"], found["out_of_order"]) == (0, 0, 0)
    # What was there before the stream was opened is no news.
    assert (found["news"], found["p50_ms"], found["max_ms"]) == (2, 10.0, 20.0)

    assert _judged(whole[:-1])["lost"] == 1
    assert _judged([*whole, whole[-1]])["doubled"] == 1
    assert _judged([whole[1], whole[0], whole[2]])["out_of_order"] == 1
    assert _judged([], closed=32.0)["lost"] == 2  # the one of 30.0 may have been on its way
    assert _judged(whole, broken="ended")["broken"] == [("ended", 1)]


def test_memory_that_grows_is_told_from_memory_that_warms_up() -> None:
    memory = _module("watch").memory
    warms = [(float(at), 100.0 if at > 10 else 10.0 * at) for at in range(100)]
    grows = [(float(at), 100.0 + at / 2) for at in range(100)]
    assert memory(warms) == {"mb": 100.0, "growth": 1.0, "mb_a_minute": 0.0}
    assert memory(grows)["mb_a_minute"] == 30.0
    assert memory(grows)["growth"] > 1.2
    assert memory(grows[:1])["growth"] is None


def test_each_bar_of_the_load_can_be_broken() -> None:
    broken = _module("table").broken
    streams = {"lost": 0, "doubled": 0, "out_of_order": 0, "broken": []}
    phase: dict[str, Any] = {
        "phase": "people", "errors": {}, "rows": [{"route": "GET", "requests": 1}],
        "generator_cpu": 0.1, "streams": streams, "service_memory": {"growth": 1.05},
    }  # fmt: skip
    assert broken([phase]) == []
    worse: tuple[dict[str, Any], ...] = (
        {"errors": {"GET: 503": 1}},
        {"rows": []},
        {"generator_cpu": 0.8},
        {"streams": {**streams, "lost": 1}},
        {"streams": {**streams, "doubled": 1}},
        {"streams": {**streams, "out_of_order": 1}},
        {"streams": {**streams, "broken": [("503", 1)]}},
        {"service_memory": {"growth": 1.06}},
    )
    for each in worse:
        assert len(broken([{**phase, **each}])) == 1, each


def test_each_bar_of_the_workers_can_be_broken() -> None:
    broken = _module("workers").broken
    hour = {"quota": (50, 50, 50), "workers": (50, 90, 170), "cores": (50, 80, 80)}
    rows: list[dict[str, Any]] = [
        {
            "setting": setting, "workers": workers, "complete": 1.0, "refusals": 0,
            "courses_an_hour": courses, "above_bound": 1.1 if setting == "quota" else None,
        }
        for setting, throughput in hour.items()
        for workers, courses in zip((1, 2, 4), throughput, strict=True)
    ]  # fmt: skip
    assert broken(rows) == []
    worse = (
        (0, "complete", 0.9), (0, "refusals", 1), (0, "above_bound", 1.16),
        (2, "courses_an_hour", 40), (5, "courses_an_hour", 105), (8, "courses_an_hour", 60),
    )  # fmt: skip
    for at, name, value in worse:
        found = [{**row, name: value} if place == at else row for place, row in enumerate(rows)]
        assert len(broken(found)) == 1, (at, name)


async def test_answers_and_events_are_read_off_the_wire() -> None:
    wire = _module("wire")
    answers = [
        b'HTTP/1.1 200 OK\r\nContent-Length: 7\r\nETag: "3"\r\n\r\n{"a":1}',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n3\r\n...\r\n0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"",  # an idle connection is closed: a new one is made
    ]
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while answers:
            try:
                heads.append(await reader.readuntil(b"\r\n\r\n"))
            except asyncio.IncompleteReadError:
                break
            answer = answers.pop(0)
            writer.write(answer)
            if not answer or b"event" in answer:
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        connection = wire.Connection(address)
        connection.cookie = "name=token"
        first = await connection.ask("GET", "/first")
        assert (first.status, first.json(), first.header("etag")) == (200, {"a": 1}, '"3"')
        assert (await connection.ask("GET", "/second")).body == b"half..."
        assert (await connection.ask("PUT", "/third", {})).status == 204
        answers.append(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        assert (await connection.ask("GET", "/fourth")).status == 200
        connection.close()
        events = b"id: 7\nevent: piece_done\ndata: {}\n\n: ping\n\nid: 8\nevent: piece_"
        rest = b"failed\ndata: {}\n\n"
        answers.append(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (events, rest, b""))
        )
        found = [each async for each in wire.Connection(address).events("/events", after=6)]
    assert found == [(7, "piece_done"), (8, "piece_failed")]
    assert b"Cookie: name=token" in heads[0]
    assert b"Last-Event-ID: 6" in heads[-1]
