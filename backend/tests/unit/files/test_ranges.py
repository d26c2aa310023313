"""`Range` by RFC 9110, section 14, and what no honest client sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursewright.files.ranges import Part, etag_matches, parse


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-0", [Part(0, 1)]),
        ("bytes=0-9", [Part(0, 10)]),
        ("bytes=0-99", [Part(0, 10)]),
        ("bytes=4-", [Part(4, 10)]),
        ("bytes=-3", [Part(7, 10)]),
        ("bytes=-99", [Part(0, 10)]),
        ("Bytes = 1-2", [Part(1, 3)]),
        ("bytes=0-1, 4-5,-1", [Part(0, 2), Part(4, 6), Part(9, 10)]),
        ("bytes=0-1,,3-3,", [Part(0, 2), Part(3, 4)]),
        ("bytes=0-1,50-", [Part(0, 2)]),
        # nothing of it is there
        ("bytes=10-", []),
        ("bytes=10-20,30-40", []),
        ("bytes=-0", []),
        ("bytes=999999999999999999-", []),
        # not to be heeded
        ("", None),
        ("bytes", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=a-b", None),
        ("bytes=1-2,x", None),
        ("bytes=--5", None),
        ("bytes=1--5", None),
        ("bytes=+1-5", None),
        ("bytes=١-٣", None),
        ("bytes=0x1-0x5", None),
        ("bytes=1.0-2", None),
        ("lines=0-1", None),
        ("bytes=" + "9" * 5000 + "-", None),
        ("bytes=" + ",".join(["0-0"] * 17), None),
        ("bytes=0-9,0-9", None),
        ("bytes=0-,0-,0-,0-,0-", None),
        ("bytes=" + "," * 100_000, None),
    ],
)
def test_ranges_are_read_as_the_standard_says(header: str | None, expected: object) -> None:
    assert parse(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=-5", "bytes=1-"])
def test_nothing_of_an_empty_file_can_be_had_in_parts(header: str) -> None:
    assert parse(header, 0) == []


@given(header=st.text(alphabet="bytes=0123456789-, ", max_size=60), size=st.integers(0, 10**12))
def test_whatever_is_asked_for_no_byte_beyond_the_file_is_sent(header: str, size: int) -> None:
    parts = parse(header, size)
    for part in parts or []:
        assert 0 <= part.start < part.end <= size
    assert sum(part.size for part in parts or []) <= size


def test_entity_tags_are_compared_as_if_none_match_does() -> None:
    assert etag_matches('"a"', '"a"')
    assert etag_matches('"b", W/"a"', '"a"')
    assert etag_matches("*", '"a"')
    assert not etag_matches('"b"', '"a"')
    assert not etag_matches("a", '"a"')
    assert not etag_matches('W/"a"', '"a"', weak=False)
