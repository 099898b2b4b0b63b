"""Importing head office's data from CSV, XLSX and JSON: docs/importing.md."""

from sync_server.services.importing.context import ImportTarget
from sync_server.services.importing.kinds import IMPORT_KINDS
from sync_server.services.importing.problems import BadFile, RowProblem
from sync_server.services.importing.run import ImportOptions, ImportReport, import_file

__all__ = [
    "IMPORT_KINDS",
    "BadFile",
    "ImportOptions",
    "ImportReport",
    "ImportTarget",
    "RowProblem",
    "import_file",
]
