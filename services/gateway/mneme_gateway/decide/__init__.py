"""Decisions of the gateway as pure functions: no I/O, no clock."""
