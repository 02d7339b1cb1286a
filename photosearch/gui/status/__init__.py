"""What is going on: the strip at the bottom and the list of files that failed."""
