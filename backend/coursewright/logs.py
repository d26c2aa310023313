"""Logs: to stderr, for people on a terminal, as JSON elsewhere."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from coursewright.keys.redaction import redact

_QUIET = ("psycopg", "uvicorn.access", "httpx2", "trafilatura")
"""Libraries whose information is noise to whoever runs the program; their warnings are kept."""
_SILENT = ("procrastinate", "psycopg.pool")
"""Libraries that report an outage of the database with long traces; our own messages say it."""


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class _Redacting(structlog.stdlib.ProcessorFormatter):
    """No line leaves with a key in it, whatever a library or a provider has put there."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def configure(level: str, form: str) -> None:
    """Sets up logging for the process.

    Args:
        level: debug, info, warning or error; everything below it is dropped.
        form: human, json, or auto (human when stderr is a terminal).
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    human = form == "human" or (form == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if human else "iso", utc=not human),
        structlog.processors.format_exc_info if not human else _keep,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # The rich one prints local variables, and with them whatever is secret in them.
            exception_formatter=structlog.dev.plain_traceback,
        )
        if human
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Redacting(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *([_on_one_line] if human else []),  # JSON does so by itself
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    for name in _SILENT:
        logging.getLogger(name).setLevel(number if number <= logging.DEBUG else logging.CRITICAL)


def _keep(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return event


def _on_one_line(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Shows control characters instead of obeying them: what somebody puts into an address forges
    no line and moves no cursor.
    """
    for name, value in event.items():
        if isinstance(value, str) and name != "exception":
            event[name] = _CONTROL.sub(lambda found: ascii(found[0])[1:-1], value)
    return event
