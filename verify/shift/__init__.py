"""Distribution shift: how bad the risk of a network can become, with evidence both ways."""
