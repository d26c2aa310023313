"""Asks until there is a usable answer: kept answers first, one repair, then the next model."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel, ValidationError

from coursewright.course.errors import Blocked, CoursewrightError, Unavailable, Unusable
from coursewright.keys.outlook import Outlook
from coursewright.providers.answers import Answers
from coursewright.providers.budget import Budget
from coursewright.providers.models import Models
from coursewright.providers.names import Chain, ModelName
from coursewright.providers.request import Answer, Asked, Request
from coursewright.providers.scope import Scope, asking, current_scope
from coursewright.providers.sending import NoAnswer, OnPartial, send

log = structlog.get_logger()
T = TypeVar("T", bound=BaseModel)

_PROBLEMS = 8
"""The most that a model is told at a time."""
_REPHRASED = (
    "\n\nWrite it in your own words, in a neutral, factual and educational tone that suits a"
    " classroom; do not quote other texts at length."
)
_SCARCE = 25
"""Requests left of a day with which a service is to make do: it then asks for more at a time."""
_LARGER = 2
"""How much longer an answer may be that was cut off."""


class _NoModel(Unavailable):
    """A model did not answer. Whatever else is not available (the database that keeps answers) is
    nothing that another model could cure.
    """


@dataclass
class _UnderWay:
    """A question that was asked and is not answered yet."""

    task: "asyncio.Task[Asked[Any]]"
    waiting: int = 0
    """How many wait for the answer."""


@dataclass(frozen=True, kw_only=True)
class Asker:
    """All questions of a process go through here."""

    models: Models
    chains: Mapping[str, Chain]
    """By service."""
    answers: Answers
    wait: float = 1800.0
    """Seconds that a call may wait for its place."""
    patience: float = 20.0
    """Seconds that a call waits for the better model before the next one is asked instead."""
    budget: Budget | None = None
    _under_way: dict[tuple[Scope | None, str], _UnderWay] = field(
        default_factory=dict[tuple[Scope | None, str], _UnderWay], init=False
    )

    async def ask(self, request: Request[T], *, on_partial: OnPartial | None = None) -> Asked[T]:
        """The answer to a question. The same question of the same piece is asked once.

        Raises:
            Unavailable: no model of the service can be reached in time.
            Blocked: the models refuse the subject.
            Unusable: no model gave an answer that can be used.
            OverBudget: the course has cost what it may cost.
        """
        key = (current_scope(), request.hash)
        shared = self._under_way.get(key)
        if shared is None:
            shared = _UnderWay(asyncio.create_task(self._ask(request, on_partial)))
            self._under_way[key] = shared
            shared.task.add_done_callback(lambda _: self._forget(key, shared))
        shared.waiting += 1
        try:
            return await asyncio.shield(shared.task)
        finally:
            shared.waiting -= 1
            if not shared.waiting:
                shared.task.cancel()  # nobody wants it any more; harmless when it is done
                self._forget(key, shared)  # who asks now is not to share in the cancellation

    def _forget(self, key: tuple[Scope | None, str], shared: _UnderWay) -> None:
        if self._under_way.get(key) is shared:
            del self._under_way[key]

    def room(self, service: str) -> float:
        """Calls of a service that the first of its models could be sent at this moment; none when
        its day is nearly spent.
        """
        for name in self.chains.get(service, ()):
            found = self.models.pool.outlook((service, name.provider, name.model))
            return found.room if found.day_left >= _SCARCE else 0
        return 0

    async def _ask(self, request: Request[T], on_partial: OnPartial | None) -> Asked[T]:
        left = list(request.models or self.chains.get(request.service, ()))
        errors: list[CoursewrightError] = []
        spent: list[Answer] = []
        while left:
            conversation = _Conversation(self, left, request, spent, on_partial)
            try:
                value = await conversation.run()
            except (_NoModel, Blocked, Unusable) as error:
                name = conversation.name
                log.info("a model gave no answer", model=str(name), reason=error.message)
                errors.append(error)
                left.remove(name)
            else:
                return Asked(
                    value=value,
                    model=spent[-1].model,
                    prompt=request.prompt,
                    tokens_in=sum(each.tokens_in for each in spent),
                    tokens_out=sum(each.tokens_out for each in spent),
                    cost_usd=sum((each.cost_usd for each in spent), Decimal(0)),
                )
        raise _worst(errors, request.service)

    def spent_until(self, name: ModelName, request: Request[Any]) -> float | None:
        """Seconds until a model whose day is spent has room again, where they are too many."""
        found = self._outlook(name, request)
        too_long = self.wait < found.wait < math.inf
        return found.wait if found.day_left < 1 and too_long else None

    def choose(self, models: Sequence[ModelName], request: Request[Any]) -> ModelName:
        """The best of the models that would not keep us waiting; else the one that is free first.

        To be called right before sending: whoever is about to send does not wait in the queue yet,
        and is not seen.
        """
        waits = {name: self._outlook(name, request).wait for name in models}
        for name in models:
            if waits[name] <= self.patience:
                return name
        return min(models, key=waits.__getitem__)

    def _outlook(self, name: ModelName, request: Request[Any]) -> Outlook:
        tokens = len(request.system + request.user) // 4 + request.max_tokens
        return self.models.pool.outlook((request.service, name.provider, name.model), tokens=tokens)


def _worst(errors: list[CoursewrightError], service: str) -> CoursewrightError:
    """What to tell of a chain of models of which none gave an answer."""
    if not errors:
        return Unavailable(
            f"no model is set for {service}",
            hint="Set one, e.g. COURSEWRIGHT_MODEL=google:gemini-3.5-flash-lite, and its key.",
        )
    first = errors[0]
    for kind in (Blocked, Unusable):
        first = next((error for error in errors if isinstance(error, kind)), first)
    others = [error.message for error in errors if error is not first]
    message = "; then: ".join([first.message, *dict.fromkeys(others)])
    kind = Unavailable if isinstance(first, _NoModel) else type(first)
    return kind(message, hint=first.hint)


class _Conversation:
    """One model and one question: up to a repair, a longer answer, or other words."""

    def __init__(
        self,
        asker: Asker,
        models: Sequence[ModelName],
        request: Request[Any],
        spent: list[Answer],
        on_partial: OnPartial | None,
    ) -> None:
        self._asker = asker
        self._models = models
        self._chosen: ModelName | None = None
        self._request = request
        self._spent = spent
        self._on_partial = on_partial
        self._used: list[str] = []

    @property
    def name(self) -> ModelName:
        """The model; the best one as long as none had to be asked."""
        return self._chosen or self._models[0]

    async def run(self) -> Any:
        try:
            return await self._run()
        except (Blocked, Unusable):
            # The same question may be asked again by a person; the same answers would be no help.
            if scope := current_scope():
                await self._asker.answers.drop(scope, self._used)
            raise

    async def _run(self) -> Any:
        request = self._request
        answer = await self._say(request, 1)
        if answer.blocked or not answer.text.strip():
            request = replace(request, user=request.user + _REPHRASED)
            answer = await self._say(request, 1)
            if answer.blocked:
                raise Blocked(
                    f"{self.name} declined to write this: its safety filter stopped the answer",
                    hint="Regenerate it with an instruction that puts the subject in other words.",
                )
        if answer.cut:
            answer = await self._say(request, _LARGER)
        value, problems = _read(answer, request)
        if not problems:
            return value
        again = (
            "That answer cannot be used:\n- "
            + "\n- ".join(problems[:_PROBLEMS])
            + "\nGive the complete answer again, mended."
        )
        unusable = Unusable(
            f"{self.name} gave an answer that cannot be used: {problems[0]}",
            hint="Retry it, or set another model for it.",
        )
        try:
            answer = await self._say(request, _LARGER if answer.cut else 1, (answer.text, again))
        except _NoModel as error:
            if isinstance(error.__cause__, NoAnswer) and error.__cause__.lasting:
                raise unusable from error  # with its own words the conversation is too long for it
            raise
        value, problems = _read(answer, request)
        if problems:
            raise unusable
        return value

    async def _say(
        self, request: Request[Any], larger: int, before: tuple[str, str] | None = None
    ) -> Answer:
        """The kept answer to exactly this, else a new one, kept before anybody reads it."""
        # A longer answer and a repair are other questions.
        text = request.user if before is None else "\x00".join((request.user, *before))
        key = replace(request, user=text if larger == 1 else f"{text}\x00{larger}").hash
        self._used.append(key)
        scope = current_scope()
        answers = self._asker.answers
        answer = None if scope is None else await answers.find(scope, key)
        if answer is None:
            if scope is not None and self._asker.budget is not None:
                await self._asker.budget.check(scope)
            with asking(request.prompt, key):
                answer = await self._send(request, larger, before)
            if scope is not None:
                await answers.keep(scope, key, answer)
        self._spent.append(answer)
        return answer

    async def _send(
        self, request: Request[Any], larger: int, before: tuple[str, str] | None
    ) -> Answer:
        on_partial, self._on_partial = self._on_partial, None  # only the first answer is streamed
        deadline = asyncio.get_running_loop().time() + self._asker.wait
        if self._chosen is None or before is None:  # only a repair goes on with the same model
            self._chosen = self._asker.choose(self._models, request)
        if (seconds := self._asker.spent_until(self._chosen, request)) is not None:
            raise _NoModel(
                f"the day's requests of {self._chosen} are used up; there is room again in"
                f" {seconds / 3600:.1f} hours",
                hint="Retry it then, or set another model for it."
                " `coursewright keys` shows what is left.",
            )
        for last in (False, True):
            try:
                return await send(
                    self._asker.models,
                    self._chosen,
                    request,
                    before=() if before is None else (before,),
                    max_tokens=larger * request.max_tokens,
                    deadline=deadline,
                    on_partial=on_partial,
                )
            except NoAnswer as error:
                # A stream that broke cannot be tried again below the SDK.
                if on_partial is None or error.lasting or last:
                    raise _NoModel(str(error), hint=error.hint) from error
                on_partial = None
        raise AssertionError("unreachable")


def _read(answer: Answer, request: Request[T]) -> tuple[T | None, list[str]]:
    """The value, or what is wrong with it."""
    try:
        value = request.output.model_validate_json(_bare(answer.text))
    except ValidationError as error:
        return None, [
            f"{'.'.join(map(str, item['loc'])) or 'the answer'}: {item['msg']}"
            for item in error.errors(include_url=False, include_context=False)
        ]
    return value, list(request.check(value))


def _bare(text: str) -> str:
    """Without the fence that some models put around JSON."""
    text = text.strip()
    if text.startswith("```") and text.endswith("```"):
        return text.removeprefix("```").removeprefix("json").removesuffix("```").strip()
    return text
