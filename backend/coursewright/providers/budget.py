"""A limit on what a course may cost."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

from coursewright.course.errors import OverBudget
from coursewright.providers.scope import Scope


@dataclass(frozen=True)
class Budget:
    """Looks into the ledger before a model is asked.

    Calls that are under way are not in it yet: what they cost may go beyond the limit.
    """

    most: Decimal
    """US dollars a course."""
    spent: Callable[[Scope], Awaitable[Decimal]]

    async def check(self, scope: Scope) -> None:
        """Raises `OverBudget` when the course of `scope` has used up what it may cost."""
        spent = await self.spent(scope)
        if spent >= self.most:
            raise OverBudget(
                f"the course has cost ${spent:.4f} at list prices; the limit is ${self.most:f}",
                hint="Raise COURSEWRIGHT_MAX_COST_PER_COURSE, then resume the course:"
                " what is made is kept.",
            )
