"""Fetching from real servers on this machine."""

import asyncio
import gzip
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from coursewright.course.errors import SourceError
from coursewright.course.sources import PassageKind, SourceKind
from coursewright.sources import Limits, read_source
from coursewright.sources.fetch import WebFetcher
from coursewright.sources.read import Fetched

Answer = Callable[["Handler"], None]

LIMITS = Limits(seconds=10, max_bytes=100_000)
PAGE = b"<!doctype html><html><body><main><h1>Light</h1><p>It is fast.</p></main></body></html>"


class Handler(BaseHTTPRequestHandler):
    """Answers each path as a test has laid down, and remembers what was asked."""

    answers: ClassVar[dict[str, Answer]] = {}
    asked: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.headers["Host"], self.path))
        self.answers[self.path.partition("?")[0]](self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base
        del format, args

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _sends(status: int, body: bytes = b"", **headers: str) -> Answer:
    return lambda handler: handler.send(status, body, **headers)


@pytest.fixture
def server() -> Iterator[int]:
    """The port of a web server on 127.0.0.1."""
    Handler.answers = {"/": _sends(200, PAGE, Content_Type="text/html; charset=utf-8")}
    Handler.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        listening.block_on_close = False
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield int(listening.server_address[1])
        listening.shutdown()
        thread.join()


def _fetcher(*addresses: str) -> WebFetcher:
    """Resolves every name to the local server, and counts that one address as public."""

    async def look_up(host: str, port: int) -> Sequence[str]:
        del port
        return [host] if host.startswith(("127.", "::", "10.")) else addresses or ["127.0.0.1"]

    return WebFetcher(look_up=look_up, allowed=lambda address: address == "127.0.0.1")


async def _fetch(url: str, limits: Limits = LIMITS) -> Fetched:
    return await _fetcher().fetch(url, limits=limits)


async def _refused(url: str, limits: Limits = LIMITS) -> SourceError:
    with pytest.raises(SourceError) as refused:
        await _fetch(url, limits)
    assert refused.value.hint
    return refused.value


async def test_a_page_becomes_a_document(server: int) -> None:
    url = f"http://site.example:{server}/"
    document = await read_source(url, limits=LIMITS, fetcher=_fetcher())
    assert (document.source.kind, document.source.origin) == (SourceKind.URL, url)
    assert (document.source.title, document.source.media_type) == ("Light", "text/html")
    assert [each.kind for each in document.passages] == [
        PassageKind.HEADING,
        PassageKind.PARAGRAPH,
    ]


async def test_the_server_is_told_the_name_though_its_address_is_connected_to(server: int) -> None:
    found = await _fetch(f"http://site.example:{server}/#part")
    assert found == Fetched(
        data=PAGE, media_type="text/html; charset=utf-8", url=f"http://site.example:{server}/"
    )
    assert Handler.asked == [(f"site.example:{server}", "/")]


async def test_a_name_is_looked_up_once_and_cannot_change_its_mind(server: int) -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]

    async def look_up(host: str, port: int) -> Sequence[str]:
        del host, port
        return answers.pop(0)

    fetcher = WebFetcher(look_up=look_up, allowed=lambda address: address == "127.0.0.1")
    assert (await fetcher.fetch(f"http://a.example:{server}/", limits=LIMITS)).data == PAGE
    assert answers == [["10.0.0.1"]]


async def test_the_next_address_is_tried_when_one_does_not_answer(server: int) -> None:
    async def look_up(host: str, port: int) -> Sequence[str]:
        del host, port
        return ["127.0.0.9", "127.0.0.1"]

    fetcher = WebFetcher(look_up=look_up, allowed=lambda address: address.startswith("127."))
    assert (await fetcher.fetch(f"http://a.example:{server}/", limits=LIMITS)).data == PAGE


async def test_redirects_are_followed_to_where_they_end(server: int) -> None:
    Handler.answers["/a"] = _sends(301, Location="/b?x=1")
    Handler.answers["/b"] = _sends(307, Location=f"http://other.example:{server}/")
    found = await _fetch(f"http://site.example:{server}/a")
    assert found.url == f"http://other.example:{server}/"
    assert found.data == PAGE


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("http://10.0.0.1/", "private network"),
        ("http://127.0.0.2/", "private network"),
        ("http://[::1]/", "private network"),
        ("//10.0.0.1/x", "private network"),
        ("file:///etc/passwd", "not file"),
        ("ftp://other.example/", "not ftp"),
        ("http://user:hunter2@other.example/", "carries a user name"),
    ],
)
async def test_a_redirect_to_where_we_may_not_go_is_refused(
    server: int, place: str, message: str
) -> None:
    Handler.answers["/away"] = _sends(302, Location=place)
    error = await _refused(f"http://site.example:{server}/away")
    assert message in error.message
    assert "hunter2" not in error.message
    assert len(Handler.asked) == 1


async def test_redirects_in_a_circle_end(server: int) -> None:
    Handler.answers["/loop"] = _sends(302, Location="/loop")
    error = await _refused(f"http://site.example:{server}/loop")
    assert "redirects more than 5 times" in error.message
    assert len(Handler.asked) == 6


@pytest.mark.parametrize(
    ("status", "message", "hint"),
    [
        (401, "asks for a password (401)", "give the file"),
        (403, "refuses to give it out (403)", "give the file"),
        (404, "no such page (404)", "Check the address"),
        (410, "is gone (410)", "archive"),
        (429, "too often (429)", "Wait"),
        (418, "gives no document (418)", "browser"),
        (500, "a fault of its own (500)", "later"),
        (503, "a fault of its own (503)", "later"),
        (204, "gives no document (204)", "browser"),
        (302, "gives no document (302)", "browser"),
    ],
)
async def test_an_answer_that_is_no_document_is_named(
    server: int, status: int, message: str, hint: str
) -> None:
    Handler.answers["/x"] = _sends(status)
    error = await _refused(f"http://site.example:{server}/x")
    assert message in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    "media_type",
    ["image/png", "video/mp4", "application/json; charset=utf-8", "TEXT/CSS", "text/csv"],
)
async def test_a_type_that_is_not_read_is_refused(server: int, media_type: str) -> None:
    Handler.answers["/x"] = _sends(200, b"body", Content_Type=media_type)
    error = await _refused(f"http://site.example:{server}/x")
    assert "which is not read" in error.message
    assert "Taken are PDF" in error.hint


async def test_a_picture_that_is_called_a_page_is_seen(server: int) -> None:
    Handler.answers["/x"] = _sends(200, b"\x89PNG\r\n\x1a\n" + bytes(99), Content_Type="text/html")
    with pytest.raises(SourceError, match="x is a picture"):
        await read_source(f"http://site.example:{server}/x", limits=LIMITS, fetcher=_fetcher())


async def test_an_empty_answer_is_refused(server: int) -> None:
    Handler.answers["/x.html"] = _sends(200, Content_Type="text/html")
    with pytest.raises(SourceError, match=r"x\.html is empty"):
        await read_source(f"http://site.example:{server}/x.html", limits=LIMITS, fetcher=_fetcher())


async def test_a_body_of_just_the_limit_is_taken_and_one_byte_more_is_not(server: int) -> None:
    Handler.answers["/fits"] = _sends(200, b"x" * 100_000)
    Handler.answers["/large"] = _sends(200, b"x" * 100_001)
    assert len((await _fetch(f"http://site.example:{server}/fits")).data) == 100_000
    error = await _refused(f"http://site.example:{server}/large")
    assert "more than 0.1 MB" in error.message


async def test_an_endless_body_is_cut_off(server: int) -> None:
    sent: list[int] = []

    def endless(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                sent.append(handler.wfile.write(b"x" * 65_536))
        except OSError:
            sent.append(-1)

    Handler.answers["/endless"] = endless
    assert "more than 0.1 MB" in (await _refused(f"http://site.example:{server}/endless")).message
    for _ in range(200):
        if sent[-1:] == [-1]:
            break
        await asyncio.sleep(0.01)
    assert sent[-1] == -1  # we hung up


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP"])
async def test_a_packed_answer_is_unpacked(server: int, encoding: str) -> None:
    Handler.answers["/x"] = _sends(200, gzip.compress(PAGE), Content_Encoding=encoding)
    assert (await _fetch(f"http://site.example:{server}/x")).data == PAGE


async def test_gzip_of_several_members_is_unpacked_whole(server: int) -> None:
    packed = b"".join(gzip.compress(bytes([each]) * 30_000) for each in b"abc") + bytes(20)
    Handler.answers["/x"] = _sends(200, packed, Content_Encoding="gzip")
    found = await _fetch(f"http://site.example:{server}/x")
    assert found.data == b"a" * 30_000 + b"b" * 30_000 + b"c" * 30_000


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(bytes(50_000_000), 9),
        gzip.compress(bytes(60_000)) * 3,
        gzip.compress(b"") * 1_000 + gzip.compress(bytes(100_001)),
    ],
)
async def test_a_packed_bomb_is_not_unpacked(server: int, packed: bytes) -> None:
    Handler.answers["/x"] = _sends(200, packed, Content_Encoding="gzip")
    assert "more than 0.1 MB" in (await _refused(f"http://site.example:{server}/x")).message


@pytest.mark.parametrize(
    ("packed", "encoding", "message"),
    [
        (gzip.compress(PAGE, mtime=0)[:-4], "gzip", "broke off"),
        (b"no gzip at all", "gzip", "is damaged"),
        (gzip.compress(PAGE, mtime=0) + b"rubbish", "gzip", "is damaged"),
        (b"", "gzip", "broke off"),
        (b"x", "br", "packs its answer as 'br'"),
        (b"x", "gzip, gzip", "packs its answer"),
    ],
    ids=["cut", "nothing", "followed", "empty", "brotli", "twice"],
)
async def test_a_damaged_answer_is_refused(
    server: int, packed: bytes, encoding: str, message: str
) -> None:
    Handler.answers["/x"] = _sends(200, packed, Content_Encoding=encoding)
    assert message in (await _refused(f"http://site.example:{server}/x")).message


async def test_an_answer_that_breaks_off_is_refused(server: int) -> None:
    def breaks_off(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"only this")

    Handler.answers["/x"] = breaks_off
    assert "broke off" in (await _refused(f"http://site.example:{server}/x")).message


async def test_a_server_that_drips_is_given_up_in_time(server: int) -> None:
    def drips(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(200):
                handler.wfile.write(b".")
                time.sleep(0.02)
        except OSError:
            return

    Handler.answers["/x"] = drips
    began = time.monotonic()
    error = await _refused(f"http://site.example:{server}/x", Limits(seconds=0.3))
    assert "did not answer in full within 0.3 s" in error.message
    assert "COURSEWRIGHT_SOURCE_SECONDS" in error.hint
    assert time.monotonic() - began < 2


async def test_a_server_that_says_nothing_is_given_up_in_time(server: int) -> None:
    Handler.answers["/x"] = lambda _: time.sleep(1)
    error = await _refused(f"http://site.example:{server}/x", Limits(seconds=0.2))
    assert "did not answer in full within 0.2 s" in error.message


async def test_where_nothing_listens_nothing_answers(server: int) -> None:
    # A port that was free a moment ago: the one after a server that was closed.
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as closed:
        port = int(closed.server_address[1])
    assert port != server
    error = await _refused(f"http://site.example:{port}/")
    assert "nothing answers there" in error.message


async def test_a_server_without_encryption_is_not_trusted_over_https(server: int) -> None:
    error = await _refused(f"https://site.example:{server}/")
    assert "certificate or its encryption" in error.message


async def test_what_is_no_http_is_refused() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-nonsense\r\n" * 50)
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    error = await _refused(f"http://site.example:{port}/")
    listening.close()
    assert "cannot be fetched" in error.message
