"""Questions and what we said to them: a conversation's memory."""
