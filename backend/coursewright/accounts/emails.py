"""E-mail addresses as the names of accounts."""

import re
import unicodedata

from coursewright.course.errors import BadRequest

LONGEST = 254
"""RFC 5321, 4.5.3.1.3: a path of 256 octets, less its two angle brackets."""
_FORM = re.compile(r"[^\s@<>\"(),;:\\\[\]]+@[^\s@<>\"(),;:\\\[\]]+")


def normalise(address: str) -> str:
    """The address as it is compared and stored: composed, in lower case, without blanks around it.

    Whether mail arrives there is not asked: nothing is sent. Raises `BadRequest`.
    """
    found = unicodedata.normalize("NFKC", address).strip().lower()
    if len(found) > LONGEST or not _FORM.fullmatch(found) or not found.isprintable():
        raise BadRequest(
            "that is not an e-mail address", hint="It looks like somebody@example.org."
        )
    return found
