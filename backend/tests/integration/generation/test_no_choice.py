from collections.abc import Sequence
from uuid import UUID

import pytest

from coursewright.authors.prompting import requests
from coursewright.course.brief import Brief
from coursewright.course.errors import Unusable
from coursewright.emulator.options import EmulatorOptions
from coursewright.emulator.server import running
from coursewright.keys.credentials import from_environment
from coursewright.keys.limits import LimitTable
from coursewright.providers.answers import NoAnswers
from coursewright.providers.ledger import Entry
from coursewright.providers.models import Endpoints
from coursewright.providers.names import parse_chain
from coursewright.providers.opening import Config, open_providers

MODEL = parse_chain("groq:openai/gpt-oss-120b")


async def test_an_answer_without_a_choice_is_the_models_fault_and_not_ours() -> None:
    entries: list[Entry] = []

    async def write(batch: Sequence[Entry]) -> None:
        entries.extend(batch)

    async with running(EmulatorOptions(empty=1.0, latency_scale=0.0)) as emulator:
        config = Config(
            chains={"chapter": MODEL},
            limits=LimitTable(),
            endpoints=Endpoints(groq_url=emulator.groq_url),
        )
        keys = from_environment({"GROQ_API_KEY": "test-key-groq"})
        async with open_providers(
            config, keys, answers=NoAnswers(), write=write, owner=UUID(int=1)
        ) as providers:
            with pytest.raises(Unusable, match="gpt-oss-120b"):
                await providers.asker.ask(requests.outline(Brief(topic="SQL", chapters=2), ()))
    assert len(emulator.log) == len(entries) == 3  # asked, asked in other words, asked to mend it
    assert {call.fault for call in emulator.log} == {"empty"}
