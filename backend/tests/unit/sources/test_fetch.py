"""Addresses that are refused before anything is connected."""

import asyncio
from collections.abc import Sequence

import pytest

from coursewright.course.errors import SourceError
from coursewright.sources.fetch import WebFetcher
from coursewright.sources.limits import Limits

LIMITS = Limits(seconds=5)


async def _refused(url: str, fetcher: WebFetcher | None = None) -> SourceError:
    with pytest.raises(SourceError) as refused:
        await (fetcher or WebFetcher()).fetch(url, limits=LIMITS)
    assert refused.value.hint
    return refused.value


def _answering(*addresses: str) -> WebFetcher:
    async def look_up(host: str, port: int) -> Sequence[str]:
        del host, port
        return addresses

    return WebFetcher(look_up=look_up)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0.0.0.0",  # noqa: S104 - an address that must be refused
        "10.0.0.1",
        "172.20.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.100.100.200",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "017700000001",
        "0177.0.0.1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[fc00::1]",
        "[64:ff9b::a9fe:a9fe]",
        "localhost",
        "LOCALHOST",
    ],
)
async def test_the_system_resolver_leads_to_no_private_address(host: str) -> None:
    error = await _refused(f"http://{host}:8080/latest/meta-data?x=1")
    refusals = ("private network", "no such host", "is no address")
    assert any(refusal in error.message for refusal in refusals)


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("8.8.8.8", "10.0.0.1"),
        ("10.0.0.1", "8.8.8.8"),
        ("2606:4700::1111", "::1"),
        ("8.8.8.8", "nonsense"),
        ("fe80::1%eth0",),
    ],
)
async def test_a_name_that_leads_to_a_private_address_too_is_refused(
    addresses: tuple[str, ...],
) -> None:
    error = await _refused("https://a.example/x", _answering(*addresses))
    assert "https://a.example/x leads to a.example, which is in a private network" in error.message
    assert "browser" in error.hint


async def test_a_name_without_an_address_is_named() -> None:
    error = await _refused("https://a.example/", _answering())
    assert "there is no such host" in error.message


async def test_a_resolver_that_hangs_is_given_up() -> None:
    async def look_up(host: str, port: int) -> Sequence[str]:
        del host, port
        await asyncio.sleep(60)
        return ()

    with pytest.raises(SourceError, match=r"did not answer in full within 0\.05 s"):
        await WebFetcher(look_up=look_up).fetch("http://a.example", limits=Limits(seconds=0.05))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("file:///etc/passwd", "http and https, not file"),
        ("ftp://a.example/x", "http and https, not ftp"),
        ("gopher://a.example/_x", "http and https, not gopher"),
        ("javascript:alert(1)", "http and https, not javascript"),
        ("//a.example/x", "http and https, not that"),
        ("http://", "names no host"),
        ("https:///path", "names no host"),
        ("http://[::1", "is no address"),
        ("http://a b/", "http://"),
        ("", "http and https"),
    ],
)
async def test_what_is_no_address_of_the_web_is_refused(url: str, message: str) -> None:
    assert message in (await _refused(url, _answering("127.0.0.1"))).message


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@a.example/x",
        "https://hunter2@a.example/",
        "http://user:hunter2@[::1",
        "http://user:hunter2@a.example:99999999/",
        "ftp://user:hunter2@a.example/",
    ],
)
async def test_a_password_is_refused_and_not_repeated(url: str) -> None:
    error = await _refused(url)
    assert "hunter2" not in error.message + error.hint + error.source
