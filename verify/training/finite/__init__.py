"""Classes with finitely many parameters: every network tried, and counted exactly."""
