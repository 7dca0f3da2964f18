"""Measurements. Each module prints a table; none asserts a time, because machines differ and are noisy."""
