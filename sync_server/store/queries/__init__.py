"""Data of the store; a package so that installers carry it."""
