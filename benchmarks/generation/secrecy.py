"""Looks for pieces of keys where none may be: files, tables, answers."""

import random
from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg
from psycopg import sql

_PIECE = 10
"""Characters. Fingerprints, which are shown, have 8, and are no part of a key."""
_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_GEMINI, _GROQ = "AI" + "za", "gs" + "k_"
_LONG, _SHORT = 35, 24


def made_up_keys(names: Iterable[str], seed: int) -> dict[str, str]:
    """A key for each variable. Half of Gemini's look like Google's, the others like no known key:
    those are redacted only by what knows them.
    """
    chance = random.Random(seed)  # noqa: S311 - they open nothing

    def key(number: int, name: str) -> str:
        plain = "".join(chance.choices(_CHARACTERS, k=_LONG if number % 2 == 0 else _SHORT))
        if name.startswith("GROQ"):
            return _GROQ + plain
        return _GEMINI + plain if number % 2 == 0 else plain

    return {name: key(number, name) for number, name in enumerate(names)}


class Search:
    """For any ten characters in a row of any of the keys, but for their well-known beginnings."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._pieces = {
            secret[at : at + _PIECE].encode(): name
            for name, secret in keys.items()
            for at in range(len(_GEMINI), len(secret) - _PIECE + 1)
        }
        self.found: set[tuple[str, str]] = set()
        """Where, and which key (by its variable)."""
        self.bytes_read = 0

    def look(self, where: str, text: bytes) -> None:
        """Notes what is found in `text`."""
        self.bytes_read += len(text)
        self.found |= {(where, name) for piece, name in self._pieces.items() if piece in text}

    def look_into(self, folder: Path) -> None:
        """Every file below `folder`, the database's own and its write-ahead log included."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.look(str(path.relative_to(folder)), path.read_bytes())

    def look_into_tables(self, connection: psycopg.Connection) -> int:
        """Every row of every table, as text: pages on disk may be packed. Returns how many rows."""
        tables = connection.execute(
            "select schemaname, tablename from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        rows = 0
        for schema, table in tables:
            query = sql.SQL("select to_jsonb(t)::text from {} t").format(
                sql.Identifier(schema, table)
            )
            for (row,) in connection.execute(query):
                rows += 1
                self.look(f"table {schema}.{table}", row.encode())
        return rows
