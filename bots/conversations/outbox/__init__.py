"""What we want to say, and how far it has come."""
