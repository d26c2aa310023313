"""The only place that wires things together: settings in, a running application out."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

import structlog

from coursewright import __version__
from coursewright.accounts.directory import Directory, Times
from coursewright.accounts.fetching import fetcher
from coursewright.accounts.jwks import KeySet
from coursewright.accounts.mode import Mode, mode_of
from coursewright.accounts.supabase import Tokens
from coursewright.authors.author import Author
from coursewright.authors.builtin import BuiltinAuthor
from coursewright.authors.model import ModelAuthor, calls_of
from coursewright.course.brief import Brief
from coursewright.course.errors import Conflict, CoursewrightError, NotConfigured
from coursewright.database import embedded, model_calls, quota, retention, schema_state, users
from coursewright.database.migrate import migrate
from coursewright.database.model_answers import KeptAnswers
from coursewright.database.model_calls import Spent
from coursewright.database.outage import Revive, Waiting, retrying
from coursewright.database.pool import Database
from coursewright.database.quota import PostgresQuota
from coursewright.database.retention import Keep
from coursewright.database.schema_state import Ahead
from coursewright.files import open_store
from coursewright.generation.allowance import Allowance
from coursewright.generation.commands import Commands
from coursewright.generation.editing import Editing
from coursewright.generation.files import Files
from coursewright.generation.gather import Gatherer
from coursewright.generation.materials import Materials
from coursewright.generation.progress import Progress
from coursewright.generation.queue import PieceQueue
from coursewright.generation.reading import Reading
from coursewright.generation.sharing import TOKEN_BYTES, Sharing
from coursewright.generation.work import Work
from coursewright.generation.workflow import Workflow
from coursewright.keys.credentials import ConflictingProjects, Credentials, from_environment
from coursewright.keys.limits import UnusableLimits
from coursewright.metrics import Metrics
from coursewright.providers.budget import Budget
from coursewright.providers.call_plan import CallPlan, plan_calls
from coursewright.providers.key_table import KeyRow
from coursewright.providers.ledger import Entry
from coursewright.providers.names import UnusableModelName
from coursewright.providers.opening import Config, Providers, open_providers, usable
from coursewright.providers.scope import Scope
from coursewright.settings import Settings, config_of, env_file_values
from coursewright.sources import Limits
from coursewright.study import Study
from coursewright.tracing import Tracing, open_tracing

log = structlog.get_logger()

LOCAL_OWNER = UUID("00000000-0000-4000-8000-000000000001")
"""The one user of a service that only this machine can reach."""

_BUSY, _WAITING = 8, 128
"""Pieces at a time: the built-in author keeps processors busy, models keep us waiting."""
_PATIENCE = 30.0
"""Seconds that a database is waited for which does not answer yet."""
_SWEEP_SECONDS = 600

_SWEPT_EVERY = timedelta(hours=1)
"""By whichever of all workers looks first."""

Working = Literal["always", "if_free", "never"]
"""Whether this process makes pieces: it must, it may (when no other does), it does not."""


@dataclass(frozen=True, kw_only=True)
class Application:
    """Everything that the command line and the HTTP service stand on."""

    settings: Settings
    credentials: Credentials
    database: Database
    author: Author
    providers: Providers | None
    """None where the built-in author writes."""
    commands: Commands
    editing: Editing
    sharing: Sharing
    reading: Reading
    study: Study
    gatherer: Gatherer
    accounts: Directory
    tokens: Tokens | None
    """Where Supabase signs people in."""
    mode: Mode
    """How whoever asks over HTTP is known. The command line is the owner's."""
    files: Files
    owner: UUID
    lock: embedded.ServiceLock | None
    """Held by a process that makes pieces on the embedded database."""
    works: bool
    """Whether this process makes pieces. Where it does not, they wait for one that does."""
    metrics: Metrics
    tracing: Tracing
    work: Work | None = None
    """What makes the pieces of this process."""

    async def check_schema(self) -> None:
        """Raises `NotConfigured` where the database lacks what the program needs.

        One that a newer program has brought on is borne while we run: so all processes can be
        upgraded one after the other.
        """
        with suppress(Ahead):
            await schema_state.check(self.database)

    async def plan(self, brief: Brief) -> CallPlan | None:
        """How many model calls a course needs; None where no model writes."""
        if self.providers is None:
            return None
        pool, chains = self.providers.pool, self.providers.asker.chains
        await pool.catch_up(
            (service, name.provider, name.model)
            for service, chain in chains.items()
            for name in chain
        )
        return plan_calls(pool, chains, *calls_of(brief))

    async def key_rows(self) -> list[KeyRow]:
        """How every key stands; none where no model writes."""
        if self.providers is None:
            return []
        return await self.providers.key_rows(await quota.last_minute(self.database))

    async def spent(self, user_id: UUID, course_id: UUID) -> Spent:
        """What the model calls of a course took, those that have only just ended included."""
        if self.providers is not None:
            await self.providers.ledger.written()
        return await self.reading.spent(user_id, course_id)

    @property
    def served_at(self) -> str | None:
        """The address of another process that serves the same courses."""
        if self.lock is not None or not self.settings.embedded:
            return None
        return embedded.service_address(self.settings.data_dir)


@asynccontextmanager
async def open_application(
    settings: Settings, *, working: Working, command: str
) -> AsyncGenerator[Application]:
    """Opens everything, works in the background if it is to, and closes everything.

    Args:
        settings: as loaded.
        working: whether this process makes pieces.
        command: what a person typed after `coursewright`, for whoever comes second.

    Raises:
        Conflict: `working` is "always", and another process does so on the same data folder.
        OperatorError: the database cannot be started or reached.
    """
    async with AsyncExitStack() as stack:
        credentials = load_credentials()
        config = models_config(settings)
        by_model = writes_by_model(settings, credentials, config)
        concurrency = settings.concurrency or (_WAITING if by_model else _BUSY)
        url, lock, revive = await _database(settings, working, command, stack)
        works = working != "never" and (lock is not None or not settings.embedded)
        database = await retrying(
            partial(Database.open, url, max_size=settings.database_connections),
            on_wait=_say_waiting,
            # Whoever serves may have been started together with its database.
            give_up_after=_PATIENCE if command in {"serve", "worker"} else 0.0,
        )
        stack.push_async_callback(database.close)
        if not settings.embedded:
            await schema_state.check(database)
        metrics = Metrics()
        tracing = open_tracing(settings.otlp_endpoint, version=__version__)
        stack.callback(tracing.close)

        def told(entry: Entry) -> None:
            metrics.call(entry)
            tracing.call(entry)

        queue = PieceQueue(database.pool)
        await queue.open()
        stack.push_async_callback(queue.close)
        accounts = _directory(settings, database)
        tokens = _tokens(settings)
        mode = mode_of(settings.auth, supabase=tokens is not None, accounts=await accounts.exist())
        if mode is not Mode.SUPABASE or await users.are_ours(database):
            await users.ensure(database, LOCAL_OWNER)
        providers = None
        if by_model:
            providers = await stack.enter_async_context(
                open_providers(
                    config,
                    credentials,
                    answers=KeptAnswers(database, me=uuid4()),
                    write=model_calls.writer(database),
                    owner=LOCAL_OWNER,
                    budget=_budget(settings, database),
                    shared=PostgresQuota(database, worker=uuid4()),
                    told=told,
                )
            )
        application, workflow = _wire(
            settings,
            credentials,
            database,
            queue,
            providers,
            lock,
            revive,
            metrics,
            tracing,
            works=works,
            accounts=accounts,
            tokens=tokens,
            mode=mode,
        )
        if works and providers is not None:
            asyncio.get_running_loop().run_in_executor(None, providers.models.preload)
        if works:
            work = Work(
                queue,
                workflow,
                concurrency=concurrency,
                alone=lock is not None,
                revive=revive,
                tidy=lambda: _tidy(database, keep_of(settings)),
            )
            application = replace(application, work=work)
            task = asyncio.create_task(work.run(), name="worker")
            stack.push_async_callback(_stop, task)
            await application.files.ensure_key()
            sweeping = asyncio.create_task(_sweep(application.files), name="sweep of files")
            stack.push_async_callback(_stop, sweeping)
        yield application


async def _sweep(files: Files) -> None:
    """Deletes the bytes of files that nobody holds any more, now and then, whatever happens."""
    while True:
        try:
            await files.sweep()
        except CoursewrightError as error:
            log.warning("files could not be swept", error=error.message)
        await asyncio.sleep(_SWEEP_SECONDS)


async def _database(
    settings: Settings, working: Working, command: str, stack: AsyncExitStack
) -> tuple[str, embedded.ServiceLock | None, Revive | None]:
    """The database's address, our lock on the work, and how to start the database again."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value(), None, None
    server = await embedded.start(settings.data_dir)
    stack.push_async_callback(server.stop)
    lock = None
    if working != "never":
        lock = _lock(server.data_dir, working, command)
    if lock is not None:
        stack.callback(lock.release)
    await migrate(server.admin_url())
    await server.let_app_in()
    return server.url(), lock, server.ensure_running


@asynccontextmanager
async def open_admin(settings: Settings, *, alone: str | None) -> AsyncGenerator[str]:
    """The address of the database for a login that may do everything, for backups.

    `alone`: what a person typed, where no other process may work on an embedded database.
    """
    url = settings.admin_database_url or settings.database_url
    if url is not None:
        yield url.get_secret_value()
        return
    async with AsyncExitStack() as stack:
        server = await embedded.start(settings.data_dir)
        stack.push_async_callback(server.stop)
        if alone is not None:
            stack.callback(embedded.acquire_service_lock(server.data_dir, alone).release)
            await migrate(server.admin_url())
            await server.let_app_in()
        yield server.admin_url()


async def migrate_database(settings: Settings) -> list[str]:
    """Brings an external database up to date; returns the names of what was applied."""
    url = settings.admin_database_url or settings.database_url
    if url is None:
        raise NotConfigured(
            "DATABASE_URL is not set: the embedded database is brought up to date by itself",
            hint="Set DATABASE_URL to the Postgres that is meant.",
        )
    return await migrate(url.get_secret_value())


def models_config(settings: Settings) -> Config:
    """What the settings say of models. Raises `NotConfigured` for what cannot be understood."""
    try:
        return config_of(settings)
    except (UnusableModelName, UnusableLimits) as error:
        raise NotConfigured(
            f"settings are not usable: {error}",
            hint="Mend COURSEWRIGHT_MODEL..., COURSEWRIGHT_LIMITS in the environment or in .env.",
        ) from None


def writes_by_model(settings: Settings, credentials: Credentials, config: Config) -> bool:
    """Whether a model writes. Raises `NotConfigured` where one is wanted that cannot."""
    can = usable(config.chains, credentials, config.endpoints)
    if settings.author == "model" and not can:
        raise NotConfigured(
            "a model is to write, but not every service has one with a key",
            hint="Set GEMINI_API_KEY or GROQ_API_KEY, or COURSEWRIGHT_OPENAI_URL and"
            " COURSEWRIGHT_MODEL=openai:MODEL for a server of your own.",
        )
    return can and settings.author != "builtin"


def _directory(settings: Settings, database: Database) -> Directory:
    return Directory(
        database,
        times=Times(
            idle=timedelta(hours=settings.session_idle_hours),
            longest=timedelta(days=settings.session_days),
        ),
        now=lambda: datetime.now(UTC),
        new_id=uuid4,
    )


def _tokens(settings: Settings) -> Tokens | None:
    """What verifies tokens of Supabase, where one is configured."""
    url, secret = settings.supabase_url, settings.supabase_jwt_secret
    if url is None and secret is None:
        return None
    fetch = None if url is None else fetcher(f"{url}/auth/v1/.well-known/jwks.json")
    return Tokens(
        keys=None if fetch is None else KeySet(fetch, now=time.monotonic),
        secret=None if secret is None else secret.get_secret_value(),
        issuer=None if url is None else f"{url}/auth/v1",
        now=time.time,
    )


def _budget(settings: Settings, database: Database) -> Budget | None:
    if settings.max_cost_per_course is None:
        return None

    async def spent(scope: Scope) -> Decimal:
        async with database.as_service(scope.user_id) as conn:
            return (await model_calls.of_course(conn, scope.course_id)).cost_usd

    return Budget(settings.max_cost_per_course, spent)


def _say_waiting(waiting: Waiting) -> None:
    if waiting.attempt == 1:
        log.warning("waiting for the database", reason=waiting.reason, seconds=_PATIENCE)


def _wire(
    settings: Settings,
    credentials: Credentials,
    database: Database,
    queue: PieceQueue,
    providers: Providers | None,
    lock: embedded.ServiceLock | None,
    revive: Revive | None,
    metrics: Metrics,
    tracing: Tracing,
    *,
    works: bool,
    accounts: Directory,
    tokens: Tokens | None,
    mode: Mode,
) -> tuple[Application, Workflow]:
    def now() -> datetime:
        return datetime.now(UTC)

    async def admit(brief: Brief) -> None:
        if plan := await application.plan(brief):
            plan.check()

    author = ModelAuthor(providers.asker) if providers else BuiltinAuthor()
    progress = Progress(queue, now=now)
    application = Application(
        settings=settings,
        credentials=credentials,
        database=database,
        author=author,
        providers=providers,
        commands=Commands(
            database,
            progress,
            author,
            now=now,
            new_id=uuid4,
            admit=admit,
            allowance=allowance_of(settings),
        ),
        editing=Editing(database, progress, author, now=now, allowance=allowance_of(settings)),
        sharing=Sharing(database, now=now, new_token=partial(secrets.token_urlsafe, TOKEN_BYTES)),
        reading=Reading(database),
        study=Study.on(database, now=now, new_id=uuid4),
        gatherer=Gatherer(limits_of(settings), needs_sources=providers is None),
        accounts=accounts,
        tokens=tokens,
        mode=mode,
        files=Files(
            database, open_store(settings.files_url, settings.data_dir), now=now, new_id=uuid4
        ),
        owner=LOCAL_OWNER,
        lock=lock,
        works=works,
        metrics=metrics,
        tracing=tracing,
    )
    return application, Workflow(
        database,
        progress,
        Materials(database),
        author,
        now=now,
        revive=revive,
        told=metrics,
        tracing=tracing,
    )


def load_credentials() -> Credentials:
    """The API keys in the environment and in the file `.env`.

    Raises `NotConfigured` where the projects that are named for them contradict each other.
    """
    try:
        return from_environment({**env_file_values(), **os.environ})
    except ConflictingProjects as error:
        raise NotConfigured(
            str(error), hint="Name one project for the key, or remove all but one of these."
        ) from None


def limits_of(settings: Settings) -> Limits:
    """How large a source may be."""
    return Limits(
        max_bytes=settings.max_source_mb * 1_000_000,
        max_pages=settings.max_source_pages,
        seconds=settings.source_seconds,
    )


def keep_of(settings: Settings) -> Keep:
    """How long things are kept."""
    return Keep(
        events_days=settings.keep_events_days,
        calls_days=settings.keep_calls_days,
        ended_days=settings.keep_ended_days,
    )


def allowance_of(settings: Settings) -> Allowance:
    """What each user may order."""
    megabytes = settings.upload_mb_a_day
    return Allowance(
        courses_a_day=settings.courses_a_day,
        courses_at_once=settings.courses_at_once,
        upload_bytes_a_day=None if megabytes is None else megabytes * 1_000_000,
        usd_a_day=settings.usd_a_day,
    )


def _lock(data_dir: Path, working: Working, command: str) -> embedded.ServiceLock | None:
    try:
        return embedded.acquire_service_lock(data_dir, command)
    except Conflict:
        if working == "always":
            raise
        return None


async def _tidy(database: Database, keep: Keep) -> None:
    if await retention.is_due(database, every=_SWEPT_EVERY):
        swept = await retention.sweep(database, keep, now=datetime.now(UTC))
        log.info("swept", **swept.model_dump())


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
