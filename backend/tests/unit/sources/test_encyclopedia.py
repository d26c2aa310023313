"""The encyclopedia without its data; with the extra installed, see the integration tests."""

from coursewright.sources import encyclopedia


def test_a_language_without_entries_covers_nothing() -> None:
    assert not encyclopedia.available("xx")
    assert encyclopedia.entries("xx") == {}
    assert encyclopedia.find("Optics", "xx") == ()
