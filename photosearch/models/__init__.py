"""Choosing models: what there is, what it costs, getting, measuring, trying, switching."""
