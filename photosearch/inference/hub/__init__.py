"""Getting files from the hub that models are published on: listing, choosing, fetching, verifying.

`huggingface_hub` knows endpoint, proxies, tokens and offline mode; the bytes come by ranged GET
with its HTTP client, because its own download starts over after a restart.
"""
