"""Silent units of trained networks: found, proved, removed, and replaced at lower loss."""
