"""Errors of the whole package.

    CoursewrightError
    ├── UserError               the person who asked can mend it
    │   ├── BadRequest              a value that was given is not usable
    │   ├── NotSignedIn             nobody is signed in, or not with what was given
    │   ├── WrongPassword           who is signed in has to show it once more, and did not
    │   ├── TooManyAttempts         it was tried too often; it may be tried again later
    │   ├── NotFound                there is no such thing (or it belongs to somebody else)
    │   ├── Conflict                it cannot be done in the state that things are in
    │   ├── LimitReached            it is more than one user may order; later it may be allowed
    │   ├── Stale                   somebody else has changed it in the meantime
    │   ├── Refused                 the question gate refuses it; the author may overrule that
    │   ├── NoSource                no source covers the topic, and no author can do without
    │   ├── SourceError             a document cannot be read
    │   ├── TooLittle               there is not enough substance to make this piece
    │   ├── Blocked                 the model declines to write this
    │   └── Unusable                the model's answers could not be used
    ├── OperatorError           the person who runs the program can mend it
    │   ├── NotConfigured           a setting is missing or contradicts another
    │   ├── OverBudget              the course has cost what it may cost
    │   └── Unavailable             something that we depend on is down; it may come back
    └── Defect                  we have to mend it

Each error carries a message (what happened) and a hint (what to do about it); people see both.
"""

from collections.abc import Mapping, Sequence


class CoursewrightError(Exception):
    """The root. `hint` says what to do; it is shown below the message."""

    hint: str

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    @property
    def message(self) -> str:
        """What happened, in one or two sentences."""
        return str(self.args[0])


class UserError(CoursewrightError):
    """The person who asked can mend it."""


class BadRequest(UserError):
    """A value that was given is not usable."""


class NotSignedIn(UserError):
    """Nobody is signed in, or what was given to sign in is not right (which is not told apart)."""


class WrongPassword(UserError):
    """What cannot be undone asks for the password once more, and that was another one."""


class TooManyAttempts(UserError):
    """It was tried too often. `seconds` says when it may be tried again."""

    def __init__(self, message: str, *, seconds: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.seconds = seconds


class NotFound(UserError):
    """There is no such thing, or it belongs to somebody else (which is not told apart)."""


class Conflict(UserError):
    """It cannot be done in the state that things are in."""


class LimitReached(UserError):
    """It is more than one user may order. `retry_after`: seconds until it may be allowed."""

    def __init__(self, message: str, *, hint: str = "", retry_after: int = 60) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class Stale(UserError):
    """It was changed since the version that the change was made for."""


class Refused(UserError):
    """The question gate refuses it. `problems` says what and why, item by item."""

    def __init__(
        self, message: str, *, problems: Sequence[Mapping[str, str]], hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)


class NoSource(UserError):
    """No source covers the topic, and no author is there that could write without one."""


class SourceError(UserError):
    """A document cannot be read. `source` names it."""

    def __init__(self, message: str, *, source: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.source = source


class TooLittle(UserError):
    """There is not enough substance to make this piece."""


class Blocked(UserError):
    """The model declines to write this; other words may help."""


class Unusable(UserError):
    """The model's answers could not be used, a repair included."""


class OperatorError(CoursewrightError):
    """The person who runs the program can mend it."""


class NotConfigured(OperatorError):
    """A setting is missing or contradicts another."""


class OverBudget(OperatorError):
    """The course has cost what it may cost."""


class Unavailable(OperatorError):
    """Something that we depend on is down. Trying again later may help."""


class Defect(CoursewrightError):
    """A fault of ours."""
