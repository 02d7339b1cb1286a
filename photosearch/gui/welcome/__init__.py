"""The first start: three short steps, each of which may be skipped, never shown again."""
