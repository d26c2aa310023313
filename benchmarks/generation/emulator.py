"""The emulator in a process of its own: its processor time is not ours.

    python benchmarks/generation/emulator.py OPTIONS_AS_JSON

Prints its address, serves until standard input ends, then prints how many calls it saw by status.
"""

import asyncio
import json
import sys
from collections import Counter

from coursewright.emulator.options import EmulatorOptions
from coursewright.emulator.server import running


async def main() -> None:
    """Serves."""
    options = EmulatorOptions.model_validate(json.loads(sys.argv[1]))
    async with running(options) as emulator:
        print(emulator.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)
        print(json.dumps(Counter(str(call.status) for call in emulator.log)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
