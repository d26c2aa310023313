import pytest

from coursewright.keys.credentials import ConflictingProjects, Service, from_environment


def test_without_any_key_every_count_is_zero() -> None:
    credentials = from_environment({"PATH": "/bin", "GEMINI_CHAPTER_KEY_1": "  "})

    assert not credentials.any
    assert set(credentials.counts().values()) == {0}


def test_the_key_set_of_the_contract_is_counted_as_the_contract_says() -> None:
    environment = {f"GEMINI_CHAPTER_KEY_{n}": f"test-chapter-{n}" for n in range(1, 5)}
    environment |= {
        f"GEMINI_{name}_KEY": f"test-{name}" for name in ("QUIZ", "FLASHCARD", "GAME", "ARTICLE")
    }
    environment |= {f"GROQ_API_KEY_{n}": f"test-groq-{n}" for n in range(1, 4)}

    assert from_environment(environment).counts() == {
        "chapter_keys": 4,
        "quiz_keys": 1,
        "flashcard_keys": 1,
        "game_keys": 1,
        "article_keys": 1,
        "groq_keys": 3,
    }


def test_fallback_keys_serve_only_services_without_a_key_of_their_own() -> None:
    credentials = from_environment(
        {
            "GEMINI_QUIZ_KEY_1": "test-quiz-1",
            "GEMINI_API_KEY_1": "test-fallback-1",
            "GEMINI_API_KEY_2": "test-fallback-2",
            "GOOGLE_API_KEY": "test-fallback-3",
        }
    )

    assert credentials.counts()["quiz_keys"] == 1
    assert credentials.counts()["chapter_keys"] == 3


def test_the_same_key_under_many_names_is_one_credential() -> None:
    names = [f"GEMINI_CHAPTER_KEY_{n}" for n in range(1, 11)]
    credentials = from_environment(dict.fromkeys(names, "test-key-1"))

    (only,) = credentials.services[Service.CHAPTER]
    assert only.names == tuple(names)


@pytest.mark.parametrize("written", ['"test-key-1"', " test-key-1 ", "'test-key-1'\n"])
def test_stray_quotes_and_spaces_are_taken_off(written: str) -> None:
    credentials = from_environment({"GROQ_API_KEY": written})

    assert credentials.groq[0].secret.get_secret_value() == "test-key-1"


def test_keys_are_taken_in_the_order_of_their_numbers() -> None:
    environment = {f"GROQ_API_KEY_{n}": f"test-key-{n}" for n in (10, 2, 1)}

    found = [credential.names[0] for credential in from_environment(environment).groq]
    assert found == ["GROQ_API_KEY_1", "GROQ_API_KEY_2", "GROQ_API_KEY_10"]


def test_names_that_only_look_like_the_contracts_are_no_keys() -> None:
    environment = {
        "GEMINI_CHAPTER_KEY_1_PROJECT": "my-project",
        "MY_GROQ_API_KEY": "test-key-1",
        "GROQ_API_KEY_X": "test-key-1",
    }

    assert not from_environment(environment).any


def test_neither_the_representation_nor_the_fingerprint_shows_the_key() -> None:
    credentials = from_environment({"GROQ_API_KEY": "test-key-secret"})

    assert "secret" not in repr(credentials).replace("secret=", "")
    assert credentials.groq[0].fingerprint not in "test-key-secret"
    assert len(credentials.groq[0].fingerprint) == 8


def test_a_project_can_be_named_for_each_key_name() -> None:
    credentials = from_environment(
        {
            "GEMINI_CHAPTER_KEY_1": "test-key-1",
            "GEMINI_CHAPTER_KEY_2": "test-key-2",
            "GEMINI_CHAPTER_KEY_2_PROJECT": " school ",
            "GEMINI_QUIZ_KEY": "test-key-2",
            "GROQ_API_KEY": "test-key-3",
            "GROQ_API_KEY_PROJECT": "org",
        }
    )

    assert [each.project for each in credentials.services[Service.CHAPTER]] == [None, "school"]
    assert [each.project for each in credentials.services[Service.QUIZ]] == ["school"]
    assert credentials.groq[0].project == "org"
    assert credentials.counts()["chapter_keys"] == 2


def test_projects_that_contradict_each_other_are_named_without_the_key() -> None:
    environment = {
        "GEMINI_API_KEY": "test-key-1",
        "GEMINI_API_KEY_PROJECT": "home",
        "GOOGLE_API_KEY": "test-key-1",
        "GOOGLE_API_KEY_PROJECT": "school",
    }
    with pytest.raises(ConflictingProjects, match="GEMINI_API_KEY_PROJECT") as raised:
        from_environment(environment)
    assert "test-key-1" not in str(raised.value)
