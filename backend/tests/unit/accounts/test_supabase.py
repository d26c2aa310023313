"""Tokens of Supabase: signed as Supabase signs, and as somebody would who wants to get in."""

import asyncio
import base64
import json
import time
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from coursewright.accounts.jwks import FRESH, PAUSE, STALE, KeySet, read_keys
from coursewright.accounts.supabase import LEEWAY, Tokens
from coursewright.course.errors import NotSignedIn, Unavailable

SECRET = "made-up-secret-of-more-than-32-characters"
ISSUER = "https://project.example/auth/v1"
USER = UUID("10000000-0000-4000-8000-000000000001")
NOW = float(int(time.time()))
KEYS: dict[str, Any] = {
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "RS256": rsa.generate_private_key(65537, 2048),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
ALGORITHMS = {
    "ES256": ECAlgorithm,
    "RS256": RSAAlgorithm,
    "EdDSA": OKPAlgorithm,
}


def public(name: str, kid: str | None = None, **more: object) -> dict[str, Any]:
    found = ALGORITHMS[name].to_jwk(KEYS[name].public_key(), as_dict=True)
    return {**found, "kid": kid or name, "use": "sig", "alg": name, **more}


def claims(**changes: object) -> dict[str, Any]:
    found = {
        "sub": str(USER),
        "aud": "authenticated",
        "role": "authenticated",
        "iss": ISSUER,
        "email": "ada@example.org",
        "iat": NOW,
        "exp": NOW + 3600,
        **changes,
    }
    return {name: value for name, value in found.items() if value is not None}


def signed(algorithm: str = "HS256", kid: str | None = None, **changes: object) -> str:
    key = SECRET if algorithm == "HS256" else KEYS[algorithm]
    return jwt.encode(claims(**changes), key, algorithm, headers={"kid": kid or algorithm})


class Project:
    """A project whose keys change, and whose server fails."""

    def __init__(self) -> None:
        self.document: dict[str, Any] = {"keys": [public(name) for name in KEYS]}
        self.fetched = 0
        self.down = False
        self.slow: asyncio.Event | None = None
        self.clock = 1000.0
        self.keys = KeySet(self.fetch, now=lambda: self.clock)

    async def fetch(self) -> dict[str, Any]:
        self.fetched += 1
        if self.slow is not None:
            await self.slow.wait()
        if self.down:
            raise Unavailable("cannot be fetched", hint="look at it")
        return self.document


@pytest.fixture
def project() -> Project:
    return Project()


def tokens(project: Project | None = None, secret: str | None = None, now: float = NOW) -> Tokens:
    return Tokens(
        keys=project.keys if project else None, secret=secret, issuer=ISSUER, now=lambda: now
    )


async def test_a_token_signed_with_the_secret_is_the_users() -> None:
    found = await tokens(secret=SECRET).verify(signed())
    assert (found.user_id, found.email) == (USER, "ada@example.org")


@pytest.mark.parametrize("algorithm", list(KEYS))
async def test_a_token_signed_with_a_key_of_the_project_is_the_users(
    project: Project, algorithm: str
) -> None:
    assert (await tokens(project).verify(signed(algorithm))).user_id == USER


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOW - LEEWAY - 1},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": float("inf")},
        {"exp": [1]},
        {"nbf": NOW + LEEWAY + 1},
        {"nbf": "x"},
        {"aud": "somebody else"},
        {"aud": None},
        {"aud": ["x"]},
        {"iss": "https://evil.example/auth/v1"},
        {"iss": None},
        {"role": "service_role"},
        {"role": "anon"},
        {"role": ["authenticated"]},
        {"sub": None},
        {"sub": "x"},
        {"sub": "' or true --"},
        {"sub": ""},
    ],
    ids=count(),  # times are others in each process of xdist, and so must not be names
)
async def test_a_token_with_wrong_claims_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(NotSignedIn) as refused:
        await tokens(secret=SECRET).verify(signed(**changes))
    assert refused.value.hint


async def test_clocks_may_differ_a_little() -> None:
    await tokens(secret=SECRET).verify(signed(exp=NOW - LEEWAY + 1, nbf=NOW + LEEWAY - 1))


DEEP = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 5900).decode().rstrip("=")


@pytest.mark.parametrize(
    "token",
    ["", "x", "a.b.c", "....", "é.é.é", "x" * 100_000, "e30.e30.", f"{DEEP}.e30."],
    ids=["none", "letter", "letters", "points", "accents", "long", "unsigned", "deep"],
)
async def test_what_is_no_token_is_refused(project: Project, token: str) -> None:
    with pytest.raises(NotSignedIn):
        await tokens(project, SECRET).verify(token)
    assert project.fetched == 0


def _pem(key: Any) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _by_hand(header: dict[str, object], secret: bytes | None) -> str:
    import hashlib
    import hmac

    def part(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    text = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims()).encode())}"
    if secret is None:
        return f"{text}."
    return f"{text}.{part(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


@pytest.mark.parametrize("name", list(KEYS))
@pytest.mark.parametrize("secret", [None, SECRET])
async def test_a_public_key_is_never_taken_for_the_secret(
    project: Project, name: str, secret: str | None
) -> None:
    for raw in (_pem(KEYS[name]), json.dumps(public(name)).encode()):
        forged = _by_hand({"alg": "HS256", "kid": name}, raw)
        with pytest.raises(NotSignedIn):
            await tokens(project, secret).verify(forged)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS384", "HS512", "", None, 7])
async def test_a_token_without_a_signature_of_ours_is_refused(
    project: Project, algorithm: object
) -> None:
    for secret in (None, SECRET.encode()):
        forged = _by_hand({"alg": algorithm, "kid": "ES256"}, secret)
        with pytest.raises(NotSignedIn):
            await tokens(project, SECRET).verify(forged)


async def test_a_key_signs_only_by_its_own_algorithm(project: Project) -> None:
    with pytest.raises(NotSignedIn):
        await tokens(project).verify(signed("RS256", kid="ES256"))


@pytest.mark.parametrize("header", [{"jku": "https://evil.example"}, {"jwk": public("ES256")}])
async def test_a_token_cannot_bring_its_own_key(
    project: Project, header: dict[str, object]
) -> None:
    stranger = ec.generate_private_key(ec.SECP256R1())
    forged = jwt.encode(claims(), stranger, "ES256", headers={"kid": "ES256", **header})
    with pytest.raises(NotSignedIn):
        await tokens(project).verify(forged)


async def test_the_secret_does_not_count_where_only_keys_are_configured(project: Project) -> None:
    with pytest.raises(NotSignedIn):
        await tokens(project).verify(signed())
    with pytest.raises(NotSignedIn):
        await tokens(secret=SECRET).verify(signed("ES256"))


async def test_keys_are_fetched_once_and_anew_when_they_are_old(project: Project) -> None:
    for _ in range(5):
        await project.keys.key("ES256")
    assert project.fetched == 1
    project.clock += FRESH
    await project.keys.key("ES256")
    assert project.fetched == 2


async def test_a_new_key_is_found_when_a_token_names_it(project: Project) -> None:
    await project.keys.key("ES256")
    project.document = {"keys": [public("ES256", "next")]}
    project.clock += PAUSE
    assert await project.keys.key("next") is not None
    assert await project.keys.key("RS256") is None, "a key that was withdrawn still counts"


async def test_unknown_names_do_not_make_it_fetch_for_each_request(project: Project) -> None:
    for _ in range(200):
        assert await project.keys.key(str(uuid4())) is None
        project.clock += 0.01
    assert project.fetched == 1


async def test_many_requests_at_once_fetch_once(project: Project) -> None:
    found = await asyncio.gather(*(project.keys.key("ES256") for _ in range(50)))
    assert all(found)
    assert project.fetched == 1


async def test_without_the_projects_server_known_keys_count_for_an_hour(project: Project) -> None:
    await project.keys.key("ES256")
    project.down = True
    project.clock += FRESH + 1
    assert await project.keys.key("ES256") is not None
    project.clock += STALE
    with pytest.raises(Unavailable) as refused:
        await project.keys.key("ES256")
    assert refused.value.hint
    project.down = False
    project.clock += PAUSE
    assert await project.keys.key("ES256") is not None


async def test_while_one_waits_for_a_slow_project_the_others_take_the_keys_they_have(
    project: Project,
) -> None:
    await project.keys.key("ES256")
    project.clock += FRESH + 1
    project.slow = asyncio.Event()
    first = asyncio.create_task(project.keys.key("ES256"))
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        assert await project.keys.key("ES256") is not None
    assert not first.done()
    project.slow.set()
    assert await first is not None
    assert project.fetched == 2


async def test_while_it_is_down_it_is_not_asked_for_each_request(project: Project) -> None:
    project.down = True
    for _ in range(50):
        with pytest.raises(Unavailable):
            await project.keys.key("ES256")
    assert project.fetched == 1


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"keys": None},
        {"keys": "x"},
        {"keys": [None, 1, "x", []]},
        {"keys": [{"kty": "oct", "kid": "a", "k": "c2VjcmV0"}]},
        {"keys": [public("ES256", alg="HS256")]},
        {"keys": [public("ES256", use="enc")]},
        {"keys": [public("ES256", kid=None) | {"kid": 7}]},
        {"keys": [public("ES256") | {"x": "broken"}]},
        {"keys": [public("ES256") | {"crv": "P-521"}]},
        {"keys": [public("RS256") | {"n": ""}]},
    ],
    ids=count(),  # the keys are new ones each time, and so must not be names
)
def test_what_is_no_key_for_signing_is_left_out(document: dict[str, Any]) -> None:
    assert read_keys(document) == {}


def test_one_broken_key_does_not_hide_the_others() -> None:
    document = {"keys": [public("ES256", "bad") | {"x": "!"}, public("RS256")]}
    assert set(read_keys(document)) == {"RS256"}
