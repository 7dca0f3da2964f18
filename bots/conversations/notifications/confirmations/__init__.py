"""Confirmations that another system asks one person for."""
