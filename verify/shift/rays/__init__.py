"""Unbounded answers: a ray along which the loss outgrows every price, and its proof."""
