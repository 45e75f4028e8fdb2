"""Search by deciding signs of units, with optimised bounds."""
