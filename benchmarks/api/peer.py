"""What the framework alone costs: FastAPI on uvicorn, with routes that answer a constant.

    python benchmarks/api/peer.py

Prints its address, serves until standard input ends.
"""

import asyncio
import sys

import uvicorn
from fastapi import FastAPI, Response

from coursewright.cli.serve import bind

app = FastAPI(openapi_url=None)
_ANSWERS: dict[int, bytes] = {}


@app.get("/constant/{size}", response_class=Response)
async def constant(size: int) -> Response:
    """So many bytes."""
    if size not in _ANSWERS:
        _ANSWERS[size] = b"x" * size
    return Response(_ANSWERS[size], media_type="application/json")


async def main() -> None:
    """Serves as `coursewright serve` does."""
    listening = bind("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(main())
