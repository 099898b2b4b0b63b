"""`python -m pos_core.pricing`: the core's only front end, for strangers and for tests."""

from __future__ import annotations

import argparse
import json
import sys

from pos_core.pricing.schema import ROOTS, schema_of


def schema_text(name: str) -> str:
    """A schema as docs/schema/ holds it: indented, fields in their order, one newline at the end."""
    return json.dumps(schema_of(name), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0 done, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m pos_core.pricing", description=__doc__)
    parser.add_argument("--schema", choices=sorted(ROOTS), help="print this JSON Schema and stop")
    options = parser.parse_args(arguments)
    if options.schema:
        sys.stdout.write(schema_text(options.schema))
        return 0
    parser.print_usage(sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
