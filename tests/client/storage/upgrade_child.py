"""Opens a file with its next steps, to be killed while it does: `python -m … FILE STEPS`."""

from __future__ import annotations

import sys
from pathlib import Path

from pos_client.storage.database import open_database
from pos_client.storage.upgrade import open_upgraded

KEY = bytes(range(32))
APPLICATION = 7


def main(path: Path, folder: Path) -> None:
    """Prints "done" once the file is at the last step."""
    steps = sorted(folder.iterdir())
    open_upgraded(
        lambda: open_database(path, KEY, application_id=APPLICATION), list(steps), path, KEY
    ).close()
    print("done")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
