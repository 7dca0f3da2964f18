"""Whom a run of a notification goes to, and what they answer."""
