"""Arguments: statements, what they cite, and whether they follow; see `checking`."""
