"""The whole course as one JSON file."""

import json

from coursewright.course.course import Course

SCHEMA_VERSION = 1
"""Grows when a reader of the file has to change."""


def export(course: Course) -> bytes:
    """UTF-8, indented; `coursewright_course` holds the version of the schema."""
    content = {"coursewright_course": SCHEMA_VERSION, **course.model_dump(mode="json")}
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
