-- An import is one action, and marks favourites too: `favourite` is a row of that table, by its
-- photo.

CREATE TABLE action_change_new (
    action INTEGER NOT NULL REFERENCES action (id) ON DELETE CASCADE,
    step   INTEGER NOT NULL,
    kind   TEXT NOT NULL CHECK (kind IN ('person', 'verdict', 'owner', 'kept', 'favourite')),
    row    INTEGER NOT NULL,                      -- of a person or verdict; a photo; else the place
    before TEXT,
    after  TEXT,
    place  INTEGER REFERENCES place (id) ON DELETE RESTRICT,  -- kept while it can be brought back
    PRIMARY KEY (action, step)
) WITHOUT ROWID;
INSERT INTO action_change_new SELECT action, step, kind, row, before, after, place FROM action_change;
DROP TABLE action_change;
ALTER TABLE action_change_new RENAME TO action_change;
CREATE INDEX action_change_by_place ON action_change (place) WHERE place IS NOT NULL;
-- A photo is kept while a redo could mark it again.
CREATE INDEX action_change_by_photo ON action_change (row) WHERE kind = 'favourite';
