"""`coursewright emulate` as a process, and what it refuses to start with."""

import json
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from coursewright.cli import main
from coursewright.cli.emulate import emulate
from coursewright.cli.emulated_limits import limited
from coursewright.emulator.options import EmulatorOptions
from support.emulate_process import emulating

KEY = "test-key-that-is-secret"


def call(address: str, key: str = KEY, prompt: str = "Say something") -> tuple[int, Any]:
    """Status and body of a call to Gemini."""
    body = {"contents": [{"parts": [{"text": prompt}]}]}
    request = urllib.request.Request(
        f"{address}/v1beta/models/gemini-3.8-flash:generateContent",
        data=json.dumps(body).encode(),
        headers={"x-goog-api-key": key, "content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def ended(process: "subprocess.Popen[str]") -> str:
    """All that is printed from here to the end after Ctrl-C."""
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0, said
    return said


def test_calls_are_told_without_their_keys_and_summed_up(tmp_path: Path) -> None:
    with emulating(tmp_path, "--latency", "0", "--limits", "gemini:* rpm=2 rpd=9") as (
        address,
        process,
    ):
        assert [call(address)[0] for _ in range(3)] == [200, 200, 429]
        said = ended(process)
    assert KEY not in said
    assert len(re.findall(r"key [0-9a-f]{8}  gemini-3\.8-flash", said)) == 3
    assert "3 calls" in said
    assert "200: 2, 429: 1" in said


def test_quiet_prints_the_summary_alone(tmp_path: Path) -> None:
    with emulating(tmp_path, "--latency", "0", "--quiet") as (address, process):
        assert call(address)[0] == 200
        said = ended(process)
    assert "key " not in said
    assert "1 calls" in said


def test_options_reach_the_emulator(tmp_path: Path) -> None:
    options = (
        "--latency=0", "--dead-key=dead", "--leaked-key=leaked", "--errors=100",
        "--project=one=school", "--project=two=school", "--window=calendar",
        "--limits=gemini:* rpm=1",
    )  # fmt: skip
    with emulating(tmp_path, *options) as (address, _):
        assert call(address, "dead")[0] == 400
        assert call(address, "leaked")[0] == 403
        status, body = call(address, "one")
        assert (status, body["error"]["status"]) == (500, "INTERNAL")
        assert call(address, "two")[0] == 429  # the same project


def test_a_port_that_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as end:
            main(["emulate", "--port", str(port)])
    said = capsys.readouterr().err
    assert end.value.code == 1
    assert f"port {port} is taken" in said
    assert "--port 8090" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--limits", "gemini"], "write it like"),
        (["--limits", "gemini:* rpm=0"], "above 0"),
        (["--limits", "gemini:* speed=3"], "a limit is one of"),
        (["--limits", "azure:* rpm=3"], "no service called 'azure'"),
        (["--project", "no-name"], "no `=`"),
        (["--project", "=name"], "no `=`"),
        (["--project", "k=a", "--project", "k=b"], "both a and b"),
        (["--latency", "nan"], "--latency"),
        (["--unsafe", "("], "--unsafe"),
        (["--latency", "inf"], "--latency"),
        (["--day-seconds", "inf"], "--day-seconds"),
        (["--faults", "nan"], "--faults"),
        (["--faults", "101"], "--faults"),
        (["--stall", "-1"], "--stall"),
        (["--window", "rolling"], "--window"),
        (["--port", "70000"], "--port"),
    ],
)
def test_bad_options_are_refused_with_a_reason(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["emulate", "--port", "0", *arguments])
    assert end.value.code == 2
    assert said in capsys.readouterr().err


def started_with(monkeypatch: pytest.MonkeyPatch, **fields: Any) -> EmulatorOptions:
    """The options that the command would serve with."""
    found: list[EmulatorOptions] = []

    def keep(options: EmulatorOptions, _: int, *, quiet: bool) -> None:
        del quiet
        found.append(options)

    monkeypatch.setattr("coursewright.cli.emulate.serve_emulator", keep)
    emulate(**fields)
    return found[0]


def test_faults_are_dealt_out_to_all_kinds_and_single_ones_go_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = ("overloaded", "errors", "stall", "reset", "malformed", "empty", "blocked")
    made = started_with(monkeypatch, faults=10.0)
    rates = {name: getattr(made, name) for name in names}
    assert min(rates.values()) > 0
    assert sum(rates.values()) == pytest.approx(0.1)
    single = started_with(monkeypatch, faults=10.0, stall=0.0, wrong_keys=5.0)
    assert single.stall == 0
    assert single.reset == made.reset
    assert single.wrong_keys == pytest.approx(0.05)


def test_limits_replace_what_they_name_and_leave_the_rest() -> None:
    models: Mapping[str, Any] = limited(
        "gemini:* rpm=7; gemini:gemini-3.8-flash rpd=3; groq:my/model tpm=9"
    )
    gemini, groq = models["gemini_models"], models["groq_models"]
    assert gemini["gemini-3.5-flash-lite"].rpm == 7
    assert gemini["gemini-3.5-flash-lite"].rpd == 500
    assert (gemini["gemini-3.8-flash"].rpm, gemini["gemini-3.8-flash"].rpd) == (5, 3)
    assert (groq["my/model"].tpm, groq["my/model"].rpm) == (9, None)
    assert groq["qwen/qwen3.8-27b"].tpm == 8_000
