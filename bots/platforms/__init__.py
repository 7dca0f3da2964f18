"""The places people talk with us. Each package turns its platform's bytes into our messages and back."""
