"""Small networks: read, evaluated exactly, bounded, searched, and proved or refuted."""
