"""The window: widgets only. Everything that may block goes through jobs to the library."""
