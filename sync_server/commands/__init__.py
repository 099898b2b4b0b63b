"""The command line, one module a noun; `python -m sync_server --help`."""
