-- What the user said of folders: whether photos in them are found by what they show, and what is
-- left out of them.

ALTER TABLE folder ADD COLUMN search INTEGER NOT NULL DEFAULT 1;
ALTER TABLE folder ADD COLUMN exclude TEXT NOT NULL DEFAULT '[]';  -- patterns, a JSON array
