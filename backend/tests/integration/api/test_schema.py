"""Every operation of the OpenAPI document, with requests that schemathesis makes up.

Whatever is sent, nothing answers 5xx, and every answer is one that the document describes. A new
route is tried by itself. `SCHEMA_EXAMPLES=1000 pytest .../test_schema.py` looks for longer, and
`SCHEMA_SEED=1` elsewhere.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import requests
import schemathesis
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import RejectedPositiveData, UnsupportedMethodResponse

from coursewright.accounts.mode import Mode
from coursewright.api.app import describe_app
from coursewright.database.embedded import EmbeddedPostgres
from coursewright.settings import Settings
from support.databases import copied
from support.people import PASSWORD
from support.service import Service, open_service, settings_for
from support.studied import have_studied

EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "8"))
SEED = int(os.environ.get("SCHEMA_SEED", "0"))
EMAIL = "ada@example.org"
_OF_SCHEMA = re.compile(r"(Input|String|Value|List|Tuple|Field|Extra) ")
"""How pydantic begins what it says by itself."""
schema = schemathesis.openapi.from_dict(
    describe_app(Settings.model_construct(), Mode.ACCOUNTS).openapi()
)
# The session is ours to send: what a request without one gets is tested below.
schema.config.generation.update(with_security_parameters=False)


@dataclass
class World:
    """A service in a thread of its own, and what somebody has in it."""

    service: Service
    ids: dict[str, str]
    spare: dict[str, str]
    """What may be deleted."""
    http: requests.Session = field(default_factory=requests.Session)

    def sign_in(self) -> None:
        """Anew: an example may have signed out everywhere."""
        answer = self.http.post(
            f"{self.service.address}/api/session", json={"email": EMAIL, "password": PASSWORD}
        )
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def world(
    postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("schema")
    with copied(postgres, template) as name, start_blocking_portal() as portal:
        settings = settings_for(
            postgres.url(name),
            folder,
            auth="accounts",
            max_source_mb=2,
            keep_originals=True,
        )
        with portal.wrap_async_context_manager(open_service(settings)) as service:
            ids, spare = portal.call(_furnish, service)
            made = World(service, ids, spare)
            made.sign_in()
            yield made


async def _furnish(service: Service) -> tuple[dict[str, str], dict[str, str]]:
    await service.application.accounts.add(EMAIL, PASSWORD)
    answer = await service.client.post("/api/session", json={"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 200
    return await _course(service), await _course(service)


async def _course(service: Service) -> dict[str, str]:
    course = await service.settled(await service.order(chapters=2))
    return {"course_id": course["id"], **await have_studied(service, course["id"])}


def _is_made_up(value: object) -> bool:
    """Whether a part of a path is an id made up, of which three in four become real ones."""
    try:
        return UUID(str(value)).int % 4 != 0
    except ValueError:
        return str(value).isdecimal() and int(str(value)) % 4 != 0


def send(case: Case[Any], world: World) -> Response:
    """Sends a request, with what there really is for most ids; of a stream only its beginning."""
    ids = world.spare if case.operation.method == "delete" else world.ids
    for name, value in ids.items():
        if name in (case.path_parameters or {}) and _is_made_up(case.path_parameters[name]):
            case.path_parameters[name] = value
    for name in [name for name, value in (case.headers or {}).items() if value == "null"]:
        del case.headers[name]  # what is optional is "null" here, and is not sent by anybody
    sent = case.as_transport_kwargs(base_url=world.service.address)
    with world.http.request(**sent, timeout=(5, 60), stream=True, allow_redirects=False) as answer:
        streams = answer.headers.get("content-type", "").startswith("text/event-stream")
        if streams:  # it has no end: that it begins is enough
            answer._content = b""
            answer.raw.close()
        return Response.from_requests(answer, verify=True)


@schema.hook
def filter_failure(
    context: HookContext,  # noqa: ARG001 - the names are schemathesis'
    failure: Failure,
    case: Case[Any],
    response: Response,
) -> bool:
    """Leaves out what is no fault here."""
    if isinstance(failure, RejectedPositiveData) and response.status_code in {412, 422}:
        problems = [each["problem"] for each in response.json()["errors"]]
        # Some rules cannot be said in a schema: that a topic has a source, a version is the one of
        # now, a time lies in the past, letters can be seen. Those are said in words of ours; what
        # pydantic says by itself, the schema has to say, too.
        return bool(problems) and all(map(_OF_SCHEMA.match, problems))
    # To the router, "from-files" may be the id of a course, to GET and DELETE.
    return not (
        isinstance(failure, UnsupportedMethodResponse) and case.path.endswith("/from-files")
    )


@schema.parametrize()  # pyright: ignore[reportUntypedFunctionDecorator]
@seed(SEED)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)
def test_every_answer_is_as_described(case: Case[Any], world: World) -> None:
    answer = send(case, world)
    if case.operation.path.startswith("/api/session"):
        world.sign_in()
    # Whose session it was: without it, or with another one, the same has to answer 401.
    session = {"Cookie": str(answer.request.headers.get("Cookie", ""))}
    case.validate_response(answer, headers=session, transport_kwargs={"headers": session})


@schema.parametrize()  # pyright: ignore[reportUntypedFunctionDecorator]
@seed(SEED)
@settings(max_examples=1, deadline=None, database=None, phases=[Phase.generate])
def test_without_a_session_whatever_is_closed_answers_401(case: Case[Any], world: World) -> None:
    sent = case.as_transport_kwargs(base_url=world.service.address)
    answer = Response.from_requests(requests.request(**sent, timeout=60), verify=True)
    if "security" in case.operation.definition.raw:
        assert answer.status_code == 401
    case.validate_response(answer)
