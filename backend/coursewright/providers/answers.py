"""Where the answers of models are kept until their piece is stored: none is paid for twice."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Protocol

from coursewright.providers.request import Answer
from coursewright.providers.scope import Scope


class Answers(Protocol):
    """Answers by piece and question. They are deleted together with the piece's being settled."""

    async def find(self, scope: Scope, request_hash: str) -> Answer | None:
        """What was answered to that question; None when nothing was.

        While another process is asking it (`asking`), its answer is waited for.
        """
        ...

    def asking(self, scope: Scope, request_hash: str) -> AbstractAsyncContextManager[None]:
        """Lets other processes wait for the answer, as long as the block lasts."""
        ...

    async def keep(self, scope: Scope, request_hash: str, answer: Answer) -> None:
        """Before it is read: what cannot be read was still paid for."""
        ...

    async def drop(self, scope: Scope, request_hashes: Sequence[str]) -> None:
        """Forgets answers that turned out to be of no use."""
        ...


class NoAnswers:
    """Keeps nothing: for calls outside of any course, and for tools."""

    async def find(self, scope: Scope, request_hash: str) -> Answer | None:
        """Nothing."""
        del scope, request_hash

    def asking(self, scope: Scope, request_hash: str) -> AbstractAsyncContextManager[None]:
        """Nobody waits."""
        del scope, request_hash
        return nullcontext()

    async def keep(self, scope: Scope, request_hash: str, answer: Answer) -> None:
        """Not at all."""
        del scope, request_hash, answer

    async def drop(self, scope: Scope, request_hashes: Sequence[str]) -> None:
        """Nothing was kept."""
        del scope, request_hashes
