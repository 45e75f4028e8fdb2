"""Statements of documents about networks, decided."""
