"""From a query to ranked photos: `query` finds by words and by content, `ranking` fuses."""
