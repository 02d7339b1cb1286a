"""The command line: works where no display and no Qt libraries exist."""
