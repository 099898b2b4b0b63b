"""Builds what a shop installs: a Debian package and a Windows set-up file. One folder a platform."""
