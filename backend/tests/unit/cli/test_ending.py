"""A process that is told to end does so, in time, whatever it is doing."""

import signal
import subprocess
import sys
import time

import pytest

PROGRAM = """
import asyncio, sys, time
from coursewright.cli.ending import Ended, Watch

async def main():
    print("begun", flush=True)
    try:
        await asyncio.sleep(60)
    finally:
        print("tidying up", flush=True)
        {tidy}

try:
    asyncio.run(Watch({grace}).over(main()))
except Ended as end:
    sys.exit(f"ended by {{end.number}}")
"""


def ended_by(
    number: int, *, tidy: str, grace: float, times: int = 1, program: str = PROGRAM
) -> tuple[int, str, float]:
    """Exit code, what was printed, and the seconds that it took."""
    with subprocess.Popen(
        [sys.executable, "-c", program.format(tidy=tidy, grace=grace)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        began = time.monotonic()
        said = ""
        for _ in range(times):
            process.send_signal(number)
            said += process.stdout.readline()
        # Not communicate(), which knows nothing of what readline() has taken in beyond its line.
        said += process.stdout.read()
        process.wait(30)
        return process.returncode, said, time.monotonic() - began


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_it_tidy_up(number: int) -> None:
    code, said, _ = ended_by(number, tidy="await asyncio.sleep(0.2); print('tidy')", grace=20)
    assert code == 1
    assert said.split("\n")[:3] == ["tidying up", "tidy", f"ended by {number:d}"]


def test_a_second_signal_breaks_off_the_tidying_up() -> None:
    tidy = "await asyncio.sleep(60); print('tidy')"
    _, said, seconds = ended_by(signal.SIGTERM, tidy=tidy, grace=20, times=2)
    assert "tidy\n" not in said
    assert "ended by 15" in said
    assert seconds < 15


def test_what_will_not_end_is_left_behind() -> None:
    tidy = "await asyncio.to_thread(time.sleep, 60)"
    code, said, seconds = ended_by(signal.SIGTERM, tidy=tidy, grace=0.5)
    assert code == 128 + signal.SIGTERM
    assert "would not end in time" in said
    assert seconds < 15


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nobody_has_to_answer_a_question_first(number: int) -> None:
    program = PROGRAM.replace("await asyncio.sleep(60)", "asked('Well?')").replace(
        "\nasync def", "from coursewright.cli.ask import asked\n\nasync def"
    )
    code, said, seconds = ended_by(number, tidy="await asyncio.sleep(0)", grace=20, program=program)
    assert (code, f"ended by {number:d}" in said) == (1, True), said
    assert "tidying up" in said
    assert seconds < 15


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_heard_that_came_to_another_thread(number: int) -> None:
    # As it is where the signal comes just before the loop sleeps: nothing breaks its sleep off.
    program = PROGRAM.replace("import asyncio,", "import asyncio, signal, threading,").replace(
        "    try:\n        await",
        "    threading.Timer(0.3, lambda: signal.pthread_kill("
        f"threading.get_ident(), {number:d})).start()\n    try:\n        await",
    )
    with subprocess.Popen(
        [sys.executable, "-c", program.format(tidy="pass", grace=20)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        said, _ = process.communicate(timeout=20)
    assert f"ended by {number:d}" in said
