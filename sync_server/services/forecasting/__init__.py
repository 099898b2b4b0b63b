"""The nightly forecast. Everything here loads numpy, so a serving head office never imports it."""
