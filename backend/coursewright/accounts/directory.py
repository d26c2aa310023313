"""The local accounts: adding, signing in and out, passwords. What is stored is in `database`."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter
from typing import TypeVar
from uuid import UUID

import anyio
import anyio.to_thread

from coursewright.accounts import emails, passwords, throttle, tokens
from coursewright.course.base import Value
from coursewright.course.errors import (
    BadRequest,
    NotFound,
    NotSignedIn,
    TooManyAttempts,
    WrongPassword,
)
from coursewright.database import accounts, attempts, personal
from coursewright.database.accounts import Account, Holder, Secret
from coursewright.database.pool import Database

T = TypeVar("T")

_HASHES_AT_ONCE = 2
"""Each takes 64 MiB and a processor: a flood of attempts waits here, and takes nothing else."""


class Times(Value):
    """How long a session lasts."""

    idle: timedelta
    """Since it was used last."""
    longest: timedelta
    """Since it began, however much it is used."""


class Directory:
    """The accounts of a database. The clock and the ids are passed in."""

    def __init__(
        self,
        database: Database,
        *,
        times: Times,
        now: Callable[[], datetime],
        new_id: Callable[[], UUID],
    ) -> None:
        self._database = database
        self._now = now
        self._new_id = new_id
        self.times = times
        self._limiter: anyio.CapacityLimiter | None = None

    async def exist(self) -> bool:
        """Whether there is any account."""
        async with self._database.as_system() as conn:
            return await accounts.exist(conn)

    async def everyone(self) -> list[Account]:
        """All accounts, for the operator."""
        async with self._database.as_system() as conn:
            return await accounts.everyone(conn)

    async def add(self, email: str, password: str, *, user_id: UUID | None = None) -> Holder:
        """A new account, of a user that is there already if `user_id` says so.

        Raises `BadRequest` (address or password not usable) and `Conflict` (there is one).
        """
        email = emails.normalise(email)
        passwords.check(password, email=email)
        hashed = await self._aside(partial(passwords.hashed, password))
        holder = Holder(user_id=user_id or self._new_id(), email=email)
        async with self._database.as_system() as conn:
            await accounts.add(
                conn, holder.user_id, email=email, password_hash=hashed, at=self._now()
            )
        return holder

    async def find(self, email: str) -> Holder:
        """The account with that address. Raises `NotFound`."""
        email = emails.normalise(email)
        async with self._database.as_system() as conn:
            found = await accounts.by_email(conn, email)
        if found is None:
            raise NotFound(
                f"there is no account for {email}", hint="`coursewright users list` shows all."
            )
        return Holder(user_id=found.user_id, email=found.email)

    async def sign_in(self, email: str, password: str, *, address: str) -> tuple[Holder, str]:
        """Begins a session: whose it is, and the token for the cookie.

        Args:
            email: as it was typed.
            password: as it was typed.
            address: of the network, whose attempts are counted as well.

        Raises:
            NotSignedIn: there is no such account, or the password is another one. Which of the
                two is told neither by words nor by the time that it takes.
            TooManyAttempts: whatever the password is.
        """
        try:
            email = emails.normalise(email)
        except BadRequest:
            email = ""
        await self._count(email, address)
        secret = None
        if email:
            async with self._database.as_system() as conn:
                secret = await accounts.by_email(conn, email)
        secret = await self._matching(secret, password, address=address)
        if secret is None:
            raise _refused()
        token = tokens.new_token()
        if not await self.begin(secret, token):
            raise _refused()
        return Holder(user_id=secret.user_id, email=secret.email), token

    async def begin(self, secret: Secret, token: str) -> bool:
        """Begins a session of an account whose password was verified as `secret` has it."""
        known = tokens.fingerprint(token)
        if known is None:
            return False
        async with self._database.as_system() as conn:
            return await accounts.begin_session(
                conn,
                secret,
                token=known,
                at=self._now(),
                idle=self.times.idle,
                longest=self.times.longest,
            )

    async def whose(self, token: str) -> Holder | None:
        """Whose session it is; None when it has ended."""
        known = tokens.fingerprint(token)
        if known is None:
            return None
        async with self._database.as_system() as conn:
            return await accounts.session_of(conn, known, at=self._now(), idle=self.times.idle)

    async def sign_out(self, token: str) -> None:
        """Ends this session."""
        known = tokens.fingerprint(token)
        if known is not None:
            async with self._database.as_system() as conn:
                await accounts.end_session(conn, known)

    async def sign_out_everywhere(self, user_id: UUID) -> int:
        """Ends all sessions; how many there were."""
        async with self._database.as_system() as conn:
            return await accounts.end_sessions(conn, user_id)

    async def confirm(self, user_id: UUID, password: str, *, address: str) -> Secret:
        """Makes sure that it is the user who asks. Raises `WrongPassword`, `TooManyAttempts`."""
        async with self._database.as_system() as conn:
            secret = await accounts.by_user(conn, user_id)
        await self._count(secret.email if secret else "", address)
        secret = await self._matching(secret, password, address=address)
        if secret is None:
            raise WrongPassword(
                "that is not your password", hint="Type the one that you signed in with."
            )
        return secret

    async def change_password(
        self, user_id: UUID, old: str, new: str, *, address: str, token: str
    ) -> None:
        """Changes the password and ends all other sessions than that of `token`.

        Raises `WrongPassword`, `TooManyAttempts`, and `BadRequest` for a new one that is no good.
        """
        secret = await self.confirm(user_id, old, address=address)
        passwords.check(new, email=secret.email)
        hashed = await self._aside(partial(passwords.hashed, new))
        async with self._database.as_system() as conn:
            done = await accounts.set_password(
                conn,
                user_id,
                password_hash=hashed,
                at=self._now(),
                keep=tokens.fingerprint(token),
                replacing=secret.password_hash,
            )
        if not done:
            raise WrongPassword(
                "the password was changed elsewhere just now", hint="Use that one, and try again."
            )

    async def set_password(self, email: str, new: str) -> Holder:
        """For the operator: sets a password and ends all sessions. Errors as in `add`, `find`."""
        holder = await self.find(email)
        passwords.check(new, email=holder.email)
        hashed = await self._aside(partial(passwords.hashed, new))
        async with self._database.as_system() as conn:
            await accounts.set_password(conn, holder.user_id, password_hash=hashed, at=self._now())
        return holder

    async def delete(self, user_id: UUID) -> bool:
        """Deletes a user with everything; whether the user itself is gone, too."""
        return await personal.delete(self._database, user_id)

    async def _count(self, email: str, address: str) -> None:
        """Counts an attempt before it is made, so that none of many at once gets by uncounted."""
        now = self._now()
        subjects = (
            (throttle.account(email), throttle.ACCOUNT),
            (throttle.network(address), throttle.NETWORK),
        )
        async with self._database.as_system() as conn:
            longest = timedelta(0)
            counts: list[tuple[bytes, int]] = []
            for subject, allowance in sorted(subjects, key=itemgetter(0)):
                known = await attempts.lock(conn, subject, at=now)
                longest = max(longest, throttle.wait(allowance, known.failures, known.last_at, now))
                failures = throttle.counted(allowance, known.failures, known.last_at, now)
                counts.append((subject, failures + 1))
            if longest > timedelta(0):
                seconds = math.ceil(longest.total_seconds())
                raise TooManyAttempts(
                    "too many attempts to sign in failed",
                    seconds=seconds,
                    hint=f"Try again in {seconds} seconds.",
                )
            for subject, failures in counts:
                await attempts.put(conn, subject, failures, at=now)
            await attempts.tidy(conn, before=now - 2 * throttle.NETWORK.forgotten)

    async def _matching(
        self, secret: Secret | None, password: str, *, address: str
    ) -> Secret | None:
        """The account, with its hash as it is now, if that is its password."""
        known = secret.password_hash if secret else None
        same, renewed = await self._aside(partial(passwords.verified, password, known))
        if not same or secret is None:
            return None
        async with self._database.as_system() as conn:
            await attempts.forgive(
                conn, throttle.account(secret.email), throttle.network(address), at=self._now()
            )
            if renewed is None:
                return secret
            await accounts.renew_hash(conn, secret, renewed)
        return secret.model_copy(update={"password_hash": renewed})

    async def _aside(self, work: Callable[[], T]) -> T:
        """In a thread, a few at a time: nobody else's request waits for it."""
        self._limiter = self._limiter or anyio.CapacityLimiter(_HASHES_AT_ONCE)
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)


def _refused() -> NotSignedIn:
    return NotSignedIn(
        "the e-mail address or the password is not right",
        hint="Whoever runs this service can set a new password.",
    )
