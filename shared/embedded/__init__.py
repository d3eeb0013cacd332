"""The embedded broker and store: child processes on loopback, for trying, developing and testing.

    folder = DataFolder.open(Path("data"))
    pair = EmbeddedPair.start(folder)      # returns at once: import what is slow now
    addresses = pair.wait()                # both answer
    ...
    pair.stop()
    folder.close()

Both end with this process, however it ends. `docs/decisions/0002-embedded-broker-and-store.md` says why these two,
and what they are not for.
"""

from shared.embedded.children import Child, EmbeddedError
from shared.embedded.feeding import feed
from shared.embedded.folder import DataFolder
from shared.embedded.pair import Addresses, EmbeddedPair

__all__ = ["Addresses", "Child", "DataFolder", "EmbeddedError", "EmbeddedPair", "feed"]
