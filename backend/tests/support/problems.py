"""Answers that tell of a problem."""

from typing import Any


def problem(answer: Any, status: int) -> dict[str, Any]:
    """The problem details of an answer, checked for their form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == status
    assert found["title"]
    return found
