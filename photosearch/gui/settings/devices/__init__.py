"""The settings pane's section of devices: what the models run on, and what was found out."""
