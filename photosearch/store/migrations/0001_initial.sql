-- Three classes of data that never share a table:
--   what the user said            folder, favourite        (never deleted by code on its own)
--   what we observed              file, photo, embedding, done, failure
--   what can be thrown away       words                    (and the caches outside this file)

CREATE TABLE folder (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    path        BLOB NOT NULL UNIQUE,             -- os.fsencode of the absolute path
    single_file INTEGER NOT NULL DEFAULT 0,       -- the path is one photo, not a folder
    volume      TEXT NOT NULL DEFAULT '',         -- which drive it was last seen on
    offline     INTEGER NOT NULL DEFAULT 0,       -- its root was missing at the last look
    added_at    TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- A picture: files with the same bytes share it.
CREATE TABLE photo (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    hash             BLOB NOT NULL UNIQUE,        -- BLAKE2b of the file's bytes, 20 bytes
    bytes            INTEGER NOT NULL,
    files            INTEGER NOT NULL DEFAULT 0,  -- how many present files show it (by triggers)
    width            INTEGER NOT NULL,            -- upright pixels
    height           INTEGER NOT NULL,
    format           TEXT NOT NULL,
    taken_at         TEXT,                        -- local wall time, YYYY-MM-DDTHH:MM:SS
    taken_offset_min INTEGER,
    date_source      TEXT,                        -- exif | name | file (a guess)
    camera_make      TEXT,
    camera_model     TEXT,
    lens             TEXT,
    exposure_s       REAL,
    f_number         REAL,
    iso              INTEGER,
    focal_mm         REAL,
    latitude         REAL,
    longitude        REAL,
    altitude_m       REAL,
    added_at         TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX photo_without_file ON photo (id) WHERE files = 0;
CREATE INDEX photo_by_date ON photo (taken_at DESC, id DESC) WHERE files > 0;

CREATE TABLE file (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    folder   INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    dir      BLOB NOT NULL,                       -- relative, '/' between parts, '' for the root
    name     BLOB NOT NULL,
    size     INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    -- new: not looked at yet; changed: on disk differently than looked at; known: as looked at;
    -- ignored: not a picture by its content; gone: not on disk, waits for its new place
    state    TEXT NOT NULL CHECK (state IN ('new', 'changed', 'known', 'ignored', 'gone')),
    photo    INTEGER REFERENCES photo (id),
    UNIQUE (folder, dir, name)
);
CREATE INDEX file_by_photo ON file (photo, folder, state);
CREATE INDEX file_shown ON file (folder, dir, photo) WHERE state <> 'gone' AND photo IS NOT NULL;
CREATE INDEX file_pending ON file (id) WHERE state IN ('new', 'changed');
CREATE INDEX file_gone ON file (folder) WHERE state = 'gone';

CREATE TRIGGER file_inserted AFTER INSERT ON file
WHEN new.photo IS NOT NULL AND new.state <> 'gone' BEGIN
    UPDATE photo SET files = files + 1 WHERE id = new.photo;
END;
CREATE TRIGGER file_deleted AFTER DELETE ON file
WHEN old.photo IS NOT NULL AND old.state <> 'gone' BEGIN
    UPDATE photo SET files = files - 1 WHERE id = old.photo;
END;
CREATE TRIGGER file_updated AFTER UPDATE OF photo, state ON file
WHEN old.photo IS NOT new.photo OR (old.state = 'gone') <> (new.state = 'gone') BEGIN
    UPDATE photo SET files = files - 1 WHERE id = old.photo AND old.state <> 'gone';
    UPDATE photo SET files = files + 1 WHERE id = new.photo AND new.state <> 'gone';
END;

CREATE TABLE favourite (
    photo INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE RESTRICT,
    at    TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE model (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    key       TEXT NOT NULL UNIQUE,               -- hash of graphs, preprocessing, tokenizer
    name      TEXT NOT NULL,
    dimension INTEGER NOT NULL
);

-- `id` is the vector's label in the index: it only grows and is never given twice.
CREATE TABLE embedding (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    photo   INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
    model   INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
    frame   INTEGER NOT NULL DEFAULT 0,           -- 0 for photos; leaves room for video
    variant TEXT NOT NULL,                        -- precision and engine that made it
    vector  BLOB NOT NULL,                        -- float16 little-endian, unit length
    UNIQUE (model, photo, frame)
);
CREATE INDEX embedding_by_photo ON embedding (photo);

-- Pending work is what has no row here; a count of zero is a result.
CREATE TABLE done (
    photo INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
    stage TEXT NOT NULL,
    model INTEGER NOT NULL,                       -- model.id, or 0 for stages without a model
    count INTEGER NOT NULL DEFAULT 0,
    at    TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (photo, stage, model)
) WITHOUT ROWID;

CREATE TABLE failure (
    file   INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
    stage  TEXT NOT NULL,
    reason TEXT NOT NULL,
    tries  INTEGER NOT NULL DEFAULT 1,
    at     TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (file, stage)
) WITHOUT ROWID;

-- One row a photo (rowid = photo.id), one column a source; captions and recognised text later.
CREATE VIRTUAL TABLE words USING fts5 (
    name, folder, date, camera,
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
