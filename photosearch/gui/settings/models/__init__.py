"""The settings pane's sections of models: choose, get, compare, switch, bring your own."""
