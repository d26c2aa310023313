"""Databases for a moment on the server of the test process."""

import contextlib
from collections.abc import Generator
from uuid import uuid4

import psycopg
from psycopg import sql

from coursewright.database.embedded import EmbeddedPostgres


@contextlib.contextmanager
def copied(postgres: EmbeddedPostgres, template: str) -> Generator[str]:
    """A database for a moment, copied from another one."""
    name = f"test_{uuid4().hex}"
    identifiers = (sql.Identifier(name), sql.Identifier(template))
    with admin(postgres) as connection:
        connection.execute(sql.SQL("create database {} template {}").format(*identifiers))
    yield name
    with admin(postgres) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def admin(postgres: EmbeddedPostgres) -> psycopg.Connection:
    """A superuser's connection."""
    return psycopg.connect(postgres.admin_url("postgres"), autocommit=True)
