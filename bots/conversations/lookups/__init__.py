"""Look-ups: records found for a person, read-only, with what they say bound as parameters."""
