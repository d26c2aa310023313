"""What a course took, over HTTP; and that `/health` counts what is refused."""

from pathlib import Path
from uuid import uuid4

import pytest

from coursewright.emulator.options import EmulatorOptions, ModelLimits
from coursewright.emulator.server import running
from support.service import Service, open_service, settings_for

DEAD = "planted-dead-key"
ROOMY = ModelLimits(rpm=100)


async def test_costs_of_a_course_are_those_of_its_calls(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, key in (("1", DEAD), ("2", "planted-good-key")):
        monkeypatch.setenv(f"GEMINI_CHAPTER_KEY_{name}", key)
    options = EmulatorOptions(
        latency_scale=0, dead_keys=frozenset([DEAD]), gemini=ROOMY, groq=ROOMY
    )
    async with running(options) as emulator:
        settings = settings_for(
            database_url,
            tmp_path,
            gemini_url=emulator.gemini_url,
            limits="gemini:* rpm=100",
            author="model",
        )
        async with open_service(settings) as service:
            course_id = await service.order("Sourdough Baking", chapters=2)
            course = await service.settled(course_id)
            costs = (await service.client.get(f"/api/courses/{course_id}/costs")).json()
            totals = {
                by: (await service.client.get("/api/costs", params={"by": by})).json()
                for by in ("course", "service", "outcome", "key")
            }
            health = (await service.client.get("/health")).json()
            page = await service.client.get(f"/courses/{course_id}")
            texts = str([costs, totals, health, course]) + page.text

    assert course["status"] == "completed", course["missing"]
    assert costs["calls"] == len(emulator.log)
    assert costs["answered"] == sum(call.status == 200 for call in emulator.log)
    assert costs["tokens_in"] > 1000
    assert costs["cost_usd"] > 0
    assert all(sum(row["calls"] for row in rows) == costs["calls"] for rows in totals.values())
    assert totals["course"][0]["course_id"] == course_id
    assert {row["name"] for row in totals["outcome"]} == {"ok", "key"}
    assert len(totals["key"]) == 2
    assert health["refused_keys"] == 1
    assert health["calls_waiting"] == 0
    assert f"{costs['calls']} model calls" in page.text
    assert "planted" not in texts


async def test_the_built_in_author_costs_nothing(service: Service) -> None:
    course_id = await service.order(chapters=2)
    await service.settled(course_id)
    costs = (await service.client.get(f"/api/courses/{course_id}/costs")).json()
    assert costs == {"calls": 0, "answered": 0, "tokens_in": 0, "tokens_out": 0, "cost_usd": 0}
    assert (await service.client.get("/api/costs")).json() == []
    assert "model calls" not in (await service.client.get(f"/courses/{course_id}")).text


async def test_wrong_questions_about_costs_are_told(service: Service) -> None:
    assert (await service.client.get(f"/api/courses/{uuid4()}/costs")).status_code == 404
    for query in ({"by": "colour"}, {"days": "0"}, {"days": "soon"}):
        answer = await service.client.get("/api/costs", params=query)
        assert answer.status_code == 422
        assert answer.json()["hint"]
