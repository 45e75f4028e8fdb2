"""Records as text: tables and paragraphs for people, JSON lines for programs."""
