"""Training data, losses and model classes: silent circuits, replacements, exact optima."""
