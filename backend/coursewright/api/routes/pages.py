"""Plain pages: my courses, the generator, the reader. They use the same service as the API."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from coursewright.api.dependencies import App, User
from coursewright.api.errors import said, status_of
from coursewright.api.rendering import ASIDE, page
from coursewright.bootstrap import Application
from coursewright.course.errors import CoursewrightError
from coursewright.sources.library import Library

router = APIRouter()

TABS = (
    ("learn", "Learn"),
    ("listen", "Listen"),
    ("quiz", "Quiz"),
    ("flashcards", "Flashcards"),
    ("game", "Game"),
    ("articles", "Articles"),
)
_STATES = {
    "generating": "being made",
    "outlined": "waits after its outline",
    "completed": "complete",
    "incomplete": "complete but for a few pieces",
    "failed": "failed",
    "cancelled": "stopped",
}
_LANGUAGES = (("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español"))
"""Those of the built-in author; a model writes in more."""
_MORE_LANGUAGES = (
    ("ar", "العربية"), ("bn", "বাংলা"), ("cs", "Čeština"), ("da", "Dansk"), ("el", "Ελληνικά"),
    ("fi", "Suomi"), ("he", "עברית"), ("hi", "हिन्दी"), ("hu", "Magyar"), ("id", "Bahasa Indonesia"),
    ("it", "Italiano"), ("ja", "日本語"), ("ko", "한국어"), ("nb", "Norsk bokmål"),
    ("nl", "Nederlands"), ("pl", "Polski"), ("pt", "Português"), ("ro", "Română"),
    ("ru", "Русский"), ("sv", "Svenska"), ("ta", "தமிழ்"), ("th", "ไทย"), ("tr", "Türkçe"),
    ("uk", "Українська"), ("ur", "اردو"), ("vi", "Tiếng Việt"), ("zh", "中文"),
)  # fmt: skip


@router.head("/", response_class=HTMLResponse)
@router.get("/", response_class=HTMLResponse)
async def home(app: App, user: User) -> Response:
    """My courses, the newest first."""
    found = await app.reading.summaries(user, limit=200)
    return page("home.html", here="courses", courses=found, states=_STATES)


@router.get("/course-generator", response_class=HTMLResponse)
async def generator(app: App, topic: Annotated[str, Query(max_length=300)] = "") -> Response:
    """Where a course is ordered."""
    return page(
        "generator.html",
        here="generator",
        topic=topic,
        topics=[primer.title for primer in Library().primers()],
        languages=_LANGUAGES + (_MORE_LANGUAGES if app.providers is not None else ()),
        max_mb=app.settings.max_source_mb,
        by_model=app.providers is not None,
    )


@router.get("/courses/{course_id}", response_class=HTMLResponse)
async def reader(course_id: str, app: App, user: User) -> Response:
    """A course, as far as it is made."""
    try:
        return await _reader(app, user, course_id)
    except CoursewrightError as error:
        return page("problem.html", status=status_of(error), title=said(error), hint=error.hint)


@router.get("/docs", response_class=HTMLResponse)
async def docs(request: Request) -> Response:
    """The HTTP API for people: every route with its description, without outside scripts."""
    return page("docs.html", api=request.app.openapi())


async def _reader(app: Application, user: UUID, name: str) -> Response:
    found = await app.reading.opened(user, name)
    course, pieces = found.course, found.pieces
    render = partial(
        page,
        "course.html",
        language=course.brief.language,
        course=course,
        pieces=pieces,
        settled=sum(not piece.state.is_open for piece in pieces),
        last_event=found.last_event,
        spent=found.spent,
        tabs=TABS,
        outline=course.outline.chapters if course.outline else (),
        ready={chapter.number for chapter in course.chapters},
        sources={source.id: source for source in course.sources},
        games=[game.model_dump(mode="json") for game in course.word_games],
    )
    return await ASIDE.run(render)
