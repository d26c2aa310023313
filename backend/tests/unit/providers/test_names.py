import pytest

from coursewright.keys.credentials import from_environment
from coursewright.keys.limits import parse_limits
from coursewright.providers.models import Endpoints
from coursewright.providers.names import (
    DEFAULT_LIMITS,
    DEFAULT_MODELS,
    SERVICES,
    UnusableModelName,
    parse_chain,
)
from coursewright.providers.opening import keys_by_service, usable

CHAINS = {service: parse_chain(DEFAULT_MODELS[service]) for service in SERVICES}


def test_a_chain_is_read_in_order_with_the_names_people_use() -> None:
    text = " google:gemini-3.8-flash, groq:openai/gpt-oss-120b,openai:qwen3:14b, "
    assert [str(name) for name in parse_chain(text)] == [
        "gemini:gemini-3.8-flash",
        "groq:openai/gpt-oss-120b",
        "openai:qwen3:14b",
    ]
    assert parse_chain("") == ()


@pytest.mark.parametrize("text", ["gemini", "azure:gpt", "google:", ":m", "google:a b", "a:b:c"])
def test_a_name_that_names_no_model_is_quoted(text: str) -> None:
    with pytest.raises(UnusableModelName, match="write a model like") as caught:
        parse_chain(f"groq:m, {text}")
    assert repr(text.strip()) in str(caught.value)


def test_every_service_has_default_models_and_each_of_them_has_limits() -> None:
    table = parse_limits(DEFAULT_LIMITS)
    assert set(DEFAULT_MODELS) == set(SERVICES)
    for chain in CHAINS.values():
        assert {name.provider for name in chain} == {"gemini", "groq"}
        assert all(table.of(name.provider, name.model).rpm for name in chain)
    assert CHAINS["audio"][0].provider == "groq"


def test_a_service_is_served_by_its_own_keys_else_the_fallback_else_anybodys() -> None:
    def found(**environment: str) -> dict[tuple[str, str], list[str]]:
        keys = keys_by_service(from_environment(environment), has_openai=False)
        return {
            (service, str(provider)): [each.secret.get_secret_value() for each in credentials]
            for (service, provider), credentials in keys.items()
        }

    own = found(GEMINI_QUIZ_KEY="q", GEMINI_API_KEY="all")
    assert own["quiz", "gemini"] == ["q"]
    assert own["chapter", "gemini"] == ["all"]
    assert set(own["audio", "gemini"]) == {"q", "all"}
    assert ("audio", "groq") not in own
    alone = found(GEMINI_CHAPTER_KEY_1="c", GROQ_API_KEY="g")
    assert alone["quiz", "gemini"] == ["c"]
    assert all(alone[service, "groq"] == ["g"] for service in SERVICES)
    assert found() == {}


def test_a_server_of_ones_own_needs_no_key() -> None:
    keys = keys_by_service(from_environment({}), has_openai=True)
    assert len(keys["chapter", "openai"]) == 1
    chains = {service: parse_chain("openai:qwen3") for service in SERVICES}
    here = Endpoints(openai_url="http://127.0.0.1:11434/v1")
    assert usable(chains, from_environment({}), here)
    assert not usable(chains, from_environment({}), Endpoints())


def test_models_write_only_where_every_service_has_one() -> None:
    keys = from_environment({"GEMINI_API_KEY": "k"})
    assert usable(CHAINS, keys, Endpoints())
    assert not usable({**CHAINS, "audio": parse_chain("groq:m")}, keys, Endpoints())
    assert not usable(CHAINS, from_environment({}), Endpoints())
