"""What `emulate` prints: the settings to paste, a line for each call, a summary."""

import time
from collections import Counter
from typing import cast

from rich.table import Table

from coursewright.emulator.app import summarize
from coursewright.emulator.delivery import BROKEN_OFF, CLIENT_GONE
from coursewright.emulator.desk import Call, Desk
from coursewright.emulator.server import Emulator

_OK = 200
_SAID = {BROKEN_OFF: "reset", CLIENT_GONE: "client gone"}


def settings_for(emulator: Emulator) -> list[str]:
    """The settings that send the program to the emulator. Any text is a key here."""
    return [
        f"COURSEWRIGHT_GEMINI_URL={emulator.gemini_url}",
        f"COURSEWRIGHT_GROQ_URL={emulator.groq_url}",
        "GEMINI_API_KEY=test-key-1",
        "GROQ_API_KEY=test-key-2",
    ]


def line_of(call: Call) -> str:
    """One call: when, which key (the hash of it), model, status, tokens in and out, seconds."""
    status = _SAID.get(call.status, str(call.status))
    seconds = (call.ended or call.at) - call.at
    fault = f"  ({call.fault})" if call.fault else ""
    return (
        f"{time.strftime('%H:%M:%S')}  key {call.key}  {call.model or '-':<28}  {status:>11}  "
        f"{call.prompt_tokens:>6} + {call.answer_tokens:<6} tokens  {seconds:6.2f} s{fault}"
    )


def calls_table(desk: Desk) -> Table:
    """Calls and tokens by project and model."""
    table = Table(title=f"{len(desk.log)} calls")
    for name in ("service", "project", "model"):
        table.add_column(name)
    for name in ("calls", "by status", "tokens in", "tokens out"):
        table.add_column(name, justify="right")
    for row in summarize(desk):
        statuses = cast(dict[str, int], row["by_status"])
        shown = ", ".join(
            f"{_SAID.get(int(status), status)}: {count}" for status, count in statuses.items()
        )
        table.add_row(
            *(str(row[name]) for name in ("provider", "project", "model", "calls")),
            shown,
            str(row["prompt_tokens"]),
            str(row["answer_tokens"]),
        )
    planted = Counter(each.kind for call in desk.log if call.status == _OK for each in call.planted)
    if planted:
        told = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in planted.items())
        table.caption = f"planted in questions: {told}"
    return table
