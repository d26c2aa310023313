"""What routes ask for: the application, and who is signed in."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from coursewright.bootstrap import Application


def application_of(request: Request) -> Application:
    """The application that the service was started with."""
    application: Application = request.app.state.application
    return application


def signed_in(request: Request) -> UUID:
    """Who asks. On the loopback address that is the local owner; never taken from the request."""
    return application_of(request).owner


App = Annotated[Application, Depends(application_of)]
User = Annotated[UUID, Depends(signed_in)]
