"""Settings: from the environment, and from `backend/.env` or `./.env` where these exist."""

from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from coursewright.course.errors import NotConfigured
from coursewright.database.embedded import default_data_dir

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def env_files() -> tuple[Path, ...]:
    """The files that are read, later ones winning. The environment itself wins over all."""
    beside = Path(__file__).resolve().parents[1]
    files = [beside / ".env"] if beside.name == "backend" else []
    return tuple(path for path in (*files, Path.cwd() / ".env") if path.is_file())


class Settings(BaseSettings):
    """Every setting, with its default. In the environment its name begins with `COURSEWRIGHT_`."""

    model_config = SettingsConfigDict(env_prefix="COURSEWRIGHT_", extra="ignore", frozen=True)

    data_dir: Path = Field(
        default_factory=default_data_dir,
        description="Where the embedded database and all files are kept.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL", "COURSEWRIGHT_DATABASE_URL"),
        description="A Postgres 15 or newer. Without it, an embedded one is started.",
    )
    admin_database_url: SecretStr | None = Field(
        default=None,
        description="A login that may create tables and roles; by default DATABASE_URL.",
    )
    host: str = Field(default="127.0.0.1", description="The address that `serve` listens on.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        default=8008, description="The port that `serve` listens on; 0 takes any free one."
    )
    concurrency: Annotated[int, Field(ge=1, le=256)] = Field(
        default=8, description="Pieces that one worker makes at the same time."
    )
    max_source_mb: Annotated[int, Field(ge=1)] = Field(
        default=200, description="The largest source, in megabytes."
    )
    max_source_pages: Annotated[int, Field(ge=1)] = Field(
        default=2000, description="The most pages of one source."
    )
    source_seconds: Annotated[float, Field(gt=0)] = Field(
        default=60, description="The longest time for reading one source, in seconds."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="How much is logged."
    )
    log_format: Literal["auto", "human", "json"] = Field(
        default="auto", description="`auto`: human on a terminal, JSON elsewhere."
    )

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        return self.host in LOOPBACK

    @property
    def embedded(self) -> bool:
        """Whether the database is the embedded one."""
        return self.database_url is None


def load_settings() -> Settings:
    """Reads the settings. Raises `NotConfigured` that names every setting that is not usable."""
    try:
        return Settings(_env_file=env_files())  # pyright: ignore[reportCallIssue] - pydantic-settings takes it
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}"
            for item in error.errors(include_input=False, include_url=False)
        )
        raise NotConfigured(
            f"settings are not usable: {problems}",
            hint="Mend them in the environment or in .env; `coursewright doctor` lists them all.",
        ) from None


def env_file_values() -> dict[str, str]:
    """What the `.env` files say, for names that are no settings of ours (the keys)."""
    values: dict[str, str] = {}
    for path in env_files():
        values |= {name: value for name, value in dotenv_values(path).items() if value is not None}
    return values
