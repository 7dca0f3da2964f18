"""Who has to approve a request or work on it, what they decide, and what follows from it."""
