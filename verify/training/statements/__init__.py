"""Statements about optima, replacements, membership and counts, decided."""
