"""Asking for a name wherever it is asked: a field, the people it may mean, and their faces."""
