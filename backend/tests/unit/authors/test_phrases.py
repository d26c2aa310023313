from coursewright.authors.extraction.centrality import alike, score, top
from coursewright.authors.extraction.languages import detect, is_foreign, language_of
from coursewright.authors.extraction.relevance import LARGE, relevant
from coursewright.authors.extraction.sections import parts_of
from unit.authors.samples import ENGLISH, GERMAN, MONEY, analysis, material


def test_key_phrases_are_what_the_text_is_about() -> None:
    phrases = analysis(MONEY).phrases
    texts = [phrase.text for phrase in phrases]
    assert {"deposit", "inflation"} <= set(texts)
    assert all(phrase.count >= 2 for phrase in phrases)
    assert [phrase.score for phrase in phrases] == sorted(
        (phrase.score for phrase in phrases), reverse=True
    )
    assert not set(texts) & {"the", "year", "five", "paid", "thousands"}


def test_a_phrase_that_comes_only_within_a_longer_one_is_dropped() -> None:
    text = "The guillotine blade fell. A guillotine blade is heavy. Each guillotine blade shone."
    assert [phrase.text for phrase in analysis(text).phrases] == ["guillotine blade"]


def test_the_sentence_of_the_common_words_scores_most() -> None:
    text = "Osmosis moves water. The weather was fine in Rome. Water and osmosis keep cells firm."
    here = analysis(text)
    scores = score(here.sentences, ENGLISH)
    assert scores[1] == min(scores)
    assert score((), ENGLISH) == []


def test_the_best_sentences_are_not_alike_and_stand_in_order() -> None:
    text = (
        "Banks lend coins to towns. Banks lend coins to many towns. Ships carry salt to harbours."
    )
    found = top(analysis(text).sentences, ENGLISH, 2)
    assert len(found) == 2
    assert found[1].text.startswith("Ships")


def test_likeness_is_between_nothing_and_all() -> None:
    assert alike({"a", "b"}, {"a", "b"}) == 1
    assert alike({"a"}, {"b"}) == 0
    assert alike({"a", "b"}, {"b", "c"}) == 1 / 3
    assert alike(set(), set()) == 1


def test_languages_are_known_by_their_function_words() -> None:
    assert detect(MONEY) is ENGLISH
    assert detect(GERMAN) is language_of("de-AT")
    assert detect("Money is round.") is None
    assert detect("xyzzy plugh " * 100) is None
    assert is_foreign("xyzzy plugh " * 100, ENGLISH)
    assert not is_foreign("xyzzy plugh", ENGLISH)
    assert not is_foreign(MONEY, ENGLISH)


def test_a_narrow_topic_takes_its_part_of_a_large_document() -> None:
    filler = "Merchants of the town carry salt and wool to the harbour each day. " * 400
    text = f"## Trade\n{filler}\n## Tulips\n" + "A tulip is a flower of spring. " * 150 + "\n"
    document = material(text * 3)
    parts = parts_of(document)
    assert sum(part.words for part in parts) > LARGE
    assert {part.path for part in relevant(parts, "tulips", document)} == {("Tulips",)}
    assert relevant(parts, "dragons", document) == parts
    assert relevant(parts, "A short book on money", document) == parts


def test_a_small_document_is_taken_as_a_whole() -> None:
    document = material(MONEY)
    assert relevant(parts_of(document), "bonds", document) == parts_of(document)
