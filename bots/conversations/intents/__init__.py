"""What a message asks for: a look-up, a form, or an answer."""
