"""From files on disk to rows and vectors: `plan` compares, `looking` and `embedding` work."""
