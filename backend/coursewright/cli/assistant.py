"""The service that an assistant's tools stand on: the one that runs, or one of our own.

One process at a time makes the courses of a data folder. Where that one serves, it is used; else a
service is started here, on a free port of this machine. When either goes away, the next call finds
or starts another.
"""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Self

import structlog
import uvicorn

from coursewright.api.app import create_app
from coursewright.bootstrap import Application, open_application
from coursewright.cli.serve import bind
from coursewright.client import AsyncClient
from coursewright.course.errors import Conflict, CoursewrightError, NotConfigured
from coursewright.database import embedded
from coursewright.settings import Settings

log = structlog.get_logger()

_HOST = "127.0.0.1"


class Services:
    """Gives the client of a service, for as long as it is open."""

    def __init__(self, settings: Settings, *, url: str | None, token: str | None) -> None:
        """`url` names the service; without it, one is found or started."""
        self._settings = settings
        self._url = url
        self._token = token
        self._turn = asyncio.Lock()
        self._closed = False
        self._ready: asyncio.Future[AsyncClient] | None = None
        self._stop = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        # At once, so that what was interrupted goes on; errors are told to whoever calls first.
        self._begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends what was started; calls that come later are refused."""
        self._closed = True
        await self._end()

    async def connect(self) -> AsyncClient:
        """The client of a service that answers. Raises our errors where there is none."""
        async with self._turn:
            if self._closed:
                raise Conflict("the program is ending")
            ready = self._ready
            if ready is None or not await self._is_fit(ready):
                await self._end()
                ready = self._begin()
        # A call that is given up must not take the service with it.
        return await asyncio.shield(ready)

    def _begin(self) -> asyncio.Future[AsyncClient]:
        ready = self._ready = asyncio.get_running_loop().create_future()
        self._stop = asyncio.Event()
        self._keeper = asyncio.create_task(self._keep(ready, self._stop), name="service")
        return ready

    async def _end(self) -> None:
        keeper = self._keeper
        if keeper is not None:
            self._stop.set()
            await asyncio.wait([keeper])  # also where a signal asks for it a second time

    async def _keep(self, ready: asyncio.Future[AsyncClient], stop: asyncio.Event) -> None:
        """Opens and closes in one task, as what is opened asks for."""
        try:
            async with self._open() as client:
                ready.set_result(client)
                await stop.wait()
        except Exception as error:
            if ready.done():
                log.warning("the service ended badly", exc_info=error)
                return
            ready.set_exception(error)
            ready.exception()  # it may be that nobody asks

    async def _is_fit(self, ready: asyncio.Future[AsyncClient]) -> bool:
        if self._keeper is None or self._keeper.done():
            return False
        if not ready.done():
            return True
        if ready.exception() is not None:
            return False
        if self._url is not None:
            return True
        try:
            health = await ready.result().health()
        except CoursewrightError:
            return False
        return health.worker or not self._may_work()

    def _may_work(self) -> bool:
        """Whether nobody makes courses on the embedded database, so that we should."""
        if not self._settings.embedded:
            return False
        try:
            embedded.acquire_service_lock(self._settings.data_dir, "mcp").release()
        except Conflict:
            return False
        return True

    @asynccontextmanager
    async def _open(self) -> AsyncGenerator[AsyncClient]:
        if self._url is not None:
            async with AsyncClient(self._url, token=self._token) as client:
                yield client
            return
        async with open_application(
            self._settings, working="if_free", command="mcp"
        ) as application:
            address = application.served_at
            if address is None:
                async with _served(application) as own, AsyncClient(own, token=self._token) as used:
                    yield used
                return
        async with AsyncClient(address, token=self._token) as client:
            yield client


class _Server(uvicorn.Server):
    """One that leaves the signals to the program around it."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@asynccontextmanager
async def _served(application: Application) -> AsyncGenerator[str]:
    """Serves the application on the port that is set, or on a free one; its address."""
    try:
        listening = bind(_HOST, application.settings.port)
    except NotConfigured:
        listening = bind(_HOST, 0)
    address = f"http://{_HOST}:{listening.getsockname()[1]}"
    server = _Server(
        uvicorn.Config(
            create_app(application),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        if application.lock is not None:
            application.lock.announce(address)
        yield address
    finally:
        server.should_exit = True
        await asyncio.gather(task, return_exceptions=True)
        listening.close()
