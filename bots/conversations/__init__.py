"""The way of one message: who asks, which window, what was said."""
