"""Turn passages into a grounded answer, or an honest refusal."""
