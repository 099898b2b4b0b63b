"""The workstation: window, local files, devices and sync."""
