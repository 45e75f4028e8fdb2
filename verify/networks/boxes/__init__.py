"""Search by halving ranges of inputs, many boxes at once, with rigorous bounds."""
