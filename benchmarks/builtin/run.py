"""The built-in author on PDFs of 5, 50 and 300 pages: seconds and memory.

    .venv/bin/python benchmarks/builtin/run.py [--rounds 3]

Each course is made by the command line in a process of its own, on a database that is set up
already. Memory is the largest sum of resident pages of that process and its children, without the
database server. The peer is reading the same file with `pypdfium2` alone: what no author can beat.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import pypdfium2
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from builtin.book import write_book
from machine import write

PAGES = (5, 50, 300)
SECONDS, MEGABYTES = 20, 600
"""Bounds for 300 pages."""


def main() -> int:
    """Measures, prints and writes; 1 when a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    # Not below a private folder: an embedded Postgres of root's runs as somebody else.
    folder = Path(tempfile.mkdtemp(prefix="coursewright-bench-"))
    folder.chmod(0o711)
    try:
        rows = [_measure(folder, pages, rounds) for pages in PAGES]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _print(rows)
    write("builtin", "make bench", rows)
    largest = rows[-1]
    return int(largest["seconds"] > SECONDS or largest["megabytes"] > MEGABYTES)


def _measure(folder: Path, pages: int, rounds: int) -> dict[str, Any]:
    book = folder / f"book-{pages}.pdf"
    write_book(book, pages, seed=pages)
    _create(folder, book)  # sets up the database, and warms the caches of the disk
    runs = [_create(folder, book) for _ in range(rounds)]
    started = time.perf_counter()
    with pypdfium2.PdfDocument(book) as document:
        real_pages = len(document)
        for page in document:
            page.get_textpage().get_text_bounded()  # pyright: ignore[reportUnknownMemberType] - no types
    peer = time.perf_counter() - started
    seconds = statistics.median(run["seconds"] for run in runs)
    return {
        "pages": real_pages,
        "words": runs[0]["words"],
        "chapters": runs[0]["chapters"],
        "questions": runs[0]["questions"],
        "seconds": round(seconds, 2),
        "seconds_each": [round(run["seconds"], 2) for run in runs],
        "milliseconds_a_page": round(1000 * seconds / real_pages, 1),
        "megabytes": round(max(run["megabytes"] for run in runs)),
        "peer_pypdfium2_text_only_seconds": round(peer, 2),
    }


def _create(folder: Path, book: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "coursewright", "create", "A benchmark", "--json"]
    started = time.perf_counter()
    process = psutil.Popen(
        [*command, "--source", str(book)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "COURSEWRIGHT_DATA_DIR": str(folder / "data")},
    )
    most = 0
    while process.poll() is None:
        most = max(most, _resident(process))
        time.sleep(0.02)
    seconds = time.perf_counter() - started
    output = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"the course failed with status {process.returncode}")
    course = json.loads(output)
    counts = course["counts"]
    return {
        "seconds": seconds,
        "megabytes": most / 1e6,
        "words": course["words"],
        "chapters": counts["chapters"],
        "questions": counts["questions"],
    }


def _resident(process: psutil.Popen) -> int:
    total = 0
    try:
        for each in [process, *process.children(recursive=True)]:
            if "postgres" not in each.name():
                total += each.memory_info().rss
    except psutil.Error:
        return total
    return total


def _print(rows: list[dict[str, Any]]) -> None:
    table = Table(title="The built-in author on PDFs (median)")
    for name in ("Pages", "Seconds", "ms a page", "MB", "Chapters", "Questions", "Text only, s"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            str(row["pages"]),
            f"{row['seconds']:.1f}",
            f"{row['milliseconds_a_page']:.0f}",
            str(row["megabytes"]),
            str(row["chapters"]),
            str(row["questions"]),
            f"{row['peer_pypdfium2_text_only_seconds']:.2f}",
        )
    table.caption = f"bounds for 300 pages: {SECONDS} s, {MEGABYTES} MB"
    Console(width=96).print(table)


if __name__ == "__main__":
    sys.exit(main())
