"""What people handed in, with its number, its state, its files, and a history that nobody rewrites."""
