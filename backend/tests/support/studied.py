"""Something of everything that a person can have in the service."""

from typing import Any
from uuid import uuid4

from support.service import Service
from unit.authors.samples import MONEY


async def have_studied(service: Service, course: str) -> dict[str, str]:
    """Ids of what somebody has done with a course, by their names in paths."""
    browser = service.client

    async def said(method: str, path: str, **sent: Any) -> Any:
        answer = await browser.request(method, path, **sent)
        assert answer.is_success, (path, answer.text)
        return answer.json() if answer.content else None

    cards = await said("GET", "/api/study/cards", params={"course": course})
    card = cards[0]["id"]
    review, result = str(uuid4()), str(uuid4())
    await said("PUT", f"/api/study/reviews/{review}", json={"card_id": card, "rating": 3})
    await said(
        "PUT",
        f"/api/courses/{course}/word-games/crossword/results/{result}",
        json={"score": 1, "total": 2, "elapsed_ms": 3},
    )
    attempt = await said("POST", f"/api/courses/{course}/quiz-attempts", json={"chapter": 1})
    ordered = await browser.post(
        "/api/courses/from-files",
        data={"topic": "Money", "chapters": "1"},
        files={"files": ("notes.md", MONEY.encode(), "text/markdown")},
    )
    assert ordered.status_code == 202, ordered.text
    await service.settled(ordered.json()["id"])
    files = await said("GET", f"/api/courses/{ordered.json()['id']}/files")
    share = await said("POST", f"/api/courses/{course}/shares")
    chapter = f"/api/courses/{course}/chapters/1"
    content = await said("GET", chapter)
    changed = {
        "title": "Changed by hand",
        "objectives": content["objectives"],
        "sections": [
            {name: section[name] for name in ("heading", "markdown")}
            for section in content["sections"]
        ],
    }
    await said("PUT", chapter, json={"chapter": changed, "version": content["version"]})
    revisions = await said("GET", f"/api/courses/{course}/revisions")
    return {
        "card_id": card,
        "review_id": review,
        "result_id": result,
        "attempt_id": attempt["id"],
        "file_id": files[0]["id"],
        "share_id": share["id"],
        "revision_id": str(revisions[0]["id"]),
    }
