"""What a window does besides answering: look-ups, forms with their approvals, notifications. As the files say it."""
