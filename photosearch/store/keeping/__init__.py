"""What keeps a library from being lost: backups, a readable copy of what was said, mending."""
