"""Worst risks as statements of documents, each with one certificate."""
