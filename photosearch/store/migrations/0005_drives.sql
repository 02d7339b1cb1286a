-- The drives that the photos of a folder lie on, other than that of the system: while one of them
-- is not mounted, what lay on it is away, not deleted.

CREATE TABLE drive (
    folder INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    dir    BLOB NOT NULL,                         -- from here on photos lie on it; '' the folder
    mount  BLOB NOT NULL,                         -- where it was mounted, as a whole path
    UNIQUE (folder, dir)
);
