"""Settings: from the environment, and from `backend/.env` or `./.env` where these exist."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from coursewright.accounts.address import Origin, parse_origin
from coursewright.course.errors import NotConfigured
from coursewright.database.embedded import default_data_dir
from coursewright.keys.limits import parse_limits
from coursewright.providers.models import Endpoints
from coursewright.providers.names import (
    DEFAULT_LIMITS,
    DEFAULT_MODELS,
    GEMINI_URL,
    GROQ_URL,
    SERVICES,
    parse_chain,
)
from coursewright.providers.opening import Config

CallsAtOnce = Annotated[int, Field(ge=1, le=1024)]
_SHORTEST_SECRET = 32
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
    auth: Literal["auto", "local", "accounts", "supabase"] = Field(
        default="auto",
        description="Who may sign in. `auto`: Supabase where one is configured, accounts where"
        " there are any, else the one owner of this machine, on the loopback address only.",
    )
    public_url: str | None = Field(
        default=None,
        description="The address that people type, e.g. https://learn.example.org: its name is"
        " answered to, and only its pages may change anything.",
    )
    allowed_origins: str = Field(
        default="",
        description="Other origins whose pages may use the API with a bearer token, separated by"
        " commas (CORS); none by default.",
    )
    supabase_url: str | None = Field(
        default=None,
        description="The project whose users may sign in, e.g. https://PROJECT.supabase.co.",
    )
    supabase_jwt_secret: SecretStr | None = Field(
        default=None,
        description="The secret of a project that signs with one (HS256), 32 characters or more.",
    )
    session_idle_hours: Annotated[float, Field(gt=0, le=8784)] = Field(
        default=168, description="Hours without use after which a session ends."
    )
    session_days: Annotated[float, Field(gt=0, le=366)] = Field(
        default=30, description="Days after which a session ends, however much it is used."
    )
    worker_port: Annotated[int, Field(ge=0, le=65535)] | None = Field(
        default=None,
        description="The port on which `worker` answers /health, /ready and /metrics.",
    )
    author: Literal["auto", "builtin", "model"] = Field(
        default="auto",
        description="Who writes. `auto`: a model where there is a key for one, else the built-in.",
    )
    model: str = Field(
        default="",
        description="The models of all services, best first: `google:MODEL, groq:MODEL`.",
    )
    model_chapter: str = Field(default="", description="The same for outlines and chapters.")
    model_quiz: str = Field(default="", description="The same for questions.")
    model_flashcard: str = Field(default="", description="The same for flashcards.")
    model_game: str = Field(default="", description="The same for glossaries (word games).")
    model_article: str = Field(default="", description="The same for articles and suggestions.")
    model_audio: str = Field(default="", description="The same for audio scripts.")
    limits: str = Field(
        default="",
        description="What one project may send, where it is not a free tier:"
        " `gemini:gemini-3.8-flash rpm=1000 tpm=1000000; groq:* rpm=300`.",
    )
    gemini_url: str = Field(default=GEMINI_URL, description="Where Gemini is.")
    groq_url: str = Field(default=GROQ_URL, description="Where Groq is.")
    openai_url: str | None = Field(
        default=None,
        description="A server that speaks OpenAI's wire (Ollama, llama.cpp, vLLM, OpenRouter),"
        " e.g. http://127.0.0.1:11434/v1; its models are named `openai:MODEL`.",
    )
    max_cost_per_course: Annotated[Decimal, Field(gt=0)] | None = Field(
        default=None, description="US dollars at list prices after which no model is asked."
    )
    courses_a_day: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="How many courses one user may order on a day (UTC)."
    )
    courses_at_once: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="How many courses of one user are made at once."
    )
    upload_mb_a_day: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="Megabytes of files that one user may send in on a day."
    )
    usd_a_day: Annotated[Decimal, Field(gt=0)] | None = Field(
        default=None,
        description="US dollars at list prices that one user's calls may cost on a day before"
        " no further course is begun.",
    )
    call_minutes: Annotated[float, Field(gt=0)] = Field(
        default=30, description="The longest time that a model call waits for room in the limits."
    )
    patience_seconds: Annotated[float, Field(ge=0)] = Field(
        default=20,
        description="How long a call waits for the better model before the next one is asked.",
    )
    hedge: bool = Field(
        default=False,
        description="Send a call that takes unusually long a second time, where a key is idle:"
        " at most 5 % more calls. Not for free tiers.",
    )
    calls_at_once_chapter: CallsAtOnce = Field(default=32, description="Calls under way at once.")
    calls_at_once_quiz: CallsAtOnce = Field(default=32, description="The same.")
    calls_at_once_flashcard: CallsAtOnce = Field(default=32, description="The same.")
    calls_at_once_game: CallsAtOnce = Field(default=32, description="The same.")
    calls_at_once_article: CallsAtOnce = Field(default=32, description="The same.")
    calls_at_once_audio: CallsAtOnce = Field(default=32, description="The same.")
    concurrency: Annotated[int, Field(ge=1, le=1024)] | None = Field(
        default=None,
        description="Pieces that one worker makes at the same time;"
        " by default 8, and 128 where models write, which is mostly waiting.",
    )
    database_connections: Annotated[int, Field(ge=4, le=200)] = Field(
        default=10,
        description="The most connections to Postgres of one process, besides up to 5 for"
        " notifications and quota. All processes together have to fit into its"
        " max_connections.",
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
    files_url: str | None = Field(
        default=None,
        description="An S3-compatible bucket for files, `s3://bucket/prefix` (keys as AWS_...);"
        " without it they lie in the data folder.",
    )
    keep_originals: bool = Field(
        default=False, description="Keep the files that courses are made of, to be read again."
    )
    keep_events_days: Annotated[int, Field(ge=1)] | None = Field(
        default=90, description="Days that the events of a course are kept once it is made."
    )
    keep_calls_days: Annotated[int, Field(ge=1)] | None = Field(
        default=None,
        description="Days that model calls are kept in the ledger, and with them their cost.",
    )
    keep_ended_days: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="Days that failed and cancelled courses are kept."
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Who sends it as a bearer token may read /metrics;"
        " without it, only this machine.",
    )
    otlp_endpoint: str | None = Field(
        default=None,
        description="Where traces are sent by OTLP over HTTP, e.g. http://127.0.0.1:4318/v1/traces;"
        " needs coursewright[telemetry].",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="How much is logged."
    )
    log_format: Literal["auto", "human", "json"] = Field(
        default="auto", description="`auto`: human on a terminal, JSON elsewhere."
    )

    @field_validator("public_url", "supabase_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        """Without a path: a cookie and an origin belong to a whole host."""
        if not value:
            return None
        if parse_origin(value) is None:
            raise ValueError("must look like https://learn.example.org, with nothing behind it")
        return value.rstrip("/")

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        for each in filter(None, map(str.strip, value.split(","))):
            if parse_origin(each) is None:
                raise ValueError(f"{each!r} is not an origin such as https://app.example.org")
        return value

    @field_validator("supabase_jwt_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        """RFC 7518, 3.2: as long as the hash at least."""
        if value is None or not value.get_secret_value():
            return None
        if len(value.get_secret_value().encode()) < _SHORTEST_SECRET:
            raise ValueError(f"must have {_SHORTEST_SECRET} characters at least")
        return value

    @property
    def origins(self) -> list[str]:
        """The allowed origins."""
        listed = filter(None, map(str.strip, self.allowed_origins.split(",")))
        return [each.rstrip("/") for each in listed]

    @property
    def public(self) -> Origin | None:
        """The public address, where one is set."""
        return None if self.public_url is None else parse_origin(self.public_url)

    @property
    def embedded(self) -> bool:
        """Whether the database is the embedded one."""
        return self.database_url is None


def config_of(settings: Settings) -> Config:
    """What is set of models.

    Raises `UnusableModelName` and `UnusableLimits`, which quote what is wrong.
    """
    said: dict[str, str] = {name: getattr(settings, f"model_{name}") for name in SERVICES}
    return Config(
        chains={
            name: parse_chain(said[name] or settings.model or DEFAULT_MODELS[name])
            for name in SERVICES
        },
        limits=parse_limits(settings.limits).over(parse_limits(DEFAULT_LIMITS)),
        endpoints=Endpoints(
            gemini_url=settings.gemini_url,
            groq_url=settings.groq_url,
            openai_url=settings.openai_url,
        ),
        at_once={name: getattr(settings, f"calls_at_once_{name}") for name in SERVICES},
        wait=settings.call_minutes * 60,
        patience=settings.patience_seconds,
        hedge=settings.hedge,
    )


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
