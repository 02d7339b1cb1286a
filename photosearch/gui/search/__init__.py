"""Searching: the bar at the top and the line above the results."""
