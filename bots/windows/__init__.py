"""The window file's model, and what a window knows."""
