"""Signing on."""
