"""How far the inputs of a query may move from the middle of its box, and which matter."""
