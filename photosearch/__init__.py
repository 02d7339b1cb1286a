"""PhotoSearch: find your photos by what they show, on your own computer."""

__version__ = "0.1.0"
