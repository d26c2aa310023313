"""Editing over HTTP: versions, refusals, revisions, bad input."""

import asyncio
from typing import Any

import pytest

from support.problems import problem
from support.service import Service

EVIL = ("\x00", "\u202eevil", "a\x1bb", "zero\u200bwidth")


@pytest.fixture
async def path(service: Service) -> str:
    course = await service.settled(await service.order(chapters=2))
    assert course["status"] == "completed"
    return f"/api/courses/{course['id']}"


async def get(service: Service, path: str) -> Any:
    answer = await service.client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == f'"{answer.json()["version"]}"'
    return answer.json()


def card(item: dict[str, Any]) -> dict[str, Any]:
    return {name: item[name] for name in ("id", "front", "back")}


async def test_an_outline_is_looked_at_changed_and_gone_on_with(service: Service) -> None:
    course_id = await service.order(chapters=3, edit_outline=True)
    assert (await service.settled(course_id))["status"] == "outlined"
    path = f"/api/courses/{course_id}"
    outline = await get(service, f"{path}/outline")
    assert [chapter["number"] for chapter in outline["chapters"]] == [1, 2, 3]
    assert all(chapter["passages"] for chapter in outline["chapters"])

    page = (await service.client.get(f"/courses/{course_id}")).text
    assert 'data-post="go"' in page
    changed = {
        "title": "Mine",
        "chapters": [{"was": 2, "title": "First"}, {"was": 1, "title": "Second"}],
    }
    answer = await service.client.put(
        f"{path}/outline", json={"outline": changed}, headers={"If-Match": '"1"'}
    )
    assert answer.json() == {"version": 2, "notes": [], "overruled": []}
    assert answer.headers["etag"] == '"2"'

    assert (await service.client.post(f"{path}/go")).status_code == 202
    made = await service.settled(course_id)
    assert made["status"] == "completed"
    assert [chapter["title"] for chapter in made["chapters"]] == ["First", "Second"]
    problem(await service.client.post(f"{path}/go"), 409)
    late = await service.client.put(
        f"{path}/outline", json={"outline": changed | {"title": "Late"}, "version": 2}
    )
    assert "only before anything else is made" in problem(late, 409)["title"]


async def test_a_form_of_the_browser_can_ask_to_stop_after_the_outline(service: Service) -> None:
    answer = await service.client.post(
        "/api/courses/from-files",
        data={"topic": "Machine Learning Basics", "edit_outline": "true"},
        files=[("files", ("notes.md", _NOTES.encode(), "text/markdown"))],
    )
    assert (await service.settled(answer.json()["id"]))["status"] == "outlined"


async def test_a_chapter_is_changed_and_the_second_writer_is_told(
    service: Service, path: str
) -> None:
    chapter = await get(service, f"{path}/chapters/1")
    fields = ("title", "objectives")
    mine = {name: chapter[name] for name in fields} | {
        "sections": [
            {"heading": each["heading"], "markdown": f"{each['markdown']}\n\nMine <b>too</b>."}
            for each in chapter["sections"]
        ]
    }

    async def put(title: str) -> Any:
        return await service.client.put(
            f"{path}/chapters/1",
            json={"chapter": mine | {"title": title}},
            headers={"If-Match": f'"{chapter["version"]}"'},
        )

    answers = await asyncio.gather(*(put(f"Writer {number}") for number in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]
    for answer in answers:
        if answer.status_code == 412:
            told = problem(answer, 412)
            assert told["type"] == "stale"
            assert "version 1" in told["title"]

    after = await get(service, f"{path}/chapters/1")
    assert after["version"] == 2
    assert after["sections"][0]["edited"]
    page = (await service.client.get(path.removeprefix("/api"))).text
    assert "edited by hand" in page
    assert "<b>too</b>" not in page
    pieces = {each["key"]: each for each in (await service.client.get(f"{path}/pieces")).json()}
    assert pieces["chapter/1"]["edited"]
    refused = await service.client.post(f"{path}/pieces/chapter/1/regenerate")
    assert "overwrite" in problem(refused, 409)["hint"]
    answer = await service.client.post(
        f"{path}/pieces/chapter/1/regenerate", json={"overwrite": True}
    )
    assert answer.status_code == 202


async def test_the_gate_says_what_it_refuses_and_is_overruled(service: Service, path: str) -> None:
    found = await get(service, f"{path}/chapters/1/flashcards")
    items = [card(item) for item in found["items"]]
    items[1]["back"] = "word " * 70
    url = f"{path}/chapters/1/flashcards"

    refused = problem(await service.client.put(url, json={"items": items, "version": 1}), 422)
    assert refused["type"] == "refused"
    (told,) = [each for each in refused["errors"] if each["rule"] == "card-back"]
    assert told["field"] == "items.1"
    assert "70 words" in told["problem"]
    assert "overrule" in refused["hint"]
    assert await get(service, url) == found

    answer = await service.client.put(url, json={"items": items, "version": 1, "overrule": True})
    assert "card-back" in {each["rule"] for each in answer.json()["overruled"]}
    stored = (await get(service, url))["items"][1]
    assert "card-back" in {each["rule"] for each in stored["overruled"]}
    page = (await service.client.get(path.removeprefix("/api"))).text
    assert "published against the question gate" in page


async def test_questions_and_terms_are_changed(service: Service, path: str) -> None:
    url = f"{path}/chapters/2/questions"
    found = await get(service, url)
    names = ("id", "stem", "options", "key", "explanation", "objective")
    items = [{name: item[name] for name in names} for item in found["items"]]
    answer = await service.client.put(url, json={"items": items[1:]}, headers={"If-Match": 'W/"1"'})
    assert answer.status_code == 200, answer.text
    assert len((await get(service, url))["items"]) == len(items) - 1

    url = f"{path}/chapters/2/glossary"
    terms = [
        {name: item[name] for name in ("id", "term", "definition")}
        for item in (await get(service, url))["items"]
    ]
    terms.reverse()
    answer = await service.client.put(url, json={"items": terms, "version": 1})
    assert answer.status_code == 200, answer.text
    after = (await get(service, url))["items"]
    assert [item["id"] for item in after] == [item["id"] for item in terms]
    assert not any(item["edited"] for item in after)


async def test_revisions_are_listed_viewed_and_undone(service: Service, path: str) -> None:
    url = f"{path}/chapters/1/flashcards"
    before = await get(service, url)
    await service.client.put(url, json={"items": [], "version": 1})

    (listed,) = (await service.client.get(f"{path}/revisions")).json()
    assert listed["cause"] == "edit"
    whole = (await service.client.get(f"{path}/revisions/{listed['id']}")).json()
    assert len(whole["content"]) == len(before["items"])
    undo = f"{path}/revisions/{listed['id']}/undo"
    problem(await service.client.post(undo), 422)
    problem(await service.client.post(undo, json={"version": 1}), 412)
    answer = await service.client.post(undo, headers={"If-Match": '"2"'})
    assert answer.json()["version"] == 3
    assert (await get(service, url))["items"] == before["items"]
    problem(await service.client.get(f"{path}/revisions/{2**62}"), 404)
    problem(await service.client.get(f"{path}/revisions/{2**64}"), 422)


@pytest.mark.parametrize("evil", EVIL)
async def test_what_cannot_be_seen_is_not_taken(service: Service, path: str, evil: str) -> None:
    bodies: dict[str, Any] = {
        "chapters/1": {"chapter": {"title": evil, "sections": [{"markdown": "m"}]}},
        "chapters/2": {"chapter": {"title": "t", "sections": [{"markdown": evil}]}},
        "chapters/1/flashcards": {"items": [{"front": evil, "back": "b"}], "overrule": True},
        "chapters/1/glossary": {"items": [{"term": "t", "definition": evil}], "overrule": True},
        "chapters/1/questions": {
            "items": [{"stem": "s", "options": ["a", evil, "c", "d"], "key": 0}],
            "overrule": True,
        },
        "outline": {"outline": {"title": "t", "chapters": [{"title": evil}]}},
    }
    for where, body in bodies.items():
        answer = await service.client.put(f"{path}/{where}", json=body | {"version": 1})
        assert "cannot be seen" in problem(answer, 422)["title"], where


async def test_what_is_no_change_is_refused(service: Service, path: str) -> None:
    question = {"stem": "s", "options": ["a", "b"], "key": 2}
    for where, body in (
        ("chapters/1", {}),
        ("chapters/1", {"chapter": {"title": " ", "sections": [{"markdown": "m"}]}}),
        ("chapters/1", {"chapter": {"title": "t", "sections": []}}),
        ("chapters/1", {"chapter": {"title": "t" * 201, "sections": [{"markdown": "m"}]}}),
        ("chapters/1", {"chapter": {"title": "t", "sections": [{"markdown": "m" * 100_001}]}}),
        ("chapters/1/questions", {"items": [question]}),
        ("chapters/1/flashcards", {"items": [{"front": "f", "back": "b", "owner": "x"}]}),
        ("chapters/1/flashcards", {"items": [{"front": "f", "back": "b"}] * 201}),
        ("chapters/0", {"chapter": {"title": "t", "sections": [{"markdown": "m"}]}}),
        ("outline", {"outline": {"title": "t", "chapters": []}}),
        (
            "outline",
            {"outline": {"title": "t", "chapters": [{"title": f"{n}"} for n in range(61)]}},
        ),
        ("outline", {"outline": {"title": "t", "chapters": [{"title": "a"}, {"title": "A"}]}}),
    ):
        problem(await service.client.put(f"{path}/{where}", json={**body, "version": 1}), 422)
    chapter = {"chapter": {"title": "t", "sections": [{"markdown": "m"}]}}
    problem(await service.client.put(f"{path}/chapters/1", json=chapter), 422)
    for tag in ("*", '"x"', '"-1"', '"99999999999"'):
        answer = await service.client.put(
            f"{path}/chapters/1", json=chapter, headers={"If-Match": tag}
        )
        problem(answer, 422)
    problem(await service.client.put(f"{path}/chapters/9", json=chapter | {"version": 1}), 404)
    problem(await service.client.get(f"{path}/chapters/9/flashcards"), 404)


async def test_half_a_surrogate_is_no_text(service: Service, path: str) -> None:
    body = b'{"items": [{"front": "\\ud800", "back": "b"}], "version": 1, "overrule": true}'
    answer = await service.client.put(
        f"{path}/chapters/1/flashcards",
        content=body,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 422


_NOTES = "# Quanta\n\n" + " ".join(
    f"A **quant{letter}** is a made-up thing of kind {letter} that stands in this text alone."
    for letter in "abcdefghijklmnopqrst"
)
