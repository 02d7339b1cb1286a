"""The people pages: who is on the photos, one person, the queue, faces of nobody yet."""
