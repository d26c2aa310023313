"""What routes ask for: the application, and who is signed in."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from coursewright.api.auth import Who, signed_in, who_asks
from coursewright.bootstrap import Application


def application_of(request: Request) -> Application:
    """The application that the service was started with."""
    application: Application = request.app.state.application
    return application


App = Annotated[Application, Depends(application_of)]
User = Annotated[UUID, Depends(signed_in)]
"""Who asks; never taken from the request's body, path or query."""
Asking = Annotated[Who, Depends(who_asks)]
"""The same with the address and the way of signing in."""
