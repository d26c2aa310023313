"""How people sign in to this service."""

from enum import StrEnum

from coursewright.course.errors import NotConfigured


class Mode(StrEnum):
    """Who is asking, and how that is known."""

    LOCAL = "local"
    """One owner, signed in by being on this machine."""
    ACCOUNTS = "accounts"
    """E-mail and password, and a cookie."""
    SUPABASE = "supabase"
    """A bearer token that Supabase has signed."""


def mode_of(wanted: str, *, supabase: bool, accounts: bool) -> Mode:
    """The mode.

    Args:
        wanted: the setting: `auto`, or one of the modes.
        supabase: whether a project or a secret of Supabase is configured.
        accounts: whether there is an account.

    Raises:
        NotConfigured: Supabase is wanted, and nothing says which.
    """
    if wanted == Mode.SUPABASE and not supabase:
        raise NotConfigured(
            "sign-in by Supabase is wanted, but no project is named",
            hint="Set COURSEWRIGHT_SUPABASE_URL, or COURSEWRIGHT_SUPABASE_JWT_SECRET.",
        )
    if wanted != "auto":
        return Mode(wanted)
    if supabase:
        return Mode.SUPABASE
    return Mode.ACCOUNTS if accounts else Mode.LOCAL
