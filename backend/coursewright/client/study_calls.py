"""The calls about study, as values. All but the beginning of a quiz do no harm twice."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from coursewright.client.answers import read_nothing, reader
from coursewright.client.calls import Call, CourseId, course_path, id_of
from coursewright.client.study_values import (
    Attempt,
    Dashboard,
    Finished,
    Marked,
    Outcome,
    Progress,
    Queue,
    Quiz,
    Review,
    ReviewCard,
    TakenBack,
)
from coursewright.course.memory import Rating

Id = UUID | str


def dashboard() -> Call[Dashboard]:
    """How study goes."""
    return Call(method="GET", path="/api/study", read=reader(Dashboard))


def due(limit: int, course_id: CourseId | None) -> Call[Queue]:
    """What comes next."""
    params = {"limit": str(limit)}
    if course_id is not None:
        params["course"] = id_of(course_id, "course")
    return Call(method="GET", path="/api/study/due", read=reader(Queue), params=params)


def card(card_id: Id) -> Call[ReviewCard]:
    """One card."""
    return Call(method="GET", path=_card(card_id), read=reader(ReviewCard))


def rate(
    card_id: Id, rating: Rating, elapsed_ms: int | None, review_id: Id | None
) -> Call[ReviewCard]:
    """A review. Its id is made once, so that it is one however often it is sent."""
    return Call(
        method="PUT",
        path=f"/api/study/reviews/{id_of(review_id or uuid4(), 'review')}",
        read=reader(ReviewCard),
        json={
            "card_id": id_of(card_id, "card"),
            "rating": int(rating),
            "elapsed_ms": elapsed_ms,
        },
    )


def send(reviews: Sequence[Review]) -> Call[list[Outcome]]:
    """Reviews that were made offline."""
    return Call(
        method="POST",
        path="/api/study/reviews",
        read=reader(list[Outcome]),
        json=[review.model_dump(mode="json") for review in reviews],
    )


def take_back(review_id: Id) -> Call[TakenBack]:
    """Takes a review back."""
    path = f"/api/study/reviews/{id_of(review_id, 'review')}"
    return Call(method="DELETE", path=path, read=reader(TakenBack))


def suspend(card_id: Id, *, suspended: bool) -> Call[ReviewCard]:
    """Sets a card aside, or lets it back in."""
    return Call(
        method="PUT" if suspended else "DELETE",
        path=f"{_card(card_id)}/suspension",
        read=reader(ReviewCard),
    )


def begin(course_id: CourseId, chapter: int | None) -> Call[Quiz]:
    """Begins a quiz; twice would be two."""
    return Call(
        method="POST",
        path=f"{course_path(course_id)}/quiz-attempts",
        read=reader(Quiz),
        json={"chapter": chapter},
        repeatable=False,
    )


def attempt(attempt_id: Id) -> Call[Attempt]:
    """One quiz."""
    return Call(method="GET", path=_attempt(attempt_id), read=reader(Attempt))


def answer(attempt_id: Id, question: Id, chosen: int) -> Call[Marked]:
    """One answer. The same twice in a row is one."""
    return Call(
        method="POST",
        path=f"{_attempt(attempt_id)}/answers",
        read=reader(Marked),
        json={"item": id_of(question, "question"), "chosen": chosen},
    )


def finish(attempt_id: Id, answers: Mapping[UUID, int], elapsed_ms: int | None) -> Call[Finished]:
    """Hands a quiz in."""
    return Call(
        method="POST",
        path=f"{_attempt(attempt_id)}/finish",
        read=reader(Finished),
        json={
            "answers": [
                {"item": id_of(item, "question"), "chosen": chosen}
                for item, chosen in answers.items()
            ],
            "elapsed_ms": elapsed_ms,
        },
    )


def progress(course_id: CourseId) -> Call[Progress]:
    """How far one is in a course."""
    return Call(method="GET", path=f"{course_path(course_id)}/progress", read=reader(Progress))


def complete(course_id: CourseId, chapter: int, *, completed: bool) -> Call[Progress]:
    """Marks a chapter as completed, or as not."""
    return Call(
        method="PUT" if completed else "DELETE",
        path=f"{course_path(course_id)}/chapters/{int(chapter)}/completion",
        read=reader(Progress),
    )


def read_on(course_id: CourseId, chapter: int, position: float, at: datetime | None) -> Call[None]:
    """Says where one is reading."""
    return Call(
        method="PUT",
        path=f"{course_path(course_id)}/position",
        read=read_nothing,
        json={"chapter": chapter, "position": position, "at": at and at.isoformat()},
    )


def _card(card_id: Id) -> str:
    return f"/api/study/cards/{id_of(card_id, 'card')}"


def _attempt(attempt_id: Id) -> str:
    return f"/api/quiz-attempts/{id_of(attempt_id, 'quiz')}"
