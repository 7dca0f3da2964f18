"""People, their accounts on the platforms, and what each may read."""
