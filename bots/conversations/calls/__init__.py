"""Calls of the company's own systems when a request is done: kept first, then sent, signed, until they arrive."""
