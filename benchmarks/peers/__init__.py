"""Other engines under our workload, each in a process of its own: a question in, an answer out, both JSON.

Nothing of them is needed to run ours.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SECONDS_MAX = 540


def imports(interpreter: str, module: str) -> bool:
    """Whether there is such an interpreter, and the module with it."""
    if shutil.which(interpreter) is None:
        return False
    done = subprocess.run([interpreter, "-c", f"import {module}"], capture_output=True, check=False)
    return done.returncode == 0


def asked(command: Sequence[str], question: dict[str, Any]) -> dict[str, Any] | None:
    """What a peer answered; None when it did not (the reason goes to standard error)."""
    try:
        done = subprocess.run(
            command,
            input=json.dumps(question),
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired:
        print(f"{command[0]}: no answer within {SECONDS_MAX} s", file=sys.stderr)
        return None
    if done.returncode:
        print(done.stderr.strip().splitlines()[-1:], file=sys.stderr)
        return None
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
