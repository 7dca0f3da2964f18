"""What platforms told us, once, before they hear that we have it."""
