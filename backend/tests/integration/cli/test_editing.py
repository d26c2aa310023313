"""The outline before the rest, what was changed, and links, from the command line."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
TOPIC = "Machine Learning Basics"


def create(coursewright: Run, *arguments: str) -> dict[str, Any]:
    ran = coursewright("create", TOPIC, "--chapters", "2", "--json", *arguments)
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """An editor that does `change` to the `text`."""
    script = tmp_path / "editor.py"
    script.write_text(
        "import pathlib, sys\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "text = path.read_text()\n"
        f"{change}\n"
        "path.write_text(text)\n"
        "import os; os.utime(path, (2e9, 2e9))\n"
    )
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")
    monkeypatch.delenv("VISUAL", raising=False)


def test_the_outline_is_changed_in_an_editor_and_gone_on_with(
    coursewright: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = create(coursewright, "--edit-outline")
    assert made["status"] == "outlined"
    assert made["counts"]["chapters"] == 0
    name = made["id"][:8]
    shown = coursewright("outline", name)
    assert "## [1] " in shown.out
    assert json.loads(coursewright("outline", name, "--json").out)["version"] == 1

    editor(tmp_path, monkeypatch, "pass")
    assert "nothing was changed" in coursewright("outline", name, "--edit").err
    editor(tmp_path, monkeypatch, "text = text.replace('## [1] ', '## [1] My own: ')")
    changed = coursewright("outline", name, "--edit")
    assert changed.code == 0, changed.err
    assert f"coursewright go {name}" in changed.err
    assert "## [1] My own: " in coursewright("outline", name).out

    gone = coursewright("go", name, "--json")
    assert gone.code == 0, gone.err
    assert json.loads(gone.out)["counts"]["chapters"] == 2
    assert "My own: " in coursewright("show", name).out
    assert coursewright("go", name).code == 2


def test_what_was_typed_is_kept_when_it_cannot_be_stored(
    coursewright: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = create(coursewright, "--edit-outline")
    name = made["id"][:8]
    editor(tmp_path, monkeypatch, "text = '# Mine\\n### not a chapter\\n'")

    refused = coursewright("outline", name, "--edit")
    assert refused.code == 2
    assert "line 2" in refused.err
    kept = tmp_path / f"outline-{name}.md"
    assert kept.read_text() == "# Mine\n### not a chapter\n"
    assert str(kept.name) in refused.err

    kept.unlink()
    editor(tmp_path, monkeypatch, "path.write_bytes(b'# M\\xfcll'); sys.exit()")
    refused = coursewright("outline", name, "--edit")
    assert refused.code == 2
    assert "it is not UTF-8 text" in refused.err
    assert kept.read_bytes() == b"# M\xfcll"
    assert str(kept.name) in refused.err

    again = coursewright("outline", name, "--edit")
    (another,) = tmp_path.glob(f"outline-{name}-*.md")
    assert another.name in again.err, "nothing that was kept is written over"

    kept.write_text("# Mine\n## [2] Only this\n")
    assert coursewright("outline", name, "--file", str(kept)).code == 0
    assert json.loads(coursewright("outline", name, "--json").out)["title"] == "Mine"
    assert coursewright("outline", name, "--file", "absent.md").code == 2
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in coursewright("outline", name, "--file", "binary").err
    assert coursewright("outline", name, "--edit", "--file", str(kept)).code == 2
    editor(tmp_path, monkeypatch, "sys.exit(3)")
    failed = coursewright("outline", name, "--edit")
    assert failed.code == 2
    assert "editor" in failed.err


def test_the_outline_of_a_course_that_is_made_is_shown_and_stays(
    coursewright: Run, tmp_path: Path
) -> None:
    made = create(coursewright)
    (tmp_path / "other.md").write_text("# Mine\n## [1] Only this\n")
    refused = coursewright("outline", made["id"], "--file", "other.md")
    assert refused.code == 2
    assert "only before anything else is made" in refused.err


def test_what_was_changed_is_listed_and_undone(coursewright: Run) -> None:
    made = create(coursewright)
    name = made["id"][:8]
    assert "nothing was changed" in coursewright("history", name).err
    coursewright("regenerate", name, "mcqs/1")

    assert "mcqs/1" in coursewright("history", name).out
    (revision,) = json.loads(coursewright("history", name, "--json").out)
    number = str(revision["id"])
    before = json.loads(coursewright("history", name, number).out)
    assert {"id", "item"} == set(before[0])
    assert "version 3" in coursewright("undo", name, number).err
    assert len(json.loads(coursewright("history", name, "--json").out)) == 2
    assert coursewright("undo", name, "999999").code == 2
    assert coursewright("undo", name, "x").code == 2
    for command in ("undo", "history"):
        assert coursewright(command, name, "9" * 30).code == 2


def test_a_link_has_the_address_that_people_type(
    coursewright: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = create(coursewright)["id"][:8]
    monkeypatch.setenv("COURSEWRIGHT_PUBLIC_URL", "https://learn.example.org/")
    assert coursewright("share", name).out.startswith("https://learn.example.org/shared/")
    made = json.loads(coursewright("share", name, "--json").out)
    assert made["url"] == f"https://learn.example.org/shared/{made['token']}"
    monkeypatch.delenv("COURSEWRIGHT_PUBLIC_URL")
    monkeypatch.setenv("COURSEWRIGHT_HOST", "::1")
    assert coursewright("share", name).out.startswith("http://[::1]:8008/shared/")


def test_a_course_is_shared_and_no_longer(coursewright: Run) -> None:
    made = create(coursewright)
    name = made["id"][:8]
    assert "not shared" in coursewright("shares", name).err

    shared = coursewright("share", name, "--days", "3")
    assert shared.out.startswith("http://127.0.0.1:")
    assert "/shared/" in shared.out
    token = shared.out.strip().rsplit("/", 1)[-1]
    other = json.loads(coursewright("share", name, "--json").out)
    listed = json.loads(coursewright("shares", name, "--json").out)
    assert len(listed) == 2
    assert token not in json.dumps(listed)
    assert "open" in coursewright("shares", name).out

    assert "revoked 1 link" in coursewright("unshare", name, other["id"][:8]).err
    assert "revoked 1 link" in coursewright("unshare", name).err
    states = coursewright("shares", name).out
    assert "revoked" in states
    assert coursewright("unshare", name, "zzz").code == 2
    assert coursewright("share", name, "--days", "0").code == 2
    assert coursewright("share", "ffffffff").code == 2
