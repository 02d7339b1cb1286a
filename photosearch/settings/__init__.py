"""Settings: declared once in `schema`, kept by `store`."""
