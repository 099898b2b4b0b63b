"""The manager menu: what is done at a workstation besides selling. Add an entry in `entries.py`."""
