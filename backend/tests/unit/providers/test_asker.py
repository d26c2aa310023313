"""The asker over real pools, SDKs and wires; only the providers' answers are made up."""

import asyncio
import json
from decimal import Decimal

import pytest
from pydantic import BaseModel
from structlog.testing import capture_logs

from coursewright.course.errors import Blocked, OverBudget, Unavailable, Unusable
from coursewright.providers.budget import Budget
from coursewright.providers.request import Answer, Request
from coursewright.providers.scope import Scope, making
from support.scripted import GEMINI, GROQ, KEYS, Kept, Reply, Scene, Seen, in_turn, scene, scope

LITE, OSS = GEMINI.partition(":")[2], GROQ.partition(":")[2]


class Facts(BaseModel):
    """What is asked for here."""

    title: str
    facts: list[str]


GOOD = Reply(text=json.dumps({"title": "Yeast", "facts": ["It is a fungus."]}))
BAD = Reply(text=json.dumps({"title": "Yeast", "facts": []}))


def question(user: str = "Tell me of yeast.", **fields: object) -> Request[Facts]:
    def check(found: Facts) -> list[str]:
        return [] if found.facts else ["`facts` must not be empty"]

    values: dict[str, object] = {
        "service": "chapter", "prompt": "facts@3", "system": "You know yeast.", "user": user,
        "output": Facts, "words": 200, "check": check,
    }  # fmt: skip
    return Request(**(values | fields))  # pyright: ignore[reportArgumentType] - as above


async def test_an_answer_comes_back_with_what_it_took() -> None:
    async with scene(in_turn(GOOD)) as it:
        asked = await it.asker.ask(question())
    assert asked.value == Facts(title="Yeast", facts=["It is a fungus."])
    assert (asked.model, asked.prompt) == (GEMINI, "facts@3")
    assert (asked.tokens_in, asked.tokens_out) == (100, 50)
    assert asked.cost_usd > 0
    assert [(each.outcome, each.tokens.prompt) for each in it.attempts] == [("ok", 100)]
    assert "facts" in json.dumps(it.provider.seen[0].body["generationConfig"])  # the schema


async def test_what_was_answered_is_not_asked_again_for_the_same_piece() -> None:
    kept = Kept()
    async with scene(in_turn(GOOD), answers=kept) as it:
        for piece in ("chapter/1", "chapter/1", "chapter/2"):
            with making(scope(piece)):
                await it.asker.ask(question())
        assert len(it.asked) == 2
    async with scene(in_turn(GOOD), answers=kept) as later:
        with making(scope("chapter/1")):
            await later.asker.ask(question())
        assert later.asked == []


async def begun(it: Scene) -> None:
    """Until a call has arrived."""
    async with asyncio.timeout(5):
        while not it.asked:  # noqa: ASYNC110 - the providers announce nothing
            await asyncio.sleep(0.001)


async def test_the_same_question_at_once_is_asked_once_and_survives_one_who_leaves() -> None:
    goes_on = asyncio.Event()
    reply = Reply(text=GOOD.text, waits=goes_on)
    async with scene(in_turn(reply)) as it:
        one, two = (asyncio.create_task(it.asker.ask(question())) for _ in range(2))
        await begun(it)
        one.cancel()
        await asyncio.gather(one, return_exceptions=True)
        goes_on.set()
        assert (await two).value.title == "Yeast"
    assert one.cancelled()
    assert len(it.asked) == 1
    assert it.provider.cancelled == 0


async def test_a_call_that_nobody_waits_for_any_more_is_cancelled() -> None:
    async with scene(in_turn(Reply(waits=asyncio.Event()))) as it:
        tasks = [asyncio.create_task(it.asker.ask(question())) for _ in range(2)]
        await begun(it)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.01)
    assert it.provider.cancelled == 1


async def test_who_asks_again_right_after_a_cancellation_is_not_cancelled_with_it() -> None:
    """A piece that is cancelled and begun anew asks the same while the first call still ends."""
    async with scene(in_turn(Reply(waits=asyncio.Event()), GOOD)) as it:
        gone = asyncio.create_task(it.asker.ask(question()))
        await begun(it)
        gone.cancel()
        await asyncio.sleep(0)  # it has heard of it, and what it waited for is ending
        again = asyncio.create_task(it.asker.ask(question()))
        assert (await again).value.title == "Yeast"
    assert len(it.asked) == 2


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (BAD, "`facts` must not be empty"),
        (Reply(text="I am sorry, I cannot."), "JSON"),
        (Reply(text='{"title": "Yeast"}'), "facts"),
        (Reply(text='{"title": 7, "facts": "none"}'), "array"),
    ],
)
async def test_an_answer_that_cannot_be_used_is_mended_once_by_the_same_model(
    bad: Reply, said: str
) -> None:
    async with scene(in_turn(bad, GOOD)) as it:
        asked = await it.asker.ask(question())
    assert asked.value.facts
    assert it.asked == [LITE, LITE]
    assert asked.tokens_in == 200, "both calls are counted"
    repair = it.provider.seen[1].said
    assert said in repair
    assert "cannot be used" in repair
    assert "Tell me of yeast" in repair


async def test_after_a_vain_repair_the_next_model_is_asked_and_then_it_is_said() -> None:
    kept = Kept()
    async with scene(in_turn(BAD), answers=kept) as it:
        with making(scope()), pytest.raises(Unusable) as caught:
            await it.asker.ask(question())
    assert it.asked == [LITE, LITE, OSS, OSS]
    assert "`facts` must not be empty" in caught.value.message
    assert caught.value.hint
    assert kept.answers == {}, "a retry by a person must ask anew"


@pytest.mark.parametrize("chain", [GEMINI, GROQ])
async def test_an_answer_of_brackets_alone_is_no_answer(chain: str) -> None:
    """Models do this when they lose the thread; libraries that read JSON for us give up on it."""
    async with scene(in_turn(Reply(text="[" * 50_000), GOOD), chain=chain) as it:
        assert (await it.asker.ask(question())).value.facts
    assert len(it.asked) == 2


async def test_json_in_a_fence_is_read() -> None:
    async with scene(in_turn(Reply(text=f"```json\n{GOOD.text}\n```"))) as it:
        assert (await it.asker.ask(question())).value.facts
    assert len(it.asked) == 1


async def test_an_answer_that_was_cut_off_may_be_longer_the_second_time() -> None:
    cut = Reply(text=GOOD.text[:20], finish="length")
    async with scene(in_turn(cut, GOOD)) as it:
        assert (await it.asker.ask(question())).value.facts
    first, second = (each.body["generationConfig"]["maxOutputTokens"] for each in it.provider.seen)
    assert second > first


async def test_what_is_blocked_is_asked_in_other_words_and_then_of_another_model() -> None:
    blocked = Reply(finish="blocked")

    def script(seen: Seen) -> Reply:
        return GOOD if seen.provider == "groq" else blocked

    async with scene(script) as it:
        assert (await it.asker.ask(question())).model == GROQ
    assert it.asked == [LITE, LITE, OSS]
    assert "factual" in it.provider.seen[1].said
    assert len({each.key for each in it.provider.seen[:2]}) == 1


async def test_what_every_model_blocks_is_told_with_a_way_out() -> None:
    async with scene(in_turn(Reply(finish="blocked"))) as it:
        with pytest.raises(Blocked, match="safety") as caught:
            await it.asker.ask(question())
    assert "instruction" in caught.value.hint
    assert it.asked == [LITE, LITE, OSS, OSS]


@pytest.mark.parametrize("nothing", [Reply(text=""), Reply(choices=False), Reply(text="  \n")])
async def test_an_empty_answer_is_asked_for_once_more(nothing: Reply) -> None:
    for chain in (GEMINI, GROQ):
        async with scene(in_turn(nothing, GOOD), chain=chain) as it:
            assert (await it.asker.ask(question())).value.facts
        assert len(it.asked) == 2


@pytest.mark.parametrize(
    ("status", "text"), [(404, "no such model"), (413, "too large"), (400, "")]
)
async def test_what_a_provider_refuses_for_good_goes_to_the_next_model(
    status: int, text: str
) -> None:
    def script(seen: Seen) -> Reply:
        return GOOD if seen.provider == "groq" else Reply(status=status, text=text)

    async with scene(script) as it:
        assert (await it.asker.ask(question())).model == GROQ
    assert it.asked == [LITE, OSS]


@pytest.mark.parametrize("reply", [Reply(status=503, text="overloaded"), Reply(breaks_after=0)])
async def test_what_may_pass_is_tried_again(reply: Reply) -> None:
    async with scene(in_turn(reply, GOOD), chain=GEMINI) as it:
        assert (await it.asker.ask(question())).value.facts
    assert it.asked == [LITE, LITE]
    assert [each.outcome for each in it.attempts][-1] == "ok"
    assert len(it.attempts) == 2


async def test_where_nobody_answers_the_reasons_of_all_are_told() -> None:
    async with scene(in_turn(Reply(breaks_after=0)), wait=1.0) as it:
        with pytest.raises(Unavailable) as caught:
            await it.asker.ask(question())
    assert {LITE, OSS} == set(it.asked)
    assert LITE in caught.value.message
    assert caught.value.hint


async def test_dead_keys_are_tried_once_and_named_by_what_they_are() -> None:
    dead = Reply(status=401, text="Invalid API Key")
    async with scene(in_turn(dead), chain=GROQ) as it:
        for _ in range(2):
            with pytest.raises(Unavailable, match="key") as caught:
                await it.asker.ask(question())
            assert caught.value.hint
    assert len(it.asked) == 1


async def test_without_a_model_it_is_said_how_to_set_one() -> None:
    async with scene(in_turn(GOOD), keys={"GROQ_API_KEY": "k"}, chain=GEMINI) as it:
        with pytest.raises(Unavailable, match="no model is set for chapter") as caught:
            await it.asker.ask(question())
    assert "COURSEWRIGHT_MODEL" in caught.value.hint


async def test_a_call_waits_for_room_only_as_long_as_it_may() -> None:
    one = f"{GEMINI} rpm=1"
    async with scene(in_turn(GOOD), chain=GEMINI, limits=one, wait=0.1) as it:
        await it.asker.ask(question())
        with pytest.raises(Unavailable) as caught:
            await it.asker.ask(question("And of bacteria."))
    assert len(it.asked) == 1
    assert caught.value.hint


async def test_a_day_that_is_spent_is_told_at_once() -> None:
    """Nothing is gained by waiting half an hour for what comes after midnight."""
    limits = f"{GEMINI} rpd=1 rpm=9"
    async with scene(in_turn(GOOD), chain=GEMINI, limits=limits, wait=30) as it:
        await it.asker.ask(question())
        async with asyncio.timeout(5):
            with pytest.raises(Unavailable, match=r"the day.s requests of .* are used up"):
                await it.asker.ask(question("And of salt?"))
    assert len(it.asked) == 1


async def test_behind_a_model_that_was_no_help_a_spent_day_holds_nobody_up() -> None:
    limits = f"{GEMINI} rpd=1 rpm=9; {GROQ} rpm=9"
    replies = in_turn(GOOD, BAD)
    async with scene(replies, chain=f"{GEMINI}, {GROQ}", limits=limits, wait=30) as it:
        await it.asker.ask(question())
        async with asyncio.timeout(5):
            with pytest.raises(Unusable, match="used up"):
                await it.asker.ask(question("And of salt?"))
    assert it.asked == [LITE, OSS, OSS]


async def test_questions_at_once_go_to_the_next_model_where_the_first_has_no_room() -> None:
    """None of them sees the others in the queue: each decides right before it is sent."""
    limits = f"{GEMINI} rpm=2; groq:* rpm=30"
    async with scene(in_turn(GOOD), limits=limits, answers=Kept()) as it:
        with making(scope()):
            await asyncio.gather(*(it.asker.ask(question(f"Fact {n}")) for n in range(6)))
    assert sorted(it.asked) == sorted([LITE] * 2 + [OSS] * 4)


async def test_a_better_model_is_worth_a_short_wait() -> None:
    limits = f"{GEMINI} rpm=1; groq:* rpm=30"
    async with scene(in_turn(GOOD), limits=limits, patience=100.0, wait=0.2) as it:
        await it.asker.ask(question())
        # It waits for the better one, in vain, and falls back only then.
        assert (await it.asker.ask(question("More"))).model == GROQ
    assert it.asked == [LITE, OSS]


@pytest.mark.parametrize(
    ("chain", "raw"),
    [(GROQ, b'{"choices":[null]}'), (GEMINI, b"12"), (GEMINI, b"[[]]")],
)
async def test_an_answer_that_is_not_of_its_providers_form_is_none(chain: str, raw: bytes) -> None:
    async with scene(in_turn(Reply(raw=raw), GOOD), chain=chain) as it:
        assert (await it.asker.ask(question())).value.facts
    assert len(it.asked) == 2


@pytest.mark.parametrize("written", ['{"title"= "Yeast"', ""])
async def test_broken_json_that_groq_holds_back_is_mended_like_any_other(written: str) -> None:
    error = {"message": "Failed to generate JSON.", "type": "invalid_request_error",
             "code": "json_validate_failed", "failed_generation": written}  # fmt: skip
    held_back = Reply(status=400, raw=json.dumps({"error": error}).encode())
    async with scene(in_turn(held_back, GOOD), chain=GROQ) as it:
        assert (await it.asker.ask(question())).value.facts
    assert it.asked == [OSS, OSS]
    assert json.dumps(written)[1:-1] in it.provider.seen[1].said


class _Gone(Unavailable):
    """As the database's own error for an outage."""


async def test_an_outage_of_what_keeps_the_answers_is_no_fault_of_a_model() -> None:
    class Broken(Kept):
        async def find(self, scope: Scope, request_hash: str) -> Answer | None:
            del scope, request_hash
            raise _Gone("the database is gone", hint="Wait.")

    async with scene(in_turn(GOOD), answers=Broken()) as it:
        with making(scope()), pytest.raises(_Gone, match="the database is gone"):
            await it.asker.ask(question())
    assert it.asked == []


async def test_what_no_model_answers_is_unavailable_in_so_many_words() -> None:
    async with scene(in_turn(Reply(status=400, text="no"))) as it:
        with pytest.raises(Unavailable) as caught:
            await it.asker.ask(question())
    assert type(caught.value) is Unavailable


async def test_a_course_that_has_cost_what_it_may_is_not_asked_for() -> None:
    async def spent(_: Scope) -> Decimal:
        return Decimal("0.2")

    kept = Kept()
    async with scene(in_turn(GOOD), answers=kept) as it:
        with making(scope()):
            await it.asker.ask(question())
    budget = Budget(Decimal("0.1"), spent)
    async with scene(in_turn(GOOD), answers=kept, budget=budget) as it:
        with making(scope()):
            assert (await it.asker.ask(question())).value.facts, "what is there costs nothing"
            with pytest.raises(OverBudget, match=r"\$0.2000") as caught:
                await it.asker.ask(question("More"))
    assert "COURSEWRIGHT_MAX_COST_PER_COURSE" in caught.value.hint
    assert it.asked == []


@pytest.mark.parametrize("chain", [GEMINI, GROQ])
async def test_a_stream_is_told_of_while_it_comes(chain: str) -> None:
    many = Reply(text=json.dumps({"title": "Yeast", "facts": [f"Fact {n}" for n in range(30)]}))
    seen: list[int] = []
    async with scene(in_turn(many), chain=chain) as it:
        asked = await it.asker.ask(
            question(), on_partial=lambda part: seen.append(len(part.get("facts", [])))
        )
    assert it.provider.seen[0].streams
    assert len(asked.value.facts) == 30
    assert seen == sorted(seen)
    assert len(set(seen)) > 5
    assert asked.tokens_out == 50


@pytest.mark.parametrize("chain", [GEMINI, GROQ])
@pytest.mark.parametrize("after", [0, 300, 1_000])
async def test_a_stream_that_breaks_is_asked_for_again_without_one(chain: str, after: int) -> None:
    many = json.dumps({"title": "Yeast", "facts": [f"Fact {n}" for n in range(30)]})
    replies = in_turn(Reply(text=many, breaks_after=after), Reply(text=many))
    async with scene(replies, chain=chain) as it:
        asked = await it.asker.ask(question(), on_partial=lambda _: None)
    assert len(asked.value.facts) == 30
    assert len(it.asked) == 2


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=401, text=f"bad key {KEYS['GROQ_API_KEY']} and {KEYS['GEMINI_API_KEY']}"),
        Reply(status=500, text=f"failed for {KEYS['GROQ_API_KEY']}, {KEYS['GEMINI_API_KEY']}"),
        Reply(status=400, text=f"x-goog-api-key: {KEYS['GEMINI_API_KEY']}; {KEYS['GROQ_API_KEY']}"),
        Reply(breaks_after=0),
        Reply(text="nonsense"),
    ],
)
async def test_no_key_stands_in_any_error_log_or_attempt(reply: Reply) -> None:
    with capture_logs() as logs:
        async with scene(in_turn(reply), wait=1.0) as it:
            with pytest.raises((Unavailable, Unusable)) as caught:
                await it.asker.ask(question())
    told = repr([caught.value, caught.value.message, caught.value.hint, logs, it.attempts])
    for cause in (caught.value.__cause__, caught.value.__context__):
        told += str(cause)
    assert all(key not in told for key in KEYS.values())
    assert {each.key for each in it.provider.seen} <= set(KEYS.values())
