"""Study over HTTP: the way of a learner, and what is not usable."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from support.service import Service

NOBODY = "00000000-0000-4000-8000-00000000dead"


async def _ok(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json() if status != 204 else None


async def _refused(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["hint"]
    return problem


@pytest.fixture
async def course(service: Service) -> dict[str, Any]:
    return await service.settled(await service.order(chapters=2))


async def test_a_learners_evening(service: Service, course: dict[str, Any]) -> None:
    client, here = service.client, f"/api/courses/{course['id']}"
    await _ok(
        await client.put(
            "/api/study/settings", json={"time_zone": "Europe/Berlin", "new_per_day": 3}
        )
    )

    place = {"chapter": 1, "position": 0.25, "sitting": str(uuid4()), "elapsed_ms": 60_000}
    await _ok(await client.put(f"{here}/position", json=place), 204)
    progress = await _ok(await client.put(f"{here}/chapters/1/completion"))
    assert (progress["completed"], progress["total"], progress["percent"]) == (1, 2, 50)

    begun = await _ok(await client.post(f"{here}/quiz-attempts", json={"chapter": 1}), 201)
    assert "key" not in begun["questions"][0]
    keys = {question["stem"]: question["key"] for question in course["mcqs"]}
    answers = [{"item": each["id"], "chosen": keys[each["stem"]]} for each in begun["questions"]]
    answers[0]["chosen"] = (answers[0]["chosen"] + 1) % len(begun["questions"][0]["options"])
    finish = f"/api/quiz-attempts/{begun['id']}/finish"
    done = await _ok(await client.post(finish, json={"answers": answers}))
    assert done["attempt"]["score"] == len(answers) - 1
    assert done["new_cards"] == [begun["questions"][0]["id"]]
    history = await _ok(await client.get(f"{here}/quiz-attempts", params={"chapter": 1}))
    assert history["quizzes"][0]["attempts"] == 1
    await _ok(await client.get(f"/api/quiz-attempts/{begun['id']}"))

    queue = await _ok(await client.get("/api/study/due"))
    assert queue["left_today"] == {"learning": 0, "review": 0, "new": 3}
    first = queue["cards"][0]
    assert first["kind"] == "mcq"
    assert [each["rating"] for each in first["next"]] == [1, 2, 3, 4]
    review = f"/api/study/reviews/{uuid4()}"
    order = {"card_id": first["id"], "rating": 4, "elapsed_ms": 3000}
    for _ in range(2):
        card = await _ok(await client.put(review, json=order))
        assert card["reviews"] == 1
    taken = await _ok(await client.delete(review))
    assert taken["card"]["memory"]["state"] == 0
    suspension = f"/api/study/cards/{first['id']}/suspension"
    assert (await _ok(await client.put(suspension)))["suspended_at"]
    aside = await _ok(await client.get("/api/study/cards", params={"suspended": True}))
    assert [each["id"] for each in aside] == [first["id"]]
    assert (await _ok(await client.delete(suspension)))["suspended_at"] is None
    assert (await _ok(await client.get(f"/api/study/cards/{first['id']}")))["reviews"] == 0
    assert len(await _ok(await client.get("/api/study/reviews"))) == 1

    game = course["word_games"][0]["kind"]
    record = await _ok(
        await client.put(
            f"{here}/word-games/{game}/results/{uuid4()}",
            json={"score": 2, "total": 3, "elapsed_ms": 9000},
        )
    )
    assert record["best"]["score"] == 2
    assert await _ok(await client.get(f"{here}/word-games/results")) == [record]

    summary = await _ok(await client.get("/api/study"))
    assert summary["courses"][0]["completed"] == 1
    assert summary["streak"]["studied_today"] is True
    assert summary["go_on"]["chapter"] == 1
    assert summary["seconds_studied"]["today"] >= 69
    assert len(summary["forecast"]) == 7
    reopened = await _ok(await client.delete(f"{here}/chapters/1/completion"))
    assert reopened["completed"] == 0
    assert (await _ok(await client.get(f"{here}/progress")))["place"]["position"] == 0.25


async def test_reviews_that_were_made_offline(service: Service, course: dict[str, Any]) -> None:
    client = service.client
    cards = (await _ok(await client.get("/api/study/due", params={"course": course["id"]})))[
        "cards"
    ]
    now = datetime.now(UTC)
    sent = [
        {
            "id": str(uuid4()),
            "card_id": card["id"],
            "rating": 3,
            "reviewed_at": (now - timedelta(seconds=n)).isoformat(),
        }
        for n, card in enumerate(cards)
    ]

    first = await _ok(await client.post("/api/study/reviews", json=sent))
    second = await _ok(await client.post("/api/study/reviews", json=sent[::-1]))

    assert {each["arrival"] for each in first} == {"recorded"}
    assert {each["arrival"] for each in second} == {"known"}


@pytest.mark.parametrize(
    "change",
    [
        {"rating": 7},
        {"rating": 0},
        {"rating": 2.5},
        {"rating": "again"},
        {"rating": None},
        {"card_id": "x' or 1=1 --"},
        {"card_id": 5},
        {"reviewed_at": "2026-11-25T10:00:00"},
        {"reviewed_at": "soon"},
        {"reviewed_at": "2099-01-01T00:00:00Z"},
        {"reviewed_at": "0001-01-01T00:00:00Z"},
        {"reviewed_at": "9999-12-31T23:59:59-12:00"},
        {"elapsed_ms": -1},
        {"elapsed_ms": 10**12},
        {"user_id": NOBODY},
    ],
)
async def test_a_review_that_cannot_be_is_refused_and_changes_nothing(
    service: Service, course: dict[str, Any], change: dict[str, Any]
) -> None:
    client = service.client
    (card,) = (await _ok(await client.get("/api/study/due", params={"limit": 1})))["cards"]
    order = {"card_id": card["id"], "rating": 3, **change}

    await _refused(await client.put(f"/api/study/reviews/{uuid4()}", json=order), 422)

    assert (await _ok(await client.get("/api/study/reviews"))) == []
    queue = await _ok(await client.get("/api/study/due", params={"limit": 1}))
    assert [each["id"] for each in queue["cards"]] == [card["id"]]
    assert course["id"] == queue["cards"][0]["course_id"]


async def test_unknown_things_are_not_found(service: Service, course: dict[str, Any]) -> None:
    client, here, gone = service.client, f"/api/courses/{course['id']}", f"/api/courses/{NOBODY}"
    review = {"card_id": NOBODY, "rating": 3}
    game = {"score": 1, "total": 2, "elapsed_ms": 3}
    for answer in [
        await client.put(f"/api/study/reviews/{uuid4()}", json=review),
        await client.delete(f"/api/study/reviews/{NOBODY}"),
        await client.get(f"/api/study/cards/{NOBODY}"),
        await client.put(f"/api/study/cards/{NOBODY}/suspension"),
        await client.get("/api/study/due", params={"course": NOBODY}),
        await client.get(f"{gone}/progress"),
        await client.put(f"{gone}/chapters/1/completion"),
        await client.put(f"{here}/chapters/99/completion"),
        await client.put(f"{gone}/position", json={"chapter": 1}),
        await client.post(f"{gone}/quiz-attempts", json={}),
        await client.get(f"{gone}/quiz-attempts"),
        await client.get(f"/api/quiz-attempts/{NOBODY}"),
        await client.post(f"/api/quiz-attempts/{NOBODY}/finish", json={"answers": []}),
        await client.put(f"{gone}/word-games/hangman/results/{uuid4()}", json=game),
        await client.get(f"{gone}/word-games/results"),
    ]:
        await _refused(answer, 404)


async def test_what_is_not_usable_is_refused(service: Service, course: dict[str, Any]) -> None:
    client, here = service.client, f"/api/courses/{course['id']}"
    begun = await _ok(await client.post(f"{here}/quiz-attempts", json={"chapter": 1}), 201)
    finish = f"/api/quiz-attempts/{begun['id']}/finish"
    item = begun["questions"][0]["id"]
    game = f"{here}/word-games/{course['word_games'][0]['kind']}/results/{uuid4()}"
    settings = "/api/study/settings"
    for answer in [
        await client.post(finish, json={"answers": [{"item": item, "chosen": 0}] * 10_000}),
        await client.post(finish, json={"answers": [{"item": item, "chosen": 99}]}),
        await client.post(finish, json={"answers": [{"item": item, "chosen": -1}]}),
        await client.post(finish, json={"answers": [{"item": NOBODY, "chosen": 0}]}),
        await client.post(finish, json={"answers": [], "score": 100}),
        await client.post(finish, json={"answers": {"a": 1}}),
        await client.post(finish, content=b"[" * 100_000),
        await client.post("/api/study/reviews", json=[]),
        await client.post("/api/study/reviews", json=[{"id": str(uuid4())}] * 501),
        await client.put(f"{here}/position", json={"chapter": 1, "position": 1.5}),
        await client.put(f"{here}/position", json={"chapter": 1, "at": "2099-01-01T00:00:00Z"}),
        await client.put(f"{here}/chapters/0/completion"),
        await client.put(f"{here}/chapters/99999999999999999999/completion"),
        await client.put(game, json={"score": 3, "total": 2, "elapsed_ms": 3}),
        await client.put(game, json={"score": 0, "total": 0, "elapsed_ms": 3}),
        await client.put(f"{here}/word-games/poker/results/{uuid4()}", json={}),
        await client.put(settings, json={"time_zone": "Mars/Olympus_Mons"}),
        await client.put(settings, json={"time_zone": "../../etc/passwd"}),
        await client.put(settings, json={"time_zone": "UTC\x00"}),
        await client.put(settings, json={"desired_retention": 1}),
        await client.put(settings, content=b'{"desired_retention": NaN}'),
        await client.put(f"{here}/position", content=b'{"chapter": 1, "position": NaN}'),
        await client.put(f"{here}/position", content=b'{"chapter": 1, "position": 1e999}'),
        await client.put(settings, json={"new_per_day": -1}),
        await client.put(settings, json={"day_starts_at": 25}),
        await client.put(settings, json={"user_id": NOBODY}),
        await client.get("/api/study/due", params={"limit": 0}),
        await client.get("/api/study/reviews", params={"before": "yesterday"}),
    ]:
        await _refused(answer, 422)
    assert (await _ok(await client.get(settings)))["time_zone"] == "UTC"
    done = await _ok(await client.post(finish, json={"answers": [{"item": item, "chosen": 0}]}))
    assert done["attempt"]["total"] == len(begun["questions"])


async def test_another_persons_course_is_not_there(
    service: Service, course: dict[str, Any], admin_url: str
) -> None:
    client = service.client
    (card,) = (await _ok(await client.get("/api/study/due", params={"limit": 1})))["cards"]
    begun = await _ok(
        await client.post(f"/api/courses/{course['id']}/quiz-attempts", json={"chapter": 1}), 201
    )
    other = uuid4()
    async with await psycopg.AsyncConnection.connect(admin_url) as admin:
        await admin.execute("insert into auth.users (id) values (%s)", (other,))
        await admin.execute("update courses set user_id = %s", (other,))
        await admin.execute("update quiz_attempts set user_id = %s", (other,))

    here = f"/api/courses/{course['id']}"
    for answer in [
        await client.put(
            f"/api/study/reviews/{uuid4()}", json={"card_id": card["id"], "rating": 3}
        ),
        await client.get(f"/api/study/cards/{card['id']}"),
        await client.put(f"/api/study/cards/{card['id']}/suspension"),
        await client.put(f"{here}/chapters/1/completion"),
        await client.put(f"{here}/position", json={"chapter": 1}),
        await client.get(f"{here}/progress"),
        await client.post(f"{here}/quiz-attempts", json={}),
        await client.post(f"/api/quiz-attempts/{begun['id']}/finish", json={"answers": []}),
    ]:
        await _refused(answer, 404)
    summary = await _ok(await client.get("/api/study"))
    assert summary["courses"] == []
    assert (await _ok(await client.get("/api/study/due")))["cards"] == []


async def test_ids_of_reviews_are_uuids(service: Service) -> None:
    order = {"card_id": str(UUID(int=1)), "rating": 3}

    await _refused(await service.client.put("/api/study/reviews/latest", json=order), 422)
