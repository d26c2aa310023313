"""Whether every event came once to each who watched, and how long after its commit."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from api.record import percentile
from api.streams import Watched

SETTLED = 3.0
"""Seconds before a stream was closed, and after the load had ended: what was committed later may
have been on its way."""

Commits = Mapping[str, Mapping[int, float]]
"""For each course the ids of its events, and when each was committed: seconds since 1970."""


def commits(url: str) -> Commits:
    """As Postgres has noted them (`track_commit_timestamp`)."""
    found: dict[str, dict[int, float]] = {}
    with psycopg.connect(url) as admin:
        rows = admin.execute(
            "select course_id::text, id, extract(epoch from pg_xact_commit_timestamp(xmin))::float8"
            " from course_events"
        )
        for course, number, at in rows:
            found.setdefault(course, {})[number] = at
    return found


def judged(watched: Sequence[Watched], known: Commits) -> dict[str, Any]:
    """The figures of all streams of one phase."""
    delays: list[float] = []
    lost, doubled, disordered, came = 0, 0, 0, 0
    for stream in watched:
        committed = known.get(stream.course, {})
        seen = Counter(number for number, _ in stream.came)
        order = [number for number, _ in stream.came]
        expected = {
            number
            for number, at in committed.items()
            if number > stream.after and at < stream.closed - SETTLED
        }
        lost += len(expected - seen.keys())
        doubled += sum(count - 1 for count in seen.values())
        disordered += order != sorted(order)
        came += len(order)
        delays += [
            at - committed[number]
            for number, at in stream.came
            # What had happened before the stream was opened is not news.
            if committed.get(number, 0.0) > stream.opened
        ]
    return {
        "streams": len(watched),
        "events": came,
        "lost": lost,
        "doubled": doubled,
        "out_of_order": disordered,
        "broken": sorted(Counter(each.broken for each in watched if each.broken).items()),
        "news": len(delays),
        **{
            name: round(1000 * percentile(delays, share), 1) if delays else None
            for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99), ("max_ms", 1.0))
        },
    }
