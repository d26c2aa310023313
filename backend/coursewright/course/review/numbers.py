"""Options that are numbers: their values, their units, their order."""

import re
from collections.abc import Sequence

_NUMBER = re.compile(
    r"^[~≈$€£¥]?\s*[-+−]?\d+(?:[.,   ]\d+)*"
    r"\s*(?P<unit>[%‰€£¥$]|°\s?[CFK]?|[^\d\W]{0,12}[²³]?(?:[/·][^\d\W]{1,6}[²³]?)?\.?)$"
)
_GROUPED_COMMA = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_GROUPED_POINT = re.compile(r"[-+]?\d{1,3}(?:\.\d{3})+(?:,\d+)?")


def is_number(option: str) -> bool:
    """Whether an option is one number, with a unit or without."""
    return _NUMBER.match(option.strip()) is not None


def comparable(options: Sequence[str]) -> bool:
    """Whether all are numbers of one unit: `500 m` and `1 km` cannot be put in order by code."""
    found = [_NUMBER.match(option.strip()) for option in options]
    units = {match["unit"].rstrip(".").casefold().removesuffix("s") for match in found if match}
    return all(found) and len(units) == 1


def in_order(options: Sequence[str]) -> bool:
    """Whether numbers go up or down, in one of the two ways to write thousands: 1,000 or 1.000."""
    readings = [[_value(option, points) for option in options] for points in (False, True)]
    return any(values in (sorted(values), sorted(values, reverse=True)) for values in readings)


def ordered(options: Sequence[str]) -> tuple[str, ...]:
    """Numbers of one unit, the smallest first; other options as they are."""
    if not comparable(options):
        return tuple(options)
    digits = [re.sub(r"[^0-9.,]", "", option) for option in options]
    # A point before three digits separates thousands where no other point says otherwise.
    points = any("." in each for each in digits) and all(
        _GROUPED_POINT.fullmatch(each) and not each.startswith("0")
        for each in digits
        if "." in each
    )
    return tuple(sorted(options, key=lambda option: _value(option, points)))


def _value(option: str, points: bool) -> float:  # noqa: FBT001 - one of two readings
    digits = re.sub(r"[^0-9.,−+-]", "", option).replace("−", "-")
    if points and _GROUPED_POINT.fullmatch(digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif not points and _GROUPED_COMMA.fullmatch(digits):
        digits = digits.replace(",", "")
    try:
        return float(digits.replace(",", ".").strip(".") or 0)
    except ValueError:
        return 0.0
