"""Forms: filled in by talking, in a dialog or on a page, and handed in once."""
