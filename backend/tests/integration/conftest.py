"""A Postgres 15, the oldest that is supported, where the machine has one."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

BINARIES = Path("/usr/lib/postgresql/15/bin")
"""Where Debian's package postgresql-15 puts it."""


@pytest.fixture(scope="session")
def postgres15() -> Iterator[str]:
    """The address of its database `postgres`, for a superuser."""
    if not (BINARIES / "postgres").exists():
        pytest.skip(f"there is no Postgres 15 in {BINARIES} (package postgresql-15)")
    account: str | None = None
    if os.geteuid() == 0:
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam("postgres").pw_name
        if account is None:
            pytest.skip("Postgres does not run as root, and there is no account `postgres`")
    folder = Path(tempfile.mkdtemp(prefix="coursewright-15-"))
    if account is not None:
        shutil.chown(folder, account)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [BINARIES / program, "-D", folder / "data", *arguments],
            user=account,
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
    with (folder / "data" / "postgresql.conf").open("a") as conf:
        conf.write(f"listen_addresses = ''\nunix_socket_directories = '{folder}'\nfsync = off\n")
    run("pg_ctl", "start", "-w", "-l", str(folder / "log"))
    yield f"postgresql://postgres@/postgres?host={folder}"
    run("pg_ctl", "stop", "-w", "-m", "fast")
    shutil.rmtree(folder)


@pytest.fixture
def postgres15_url(postgres15: str) -> Iterator[str]:
    """The address of an empty database on it, for a superuser."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres15, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    yield postgres15.replace("/postgres?", f"/{name}?")
    with psycopg.connect(postgres15, autocommit=True) as admin:
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
