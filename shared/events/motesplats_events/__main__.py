"""python -m motesplats_events FOLDER: write every event's JSON Schema into the folder."""

import json
import sys
from pathlib import Path

from motesplats_events import EVENTS
from motesplats_events.documents import schema

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for event in EVENTS:
    path = folder / f"{event.topic}.v{event.version}.json"
    path.write_text(json.dumps(schema(event), indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
