"""Numbers within the bounds of a schema."""

import math
from fractions import Fraction
from typing import Any

from coursewright.emulator.chance import Dice
from coursewright.emulator.schemas import Schema

_SPREAD = 10
"""Numbers without an upper bound stay this close to the lower one."""


def choose_number(schema: Schema, dice: Dice, wish: int | None, *, whole: bool) -> float:
    """`wish` where the bounds allow it, else a number within. Raises ValueError when there is none.

    Bounds: minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf.
    """
    step = _exact(schema.get("multipleOf")) or Fraction(1 if whole else 0)
    if whole and step.denominator != 1:
        step = Fraction(step.numerator)  # the multiples of 3/2 that are whole are those of 3
    grid = step or Fraction(1, 100)
    low = _low(schema, grid)
    high = _high(schema, grid)
    if low is None:
        low = min(Fraction(1), high) if high is not None else Fraction(1)
        low = math.ceil(low / grid) * grid
        if high is not None and low > high:
            low = high
    if high is None:
        high = math.floor((low + _SPREAD) / grid) * grid
        high = max(high, low)
    if low > high:
        raise ValueError("no number fits the schema's bounds")
    if wish is not None and low <= wish <= high and not wish % grid:
        return wish
    made = low + dice.below(int((high - low) / grid) + 1) * grid
    return int(made) if whole else float(made)


def _low(schema: Schema, grid: Fraction) -> Fraction | None:
    bounds = [math.ceil(b / grid) * grid for b in [_exact(schema.get("minimum"))] if b is not None]
    above = _exact(schema.get("exclusiveMinimum"))
    if above is not None:
        bounds.append((math.floor(above / grid) + 1) * grid)
    return max(bounds, default=None)


def _high(schema: Schema, grid: Fraction) -> Fraction | None:
    bounds = [math.floor(b / grid) * grid for b in [_exact(schema.get("maximum"))] if b is not None]
    below = _exact(schema.get("exclusiveMaximum"))
    if below is not None:
        bounds.append((math.ceil(below / grid) - 1) * grid)
    return min(bounds, default=None)


def _exact(value: Any) -> Fraction | None:
    if value is None or isinstance(value, bool):
        return None
    return Fraction(str(value))
