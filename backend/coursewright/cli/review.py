"""`review`, `due`: study cards in the terminal, and see what is due."""

import time
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

import typer
from rich.markdown import Markdown
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from coursewright.bootstrap import Application
from coursewright.cli import options
from coursewright.cli.ask import asked
from coursewright.cli.console import err, out, print_json, with_application
from coursewright.course.memory import Rating
from coursewright.study.dashboard import Summary
from coursewright.study.deck import Review
from coursewright.study.reviews import CardToReview, Queue, Reviews

_COURSE = typer.Option(
    "--course",
    metavar="ID",
    help="Only cards of this course: its id, or the beginning of it.",
    show_default=False,
)
_WIDTH = 88
_MINUTE, _HOUR, _DAY, _MONTH, _YEAR = 60, 3600, 86_400, 30 * 86_400, 365 * 86_400


def due(as_json: options.Json = False) -> None:
    """Say what is due today and in the next days, how courses stand, and the streak."""

    async def action(application: Application) -> Summary:
        return await application.study.dashboard.summary(application.owner)

    summary = with_application("due", action)
    if as_json:
        print_json(summary.model_dump(mode="json"))
        return
    today = summary.due_today
    out.print(
        f"[bold]{today.total}[/] cards today: {today.learning} in learning, {today.review} due,"
        f" {today.new} new"
    )
    ahead = ", ".join(f"{each.day:%a} {each.due}" for each in summary.forecast)
    out.print(f"Due in the next days, without new ones: {ahead}", style="dim")
    out.print(
        f"Streak: {summary.streak.current} days (longest {summary.streak.longest});"
        f" studied today: {interval(summary.seconds_studied.today)}"
    )
    if summary.courses:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("ID")
        table.add_column("Course")
        table.add_column("Chapters completed", justify="right")
        for course in summary.courses:
            done = f"{course.completed} of {course.chapters}"
            table.add_row(str(course.id)[:8], escape(course.title), done)
        out.print(table)
    if today.total:
        err.print("\nReview them: coursewright review")


def review(course: Annotated[str | None, _COURSE] = None) -> None:
    """Review what is due: cards of all courses, and questions that were missed in quizzes.

    Enter turns the card; 1 to 4 say how well it was known. Ctrl-D ends, what was rated is kept.
    """

    async def action(application: Application) -> int:
        owner = application.owner
        found = None if course is None else await application.reading.resolve(owner, course)
        return await _Session(application.study.reviews, owner, found).run()

    count = with_application("review", action)
    err.print(f"\n{count} {'card' if count == 1 else 'cards'} reviewed")


class _Session:
    """Cards, one after the other, until none is left or the learner has had enough."""

    def __init__(self, reviews: Reviews, user: UUID, course: UUID | None) -> None:
        self._reviews = reviews
        self._user = user
        self._course = course
        self._done: list[UUID] = []

    async def run(self) -> int:
        """How many cards were reviewed."""
        while True:
            queue = await self._reviews.due(self._user, limit=1, course_id=self._course)
            if not queue.cards:
                out.print(_nothing_left(queue))
                return len(self._done)
            if not await self._show(queue.cards[0], queue.left_today.total):
                return len(self._done)

    async def _show(self, card: CardToReview, left: int) -> bool:
        """One card; False when the learner has had enough."""
        out.print(f"\n[dim]{left} left · {escape(card.course_title)}, chapter {card.chapter}[/]")
        out.print(Markdown(card.front), width=_WIDTH)
        for number, option in enumerate(card.options or ()):
            out.print(f"  {chr(65 + number)}. {escape(option)}", width=_WIDTH)
        begun = time.monotonic()
        if asked("turn") is None:
            return False
        out.print(Padding(Markdown(card.back), (0, 0, 0, 4)), width=_WIDTH)
        if card.explanation:
            out.print(Padding(escape(card.explanation), (0, 0, 0, 4)), width=_WIDTH, style="dim")
        choices = "  ".join(
            f"[bold]{each.rating.value}[/] {each.rating.name.lower()} ({interval(each.seconds)})"
            for each in card.next
        )
        out.print(f"{choices}  [bold]s[/] set aside" + ("  [bold]u[/] undo" if self._done else ""))
        while True:
            answer = asked("1-4")
            if answer is None:
                return False
            if answer in {"1", "2", "3", "4"}:
                await self._rate(card.id, Rating(int(answer)), time.monotonic() - begun)
                return True
            if answer == "s":
                await self._reviews.set_suspended(self._user, card.id, suspended=True)
                return True
            if answer == "u" and self._done:
                await self._reviews.take_back(self._user, self._done.pop())
                return True
            out.print("1 again, 2 hard, 3 good, 4 easy")

    async def _rate(self, card: UUID, rating: Rating, seconds: float) -> None:
        order = Review(id=uuid4(), card_id=card, rating=rating, elapsed_ms=int(seconds * 1000))
        await self._reviews.rate(self._user, order)
        self._done.append(order.id)


def interval(seconds: int) -> str:
    """A span as people say it: `10 min`, `3 d`."""
    if seconds < _MINUTE:
        return f"{seconds} s"
    for unit, name, bound in ((_MINUTE, "min", _HOUR), (_HOUR, "h", _DAY), (_DAY, "d", _MONTH)):
        if seconds < bound:
            return f"{seconds / unit:.0f} {name}"
    if seconds < _YEAR:
        return f"{seconds / _MONTH:.1f} months"
    return f"{seconds / _YEAR:.1f} years"


def _nothing_left(queue: Queue) -> str:
    if queue.next_learning is not None:
        wait = max(0, round((queue.next_learning - datetime.now(UTC)).total_seconds()))
        return f"\nNothing is due now; the next card comes in {interval(wait)}."
    more = queue.waiting.total
    if more:
        return f"\nDone for today. {more} more cards wait for another day (daily limits)."
    return "\nNothing is due."
