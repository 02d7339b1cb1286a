"""Settings: declared once in `schema`, kept by `store`."""

import os

# Looking for plugins reads the entry points of every distribution there is, at every start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
