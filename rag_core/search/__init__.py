"""Find the passages a question needs, among those the viewer may read."""
