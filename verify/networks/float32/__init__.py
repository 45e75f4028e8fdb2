"""What float32 engines make of a network, and what is looked at before a verdict."""
