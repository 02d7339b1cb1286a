"""Looking at one photo."""
