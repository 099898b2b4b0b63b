"""The till and its shift: opened, handed over, counted, settled, reported."""
