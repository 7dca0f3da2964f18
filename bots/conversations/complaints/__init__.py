"""Complaints (客訴): filed by a form or imported, grouped by theme and sentiment, handed over, answered."""
