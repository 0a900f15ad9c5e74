"""Doors of the ground floor: logging in and out, messages, the audit log."""
