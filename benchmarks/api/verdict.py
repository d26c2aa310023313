"""What is said of a storm: its figures, and the bars that they have to keep."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.repeats import RECONNECTS, WITHIN, Call, Outage, repeats
from api.watcher import Watcher

NONE = (
    "events_missing",
    "events_doubled",
    "events_that_never_were",
    "readers_out_of_order",
    "pieces_made_twice",
    "calls_repeated",
    "workers_that_ended_by_themselves",
    "places_with_keys",
)
"""Figures that have to be nothing."""


@dataclass
class Seen:
    """What came of it."""

    seconds: float = 0.0
    killed: dict[str, float] = field(default_factory=dict[str, float])
    """When each life of a worker ended that was killed."""
    outages: list[Outage] = field(default_factory=list[Outage])
    watchers: list[Watcher] = field(default_factory=list[Watcher])
    courses: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    events: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """Of each course, as the database has them."""
    made: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """How often each piece of each course was done."""
    calls: Sequence[Call] = ()
    leaks: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    exits: list[int] = field(default_factory=list[int])
    """Of workers that ended by themselves."""


def judged(seen: Seen, *, within: float = WITHIN) -> dict[str, Any]:
    """The figures. An answer counts as stored `within` so many seconds."""
    states = Counter(course["status"] for course in seen.courses)
    again = repeats(seen.calls, seen.killed, seen.outages, within=within)
    missing = doubled = invented = disordered = 0
    for watcher in seen.watchers:
        there, heard = set(seen.events.get(watcher.course, [])), set(watcher.seen)
        missing += len(there - heard)
        invented += len(heard - there)
        doubled += len(watcher.seen) - len(heard)
        disordered += watcher.seen != sorted(watcher.seen)
    return {
        "courses": len(seen.courses),
        "complete": states["completed"],
        "other_states": {name: n for name, n in sorted(states.items()) if name != "completed"},
        "seconds": round(seen.seconds, 1),
        "workers_killed": len(seen.killed),
        "workers_that_ended_by_themselves": len(seen.exits),
        "postgres_restarted": len(seen.outages),
        "postgres_away_seconds": [round(each.up - each.begin, 1) for each in seen.outages],
        "events": sum(len(ids) for ids in seen.events.values()),
        "readers": len(seen.watchers),
        "connections": sum(each.connections for each in seen.watchers),
        "refused": dict(sum((each.refused for each in seen.watchers), Counter[str]())),
        "events_missing": missing,
        "events_doubled": doubled,
        "events_that_never_were": invented,
        "readers_out_of_order": disordered,
        "pieces_made_twice": sum(count - 1 for count in seen.made.values()),
        "calls": len(seen.calls),
        "by_status": dict(sorted(Counter(str(call.status) for call in seen.calls).items())),
        "calls_repeated": len(again.wasted),
        "answers_lost_to_kills": len(again.at_once),
        "oldest_answer_lost_seconds": round(max(again.at_once, default=0.0), 3),
        "answers_lost_while_postgres_was_away": len(again.while_away),
        "longest_after_it_was_back_seconds": round(max(again.while_away, default=0.0), 3),
        "places_with_keys": sorted(f"{where}: {name}" for where, name in seen.leaks),
    }


def bounds(*, courses: int, within: float = WITHIN) -> dict[str, str]:
    """What the table says beside each figure that is bound."""
    return {
        "complete": f"= {courses}",
        "oldest_answer_lost_seconds": f"<= {within:g}",
        "longest_after_it_was_back_seconds": f"<= {within + RECONNECTS:g}",
        **dict.fromkeys(NONE, "none"),
    }


def broken(row: Mapping[str, Any], courses: int) -> list[str]:
    """The bars that do not hold, in words."""
    found: list[str] = []
    if row["complete"] != courses:
        found.append(f"{row['complete']} of {courses} courses complete")
    return found + [f"{name.replace('_', ' ')}: {row[name]}" for name in NONE if row[name]]
