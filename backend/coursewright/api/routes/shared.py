"""A course by a link: no sign-in, nothing to change, and nothing that says whose it is."""

from functools import partial

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from coursewright.api.dependencies import App
from coursewright.api.errors import Problem, problem
from coursewright.api.rendering import ASIDE, page
from coursewright.api.routes.pages import TABS
from coursewright.course.errors import NotFound
from coursewright.course.shared import SharedCourse

router = APIRouter(tags=["sharing"])

PRIVATE = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
"""The address is the key: it is to stay in no cache, no other site's log, no search engine."""


@router.get(
    "/api/shared/{token}",
    summary="Read a course by a link",
    response_model=SharedCourse,
    responses={404: {"model": Problem, "description": "The link opens nothing."}},
)
async def read(token: str, app: App) -> Response:
    """What is to be learnt, and the credit of its sources. 404 when the link has ended."""
    try:
        course = await app.sharing.read(token)
    except NotFound as error:
        response = problem(404, error.message, kind="not-found", hint=error.hint)
        response.headers.update(PRIVATE)
        return response
    return JSONResponse(course.model_dump(mode="json"), headers=PRIVATE)


@router.get("/shared/{token}", include_in_schema=False)
async def reader(token: str, app: App) -> Response:
    """The same as a page."""
    try:
        course = await app.sharing.read(token)
    except NotFound as error:
        response = page("problem.html", status=404, title=error.message, hint=error.hint)
    else:
        render = partial(
            page,
            "shared.html",
            shared=True,
            language=course.language,
            course=course,
            tabs=TABS,
            outline=course.outline,
            ready={chapter.number for chapter in course.chapters},
            sources={source.id: source for source in course.sources},
            games=[game.model_dump(mode="json") for game in course.word_games],
        )
        response = await ASIDE.run(render)
    response.headers.update(PRIVATE)
    return response
