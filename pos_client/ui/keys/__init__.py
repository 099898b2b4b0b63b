"""The keymap as data, and the one place where keys become actions."""
