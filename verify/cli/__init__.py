"""Commands and exit codes: wiring only."""
