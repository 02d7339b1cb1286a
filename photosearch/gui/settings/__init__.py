"""The settings: their page, its sections, and a row for each thing that can be set."""
