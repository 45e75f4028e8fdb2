"""Exact global optima over model classes, with certificates on both sides."""
