"""The benchmark of the key pool judges fairly, keeps its peers here, and says what is missing."""

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

BENCHMARKS = Path(__file__).resolve().parents[4] / "benchmarks"
_AWAY = """
import socket, sys
from key_pools import peer_job
sys.addaudithook(peer_job._stay_here)
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname()).close()
for reach in (
    lambda: socket.getaddrinfo("example.org", 443),
    lambda: socket.socket().connect(("192.0.2.1", 443)),
):
    try:
        reach()
    except ConnectionRefusedError as error:
        print("refused" if "stays on this machine" in str(error) else error)
"""


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def _module(name: str) -> Any:
    return importlib.import_module(f"key_pools.{name}")


def _row(*, done: float = 1.0, seconds: float = 70.0, refusals: int = 0) -> dict[str, Any]:
    return {"strategy": "x", "done": done, "seconds_each": [seconds], "refusals": refusals}


def test_whoever_gives_up_early_is_not_ahead() -> None:
    behind = _module("bars").behind
    assert behind(_row(), _row(done=0.5, seconds=10.0, refusals=50)) == []
    assert behind(_row(done=0.99), _row(done=0.5, refusals=50)) == ["it finished 99% of its calls"]


def test_a_slower_one_and_one_with_more_refusals_are_behind() -> None:
    behind = _module("bars").behind
    assert behind(_row(seconds=71.0), _row(seconds=70.0)) == ["it took 71.0 s, the other 70.0 s"]
    assert behind(_row(refusals=4), _row(seconds=80.0, refusals=3)) == [
        "it met 4 429s, the other 3"
    ]


def test_seconds_are_compared_over_the_seeds_that_both_have() -> None:
    behind = _module("bars").behind
    ours = {**_row(), "seconds_each": [69.0, 75.0, 76.0]}
    assert behind(ours, _row(seconds=70.0)) == []
    assert behind(ours, {**_row(), "seconds_each": [70.0, 70.0, 70.0]}) != []


def test_none_can_have_fewer_refusals_than_none() -> None:
    assert _module("bars").behind(_row(seconds=69.0), _row(seconds=70.0)) == []


@given(seconds=st.floats(1, 500), refusals=st.integers(1, 500))
def test_nobody_is_ahead_of_itself(seconds: float, refusals: int) -> None:
    row = _row(seconds=seconds, refusals=refusals)
    assert len(_module("bars").behind(row, row)) == 2


def test_a_pool_that_was_told_nothing_is_not_measured_against_one_that_was() -> None:
    bars, run = _module("bars"), _module("run")
    rows = {each.name: {**_row(refusals=9), "above_bound": 1.0} for each in run.ALL}
    texts = [bar.text for bar in bars.bars(rows, run.ALL, groups=10, faults=False, waits=True)]
    assert any(text.startswith("pool, projects named: ahead of LiteLLM usage") for text in texts)
    named = [text for text in texts if "pool, nothing named: ahead of" in text]
    assert named
    assert not any("LiteLLM" in text and "projects named" in text for text in named)


def test_the_bars_of_the_pool_break_when_they_should() -> None:
    bars, run = _module("bars"), _module("run")
    rows = {
        "named": {**_row(refusals=1, done=0.5), "above_bound": 1.11},
        "unnamed": {**_row(refusals=21), "above_bound": 1.5},
    }
    found = bars.bars(rows, run.OURS, groups=10, faults=False, waits=True)
    assert [bar.holds for bar in found] == [False, False, False, True, False]


def test_a_peer_reaches_no_other_machine() -> None:
    found = subprocess.run(
        [sys.executable, "-c", _AWAY],
        env={"PYTHONPATH": str(BENCHMARKS)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert found.stdout.split() == ["refused", "refused"]


def test_a_missing_package_is_named_in_the_table(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    peers, table, measure = _module("peers"), _module("table"), _module("measure")
    monkeypatch.setattr(peers, "VENV", tmp_path)
    assert not any(each.installed() for each in peers.PEERS)
    table.show(measure.Plan(calls=1), peers.PEERS, {}, [])
    assert capsys.readouterr().out.count("not installed: make bench installs it") == len(
        peers.PEERS
    )


async def test_a_peer_that_does_not_start_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    peers, work = _module("peers"), _module("work")
    program = tmp_path / "broken.py"
    program.write_text("raise SystemExit('no such router')")
    monkeypatch.setattr(peers, "python", lambda: sys.executable)

    async def start() -> None:
        pytest.fail("it was not ready")

    job = work.Work(
        base="http://127.0.0.1:9",
        model="m",
        warm_up_model="w",
        prompts=["a"],
        keys=["k"],
        projects=["p"],
        rpm=5,
        deadline=1.0,
        start=start,
    )
    with pytest.raises(peers.PeerFailed, match="did not start: no such router"):
        await peers._peer(str(program), {})(job)


def test_a_run_whose_peer_breaks_down_says_so_and_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    peers, run, work = _module("peers"), _module("run"), _module("work")
    program = tmp_path / "broken.py"
    program.write_text("raise SystemExit('no such router')")
    monkeypatch.setattr(peers, "python", lambda: sys.executable)
    broken = work.Strategy(name="broken", title="b", send=peers._peer(str(program), {}), peer=True)
    monkeypatch.setattr(run, "ALL", [broken])
    monkeypatch.setattr(sys, "argv", ["run.py", "--calls", "1"])
    assert run.main() == 2
    assert "did not start: no such router" in capsys.readouterr().err


def test_an_unknown_strategy_is_refused_with_the_known_ones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = _module("run")
    monkeypatch.setattr(sys, "argv", ["run.py", "--only", "named,nobody"])
    with pytest.raises(SystemExit) as ended:
        run.main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "no strategy is called nobody" in said
    assert "litellm-usage-queue" in said
