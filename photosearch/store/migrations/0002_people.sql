-- What the user said         person, verdict, action, action_change, folder.faces
-- What we observed           place, face, region, miniature, file.sidecar_ns
-- What can be thrown away    membership

-- One range of numbers for people and groups: a group that is named keeps its number.
CREATE TABLE owner_number (last INTEGER NOT NULL);
INSERT INTO owner_number VALUES (0);

-- Someone the user spoke of: named, merged, hidden, or told apart. The name may be empty.
CREATE TABLE person (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL DEFAULT '',
    folded   TEXT NOT NULL DEFAULT '',            -- the name for comparing: NFKC, case folded
    hidden   INTEGER NOT NULL DEFAULT 0,
    stranger INTEGER NOT NULL DEFAULT 0,          -- never asked about again
    birthday TEXT,                                -- YYYY-MM-DD
    cover    INTEGER REFERENCES place (id) ON DELETE SET NULL,
    at       TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE UNIQUE INDEX person_by_name ON person (folded) WHERE folded <> '';

-- A place in a picture where a face is, by anybody's word: its number is the face's to the user.
-- It outlives detections; one that something was said of is never deleted.
CREATE TABLE place (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    photo  INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
    frame  INTEGER NOT NULL DEFAULT 0,
    x      REAL NOT NULL,                         -- fractions of the upright picture
    y      REAL NOT NULL,
    width  REAL NOT NULL,
    height REAL NOT NULL,
    drawn  INTEGER NOT NULL DEFAULT 0,            -- the user drew the box: no detection moves it
    -- 1: the picture changed, it is to be found there again; 2: it was not found there
    moved  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX place_by_photo ON place (photo);

CREATE TABLE verdict (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    place  INTEGER NOT NULL REFERENCES place (id) ON DELETE RESTRICT,
    person INTEGER REFERENCES person (id) ON DELETE RESTRICT,
    says   TEXT NOT NULL CHECK (says IN ('is', 'is not', 'no face')),
    -- face: looked at by itself; group: with the group it was in; file: written in the file
    source TEXT NOT NULL CHECK (source IN ('face', 'group', 'file')),
    -- what a file calls the person, for comparing: they are meant by it whatever their name is here
    called TEXT,
    at     TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CHECK ((person IS NULL) = (says = 'no face')),
    UNIQUE (place, person)
);
CREATE UNIQUE INDEX verdict_one_is ON verdict (place) WHERE says IN ('is', 'no face');
CREATE INDEX verdict_by_person ON verdict (person, says);
CREATE INDEX verdict_by_called ON verdict (called, says, person) WHERE called IS NOT NULL;

-- One detection of one face pack.
CREATE TABLE face (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    place     INTEGER NOT NULL REFERENCES place (id) ON DELETE CASCADE,
    model     INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
    x         REAL NOT NULL,
    y         REAL NOT NULL,
    width     REAL NOT NULL,
    height    REAL NOT NULL,
    landmarks BLOB NOT NULL,                      -- 5 x 2 float32 little-endian, fractions
    score     REAL NOT NULL,
    sharpness REAL,
    size_px   REAL NOT NULL,                      -- shorter side in pixels of the original
    yaw       REAL,                               -- degrees
    pitch     REAL,
    roll      REAL,
    variant   TEXT NOT NULL,
    vector    BLOB NOT NULL,                      -- float16 little-endian, unit length
    UNIQUE (model, place)
);
CREATE INDEX face_by_place ON face (place);
CREATE INDEX face_by_size ON face (model, size_px DESC, place);
CREATE INDEX face_without_vector ON face (model, place) WHERE vector = x'';

-- What other programs wrote into the file or beside it.
CREATE TABLE region (
    photo  INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
    name   TEXT NOT NULL,
    x      REAL NOT NULL,
    y      REAL NOT NULL,
    width  REAL NOT NULL,
    height REAL NOT NULL,
    source TEXT NOT NULL
);
CREATE INDEX region_by_photo ON region (photo);

-- 12 x 12 grey pixels of the upright picture: how it was turned when it changes.
CREATE TABLE miniature (
    photo  INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE CASCADE,
    pixels BLOB NOT NULL
);

-- Whose each face is now: what was said, and what grouping found. `owner` is a person, or a
-- group that nothing was said of.
CREATE TABLE membership (
    place INTEGER PRIMARY KEY REFERENCES place (id) ON DELETE CASCADE,
    owner INTEGER NOT NULL,
    doubt REAL NOT NULL DEFAULT 0,
    photo INTEGER NOT NULL,                       -- of the place
    worth REAL NOT NULL DEFAULT 0                 -- how well the face can stand for its owner
);
CREATE INDEX membership_by_owner ON membership (owner, photo, worth);  -- all that lists need

-- The journal that undo and redo read.
CREATE TABLE action (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    title  TEXT NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0,
    at     TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
-- A row before and after, as JSON; null where there was or is none. `owner` is whose a place was
-- (its membership, as far as it is to be put back); `kept` only keeps a place.
CREATE TABLE action_change (
    action INTEGER NOT NULL REFERENCES action (id) ON DELETE CASCADE,
    step   INTEGER NOT NULL,
    kind   TEXT NOT NULL CHECK (kind IN ('person', 'verdict', 'owner', 'kept')),
    row    INTEGER NOT NULL,                      -- of a person or verdict; else the place
    before TEXT,
    after  TEXT,
    place  INTEGER REFERENCES place (id) ON DELETE RESTRICT,  -- kept while it can be brought back
    PRIMARY KEY (action, step)
) WITHOUT ROWID;
CREATE INDEX action_change_by_place ON action_change (place) WHERE place IS NOT NULL;
CREATE INDEX person_by_cover ON person (cover) WHERE cover IS NOT NULL;

ALTER TABLE folder ADD COLUMN faces INTEGER NOT NULL DEFAULT 1;    -- look for faces in it
ALTER TABLE file ADD COLUMN sidecar_ns INTEGER NOT NULL DEFAULT 0; -- of its XMP file; 0: none
-- Files known before may have names of people in them: as if what lies beside each had changed,
-- the next scan has them looked at once more.
UPDATE file SET sidecar_ns = -1 WHERE photo IS NOT NULL;

-- What the last grouping of all faces was made of, and the last place that has been grouped.
-- One row, which may be deleted at any time.
CREATE TABLE grouped (
    model      INTEGER NOT NULL,
    strictness REAL NOT NULL,
    births     TEXT NOT NULL,                     -- the birthdays that held
    faces      INTEGER NOT NULL,
    newest     INTEGER NOT NULL,                  -- the highest place that was looked at since
    verdict    INTEGER NOT NULL,                  -- the highest verdict that was looked at since
    mean       REAL NOT NULL,                     -- how alike different people are in it
    deviation  REAL NOT NULL,
    seen_faces  INTEGER NOT NULL,                 -- how many faces were looked at since,
    seen_places INTEGER NOT NULL                  -- and the sum of their places
);
