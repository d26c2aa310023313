"""Chance that is the same in every run: drawn from what a call is, never from when it arrives."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_BITS = 52  # what a float holds together with the half that is added


def unit(*parts: object) -> float:
    """A number above 0 and below 1, evenly spread over all `parts`."""
    text = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
    number = int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> (64 - _BITS)
    return (number + 0.5) / 2**_BITS


class Dice:
    """A row of draws that depends on the seed alone."""

    def __init__(self, *seed: object) -> None:
        self._seed = seed
        self._drawn = 0

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1; 0 when `limit` is 0."""
        self._drawn += 1
        return int(unit(*self._seed, self._drawn) * limit)

    def pick(self, items: Sequence[T]) -> T:
        """One of the items. Raises IndexError when there are none."""
        return items[self.below(len(items))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """All items in another order."""
        return [
            items[at] for _, at in sorted((self.below(1 << 30), at) for at in range(len(items)))
        ]
