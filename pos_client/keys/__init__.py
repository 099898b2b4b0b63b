"""Secrets of a workstation: where they are kept, and how a file's key is sealed for a rescue."""
