"""How long somebody who guesses passwords has to wait. Pure; what is counted is in the database."""

import hashlib
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from coursewright.course.base import Value


class Allowance(Value):
    """What may go wrong before there is a wait."""

    free: int
    """Failures without one."""
    longest: timedelta = timedelta(minutes=5)
    """The wait doubles from a second up to this."""
    forgotten: timedelta = timedelta(days=1)
    """After so long without a failure nothing is remembered."""


ACCOUNT = Allowance(free=10)
"""Some 300 guesses a day at one account, whoever makes them; its owner waits 5 minutes at most."""
NETWORK = Allowance(free=50)
"""Guesses at many accounts from one place. A class behind one address may mistype now and then."""


def wait(allowance: Allowance, failures: int, last: datetime, now: datetime) -> timedelta:
    """How long until the next attempt is allowed; zero when it is now.

    Args:
        allowance: which one applies.
        failures: attempts that failed in a row.
        last: when the last of them was.
        now: the time.
    """
    over = counted(allowance, failures, last, now) - allowance.free
    if over < 0:
        return timedelta(0)
    # 2 ** 20 seconds are longer than any limit; a greater power would only overflow.
    pause = min(timedelta(seconds=2 ** min(over, 20)), allowance.longest)
    # A last one in the future comes of clocks that differ; it makes nobody wait longer.
    return max(timedelta(0), min(last, now) + pause - now)


def counted(allowance: Allowance, failures: int, last: datetime, now: datetime) -> int:
    """How many failures still count."""
    return 0 if now - last >= allowance.forgotten else failures


def account(email: str) -> bytes:
    """What an account's attempts are counted by."""
    return hashlib.sha256(f"account {email}".encode()).digest()


def network(address: str) -> bytes:
    """What the attempts from an address are counted by.

    Of IPv6 the first 64 bits: whoever has one address of them has all (RFC 6177).
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return hashlib.sha256(b"network unknown").digest()
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return network(str(found.ipv4_mapped))
        return hashlib.sha256(b"network " + found.packed[:8]).digest()
    return hashlib.sha256(b"network " + found.packed).digest()
