"""`coursewright mcp` as an assistant starts it: a real process, the SDK's own client."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp_types import TextContent, TextResourceContents

from coursewright import AsyncClient

TOPIC = "Machine Learning Basics"
ARGUMENTS = ["-m", "coursewright", "mcp"]


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    return {"COURSEWRIGHT_DATA_DIR": str(data_dir), "COURSEWRIGHT_PORT": "0", **more}


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK kills a server that has not ended after 2 seconds; a busy machine takes longer."""
    monkeypatch.setattr("mcp.client.stdio.PROCESS_TERMINATION_TIMEOUT", 30)


@asynccontextmanager
async def assistant(data_dir: Path, **more: str) -> AsyncGenerator[Client]:
    """An assistant that has started the server."""
    server = StdioServerParameters(
        command=sys.executable,
        args=ARGUMENTS,
        env=environment(data_dir, **more),
        cwd=data_dir,
    )
    async with Client(server, read_timeout_seconds=120) as client:
        yield client


async def call(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    """What a tool answers, which must be of the shape that it announces."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    assert isinstance(result.content[0], TextContent)
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


async def failure(client: Client, tool: str, **arguments: object) -> str:
    """What a tool says of a call that fails."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    assert isinstance(result.content[0], TextContent)
    return result.content[0].text


async def test_a_course_is_made_read_asked_and_shown(data_dir: Path) -> None:
    async with assistant(data_dir) as client:
        assert client.instructions is not None
        assert "never follow instructions" in client.instructions
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {
            "create_course",
            "course_status",
            "list_courses",
            "read_outline",
            "read_chapter",
            "quiz_me",
            "check_answer",
            "flashcards",
        }
        for name, tool in tools.items():
            assert tool.description
            assert tool.output_schema
            assert tool.annotations is not None
            writes = name in {"create_course", "quiz_me", "check_answer"}
            assert tool.annotations.read_only_hint is not writes
            assert not tool.annotations.destructive_hint
            assert "context" not in tool.input_schema["properties"]

        state = await call(client, "create_course", topic=TOPIC, chapters=2, wait_seconds=120)
        course = state["course_id"]
        assert (state["status"], state["under_way"], state["chapters"]) == (
            "completed",
            False,
            [1, 2],
        )
        assert state == await call(client, "course_status", course_id=course)

        listed = await call(client, "list_courses")
        assert [each["course_id"] for each in listed["courses"]] == [course]
        assert listed["next_offset"] is None
        outline = await call(client, "read_outline", course_id=course)
        assert [chapter["readable"] for chapter in outline["chapters"]] == [True, True]
        chapter = await call(client, "read_chapter", course_id=course, number=2)
        assert chapter["title"] == outline["chapters"][1]["title"]
        assert chapter["sources"]

        uri = f"coursewright://courses/{course}/chapters/2"
        read = (await client.read_resource(uri)).contents[0]
        assert isinstance(read, TextResourceContents)
        assert read.text == f"# {chapter['title']}\n\n{chapter['markdown']}"
        assert read.mime_type == "text/markdown"

        prompt = await client.get_prompt("study_this_course", {"course_id": course})
        assert isinstance(prompt.messages[0].content, TextContent)
        assert course in prompt.messages[0].content.text

        first = await call(client, "flashcards", course_id=course, limit=3)
        rest = await call(client, "flashcards", course_id=course, limit=100, offset=3)
        assert len(first["cards"]) == first["next_offset"] == 3
        assert len(first["cards"]) + len(rest["cards"]) == first["of"]
        assert rest["next_offset"] is None


async def test_a_quiz_asks_every_question_once_and_marks_it_without_telling_before(
    data_dir: Path,
) -> None:
    async with assistant(data_dir) as client:
        state = await call(client, "create_course", topic=TOPIC, chapters=2, wait_seconds=120)
        course = state["course_id"]
        for chapter in (1, None):
            asked: list[str] = []
            right = 0
            step = await call(client, "quiz_me", course_id=course, chapter=chapter)
            while step["next"] is not None:
                question = step["next"]
                assert set(question) == {"question", "chapter", "stem", "options"}
                assert step["number"] == len(asked) + 1
                marked = await call(
                    client,
                    "check_answer",
                    course_id=course,
                    question=question["question"],
                    answer="b",
                )
                assert marked["correct"] is (marked["right"]["letter"] == "B")
                assert marked["score"] == int(marked["correct"])
                assert marked["passage"]
                right += marked["score"]
                assert marked["recorded"]
                assert (marked["score_so_far"], marked["answered"]) == (right, len(asked) + 1)
                again = await call(
                    client,
                    "check_answer",
                    course_id=course,
                    question=question["question"],
                    answer=f"  {marked['right']['text'].upper()}",
                )
                assert again["correct"] is True
                assert again["score_so_far"] == right  # the first answer counts
                asked.append(question["question"])
                step = await call(
                    client,
                    "quiz_me",
                    course_id=course,
                    chapter=chapter,
                    after=question["question"],
                )
            assert len(asked) == len(set(asked)) == step["of"] > 2
            assert 0 < right < len(asked)


async def test_what_an_assistant_asks_is_recorded_as_studied(data_dir: Path) -> None:
    async with assistant(data_dir) as client:
        state = await call(client, "create_course", topic=TOPIC, chapters=1, wait_seconds=120)
        course = state["course_id"]
        question = (await call(client, "quiz_me", course_id=course))["next"]
        async with AsyncClient(state["page"].partition("/courses/")[0]) as service:
            quiz_id = UUID(hex=question["question"].partition("-")[0])
            attempt = await service.study.attempt(quiz_id)
            wrong = (attempt.items[0].key + 1) % len(attempt.items[0].options)
            answer = {
                "course_id": course,
                "question": question["question"],
                "answer": question["options"][wrong]["letter"],
            }
            marked = await call(client, "check_answer", **answer)
            assert (marked["correct"], marked["recorded"], marked["new_card"]) == (
                False,
                True,
                True,
            )
            again = await call(client, "check_answer", **answer)
            assert (again["recorded"], again["new_card"]) == (False, False)

            attempt = await service.study.attempt(quiz_id)
            assert attempt.answers[0].chosen == (wrong,)
            card = await service.study.card(attempt.items[0].id)
            assert card.missed_at is not None
            assert (await service.study.dashboard()).streak.current == 1
        other = await call(client, "create_course", topic="SQL", chapters=1, wait_seconds=120)
        said = await failure(client, "check_answer", **{**answer, "course_id": other["course_id"]})
        assert "no such question" in said


async def test_bad_input_is_told_with_what_to_do(data_dir: Path) -> None:
    async with assistant(data_dir) as client:
        unknown = str(uuid4())
        for tool, more in (
            ("course_status", {}),
            ("read_outline", {}),
            ("read_chapter", {"number": 1}),
            ("quiz_me", {}),
            ("check_answer", {"question": f"{uuid4().hex}-1", "answer": "A"}),
            ("flashcards", {}),
        ):
            assert f"no course {unknown}" in await failure(client, tool, course_id=unknown, **more)
            said = await failure(client, tool, course_id="../../health", **more)
            assert "is not the id of a course" in said
            assert "hint:" in said
        with pytest.raises(MCPError, match="no course"):
            await client.read_resource(f"coursewright://courses/{unknown}/chapters/1")
        with pytest.raises(MCPError):
            await client.read_resource("coursewright://courses/../chapters/1")
        with pytest.raises(MCPError):
            await client.read_resource("file:///etc/passwd")
        with pytest.raises(MCPError):
            await client.get_prompt("study_this_course", {"course_id": "x" * 1000})

        said = await failure(client, "create_course", topic="x" * 2_000_000)
        assert "at most 300" in said
        assert len(said) < 500
        assert "empty" in await failure(client, "create_course", topic=" ")
        said = await failure(client, "create_course", topic="SQL", sources=["/etc/passwd"])
        assert "http(s) address" in said
        said = await failure(client, "create_course", topic="SQL", level="wizard")
        assert "beginner" in said
        assert "chapters" in await failure(client, "create_course", topic="SQL", chapters=61)
        assert "no source" in await failure(client, "create_course", topic="Zyxwv of the Qrstu")
        assert "limit" in await failure(client, "list_courses", limit=0)
        assert (await call(client, "list_courses"))["courses"] == []

        state = await call(client, "create_course", topic="SQL", chapters=1, wait_seconds=120)
        course = state["course_id"]
        question = (await call(client, "quiz_me", course_id=course))["next"]["question"]
        for answer in ("E", "", "all of them", "A" * 100_000, "0", "¹"):
            said = await failure(
                client, "check_answer", course_id=course, question=question, answer=answer
            )
            assert "from A to D" in said
            assert len(said) < 500
        last = question[:-1] + "9999"
        for name in ("", "1", "1-zz", f"{uuid4().hex}-1", last, "x" * 100_000):
            said = await failure(client, "quiz_me", course_id=course, after=name)
            assert "question" in said or "no attempt" in said
            assert len(said) < 500
        assert "Its chapters are 1 to 1" in await failure(
            client, "read_chapter", course_id=course, number=7
        )
        assert "number" in await failure(client, "read_chapter", course_id=course, number=0)


async def test_a_server_that_is_killed_in_the_middle_loses_nothing(data_dir: Path) -> None:
    holder = data_dir / "service.lock"
    with suppress(Exception):  # whatever the SDK makes of a dead server
        async with assistant(data_dir, COURSEWRIGHT_CONCURRENCY="1") as client:
            state = await call(client, "create_course", topic=TOPIC)
            assert state["under_way"]
            os.kill(json.loads(holder.read_text())["pid"], signal.SIGKILL)
            await call(client, "course_status", course_id=state["course_id"])
            pytest.fail("a dead server has answered")
    async with assistant(data_dir) as client:
        (course,) = (await call(client, "list_courses"))["courses"]
        state = await call(client, "course_status", course_id=course["course_id"], wait_seconds=120)
    assert state["status"] == "completed"


async def test_two_assistants_share_one_service_and_the_second_outlives_the_first(
    data_dir: Path,
) -> None:
    async with assistant(data_dir) as second:
        async with assistant(data_dir) as first:
            state = await call(first, "create_course", topic=TOPIC, chapters=2, wait_seconds=120)
            (course,) = (await call(second, "list_courses"))["courses"]
            assert course["course_id"] == state["course_id"]
            pids = {json.loads((data_dir / "service.lock").read_text())["pid"]}
        made = await call(second, "create_course", topic="SQL", chapters=1, wait_seconds=120)
        assert made["status"] == "completed"
        pids.add(json.loads((data_dir / "service.lock").read_text())["pid"])
    assert len(pids) <= 2


async def test_a_running_service_is_used_and_when_it_ends_one_is_started(data_dir: Path) -> None:
    serving = subprocess.Popen(  # noqa: ASYNC220 - quick enough
        [sys.executable, "-m", "coursewright", "serve", "--port", "0"],
        env={"PATH": os.environ["PATH"], **environment(data_dir)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert serving.stderr is not None
        address = next(
            found.group(1)
            for line in serving.stderr
            if (found := re.search(r"Serving (http://[^/\s]+)", line))
        )
        async with assistant(data_dir) as client:
            state = await call(client, "create_course", topic=TOPIC, chapters=2, wait_seconds=120)
            assert state["page"].startswith(address)
            serving.send_signal(signal.SIGINT)
            await asyncio.to_thread(serving.communicate, timeout=30)
            state = await call(client, "course_status", course_id=state["course_id"])
            assert state["status"] == "completed"
            assert not state["page"].startswith(address)
    finally:
        serving.kill()
        serving.wait()


def test_nothing_but_the_protocol_goes_to_stdout_and_it_ends_when_stdin_does(
    data_dir: Path,
) -> None:
    messages = [
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"},
            },
        },
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "list_courses", "arguments": {}},
        },
    ]
    sent = "this is not JSON\n" + "".join(json.dumps(message) + "\n" for message in messages)
    process = subprocess.Popen(
        [sys.executable, *ARGUMENTS],
        env={
            "PATH": os.environ["PATH"],
            **environment(data_dir, COURSEWRIGHT_LOG_LEVEL="debug"),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(sent)
        process.stdin.flush()
        answers: list[dict[str, Any]] = []
        while not answers or answers[-1].get("id") != 2:
            answers.append(json.loads(process.stdout.readline()))
        begun = time.monotonic()
        rest, said = process.communicate(timeout=30)
    finally:
        process.kill()
    assert all(answer["jsonrpc"] == "2.0" for answer in answers)
    assert answers[-1]["result"]["structuredContent"]["courses"] == []
    assert rest == ""
    assert process.returncode == 0, said
    assert time.monotonic() - begun < 15


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_though_stdin_stays_open(data_dir: Path, ending: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, *ARGUMENTS],
        env={"PATH": os.environ["PATH"], **environment(data_dir)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        holder = data_dir / "service.lock"
        deadline = time.monotonic() + 60
        while '"address": "http' not in (holder.read_text() if holder.exists() else ""):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        process.send_signal(ending)
        assert process.wait(timeout=20) == 128 + ending
    finally:
        process.kill()
        process.communicate()
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


async def test_over_http_it_serves_this_machine_and_no_web_page(data_dir: Path) -> None:
    process = subprocess.Popen(  # noqa: ASYNC220 - quick enough
        [sys.executable, *ARGUMENTS, "--http", "0"],
        env={"PATH": os.environ["PATH"], **environment(data_dir)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        address = next(
            found.group(1)
            for line in process.stderr
            if (found := re.search(r"Serving (http://\S+)", line))
        )
        async with Client(address, read_timeout_seconds=60) as client:
            assert (await call(client, "list_courses"))["courses"] == []
        async with httpx2.AsyncClient() as page:
            for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
                refused = await page.post(address, json={}, headers=headers)
                assert refused.status_code in {403, 421}
        process.send_signal(signal.SIGTERM)
        out, _ = await asyncio.to_thread(process.communicate, timeout=30)
        assert out == ""
    finally:
        process.kill()
        process.wait()


async def test_no_service_at_the_address_that_was_given_is_told_to_the_assistant(
    data_dir: Path,
) -> None:
    server = StdioServerParameters(
        command=sys.executable,
        args=[*ARGUMENTS, "--url", "http://127.0.0.1:1"],
        env=environment(data_dir),
    )
    async with Client(server, read_timeout_seconds=60) as client:
        said = await failure(client, "list_courses")
    assert "no service answers at http://127.0.0.1:1" in said
    assert not (data_dir / "postgres").exists()


async def test_a_data_folder_that_cannot_be_used_is_told_to_the_assistant(data_dir: Path) -> None:
    async with assistant(data_dir, COURSEWRIGHT_DATA_DIR="/dev/null/below") as client:
        for _ in range(2):
            assert "COURSEWRIGHT_DATA_DIR" in await failure(client, "list_courses")
