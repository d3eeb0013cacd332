"""One process of a reading service: python -m tests.bench.replica SERVICE TOPIC READY_FILE"""

import asyncio
import sys
from pathlib import Path

from motesplats_events import AssignmentCompleted
from shared.settings import Settings
from tests.bench import sides


async def main(name: str, topic: str, ready: Path) -> None:
    """Read until killed."""
    event = type("Measured", (AssignmentCompleted,), {"topic": topic})
    # Everything it needs comes from the environment.
    async with sides.at_work(sides.reader(Settings(), event, name)):
        await asyncio.to_thread(ready.touch)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
