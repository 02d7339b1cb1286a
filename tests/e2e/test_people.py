"""From photos to names, as a user does it: the program's own words on real faces."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from .people_library import NAMES, PeopleLibrary
from .program import Answer, Program


def sentence(answer: Answer, code: int) -> str:
    """The one sentence a refused command ends with."""
    assert answer.code == code, answer.words
    assert answer.out == b""
    (line,) = answer.words.splitlines()
    return line


# --- what is found ---


def test_every_photo_of_a_person_has_its_face(everyone: PeopleLibrary) -> None:
    program = everyone.program
    faces = program.good("people", "unsorted") + everyone.show("Anna Smith")
    sorted_faces = [face for of_one in everyone.everybody().values() for face in of_one]
    with_faces = {face["path"] for face in faces} | {face.path for face in sorted_faces}
    people = sorted(map(str, (everyone.folder / "people" / "images").rglob("*.jpg")))
    assert len(people) == 140
    assert [path for path in people if path not in with_faces] == []
    assert len({face["face"] for face in faces}) == len(faces)
    for face in faces:
        assert set(face) == {"face", "path", "box", "score"}
        x, y, width, height = face["box"]
        assert x >= 0 <= y
        assert width > 0 < height
        assert 0 < face["score"] <= 1


def test_people_are_told_apart(everyone: PeopleLibrary) -> None:
    labels = everyone.folder / "people" / "identities.json"
    found = everyone.program.good("people", "evaluate", labels)
    print(found)
    assert set(found) == {
        "bcubed_precision",
        "bcubed_recall",
        "bcubed_f1",
        "pairwise_f1",
        "assigned",
        "faces",
    }
    assert found["faces"] == 140
    assert found["bcubed_precision"] == 1
    assert found["bcubed_f1"] >= 0.98
    plain = everyone.program.run("people", "evaluate", labels)
    assert plain.lines[0] == "bcubed precision: 1.0000"


def test_help_says_which_numbers_stay(everyone: PeopleLibrary) -> None:
    for arguments in (["people"], ["people", "list"], ["people", "regroup"]):
        words = everyone.program.run(*arguments, "--help").lines
        assert "group without a name may change" in " ".join(" ".join(words).split())


def test_families_are_told_apart(everyone: PeopleLibrary) -> None:
    labels = everyone.folder / "groups" / "identities.json"
    found = everyone.program.good("people", "evaluate", labels)
    print(found)
    assert found["faces"] == 16
    assert found["bcubed_precision"] == 1


def test_nobody_is_twice_on_a_photo(everyone: PeopleLibrary) -> None:
    several = 0
    everybody = everyone.everybody()
    for person in everyone.list():
        photos = Counter(face.photo for face in everybody[person["id"]])
        assert photos.most_common(1)[0][1] == 1, person
        assert (person["photos"], person["faces"]) == (len(photos), sum(photos.values()))
        several += len(photos) > 1
    assert several >= 14


def test_the_largest_come_first(everyone: PeopleLibrary) -> None:
    listed = everyone.list()
    assert all(set(p) == {"id", "name", "faces", "photos", "hidden"} for p in listed)
    counts = [person["photos"] for person in listed]
    assert counts == sorted(counts, reverse=True)
    lines = everyone.program.run("people", "list").lines
    assert len(lines) == len(listed)
    assert f"{listed[0]['photos']} photos" in lines[0]


def test_status_counts_faces(everyone: PeopleLibrary) -> None:
    status = everyone.program.good("status")
    assert status["pending"] == {"look": 0, "embed": 0, "faces": 0}
    assert status["extra"]["faces"] > 140
    assert status["extra"]["people"] == 3
    assert status["extra"]["face_pack"] == "standin-faces"
    assert any("faces" in line for line in everyone.program.run("status").lines)
    kinds = {m["name"]: m["kind"] for m in everyone.program.good("models", "list")["models"]}
    assert kinds == {"standin-clip": "search", "standin-faces": "faces"}


# --- search ---


def test_a_name_finds_the_person(everyone: PeopleLibrary) -> None:
    anna = everyone.photos_of("Anna Smith")
    assert len(anna) >= 11
    for text in ("Anna Smith", "anna", "photos of Anna", 'person:"Anna Smith"', "person:anna"):
        assert sorted(everyone.found(text)) == anna, text
    lines = everyone.program.run("search", "anna", "--limit", "500").lines
    assert len(lines) == len(anna)


def test_a_name_and_words(everyone: PeopleLibrary) -> None:
    anna = everyone.photos_of("Anna Smith")
    for text in ("Anna on the beach", "a microphone with Anna", "person:anna a suit"):
        assert sorted(everyone.found(text, "--content-only")) == anna, text
    beach = everyone.found("Anna on the beach", "--content-only")
    all_photos = everyone.found("on the beach", "--content-only")
    assert beach == [photo for photo in all_photos if photo in set(anna)]


def test_without_and_only(everyone: PeopleLibrary) -> None:
    anna = set(everyone.photos_of("Anna Smith"))
    all_photos = set(everyone.found("a photo", "--content-only"))
    others = set(everyone.found("a photo -person:Anna", "--content-only"))
    assert others == all_photos - anna
    assert set(everyone.found("only:Anna")) <= anna
    assert everyone.found("Anna and Ben") == []
    assert everyone.found("Anna -person:anna") == []


def test_quotes_mean_words(everyone: PeopleLibrary) -> None:
    rose = everyone.photos_of("Rose")
    assert sorted(everyone.found("rose")) == rose
    assert len(everyone.found('"rose"', "--content-only")) > len(rose)


def test_a_slip_is_told(everyone: PeopleLibrary) -> None:
    answer = everyone.program.run("search", "person:Xaver", "--json")
    assert answer.code == 0
    assert answer.json["results"] == []
    assert "nobody named “Xaver”" in answer.words
    assert "nobody named “Xaver”" in answer.json["notices"][0]


def test_two_on_one_photo(family: PeopleLibrary) -> None:
    photo = "groups/images/identification1.jpg"
    found = family.found("Dad and Mom")
    assert photo in found
    assert photo not in family.found("Dad -person:Mom")
    assert photo not in family.found("only:Dad only:Mom")  # the children are on it, too
    alone = family.found("only:Dad")
    assert "groups/images/Family1-Dad1.jpg" in alone
    assert photo not in alone


def test_a_search_may_begin_with_whom_to_leave_out(family: PeopleLibrary) -> None:
    without = family.found("-person:Mom")
    assert without
    assert without == family.found("-person:Mom ")
    assert not set(without) & set(family.found("person:Mom"))


# --- verbs ---


def test_moved_to_somebody_new(everyone: PeopleLibrary, tmp_path: Path) -> None:
    library = everyone.copy(tmp_path)
    program = library.program
    person = max(library.list(), key=lambda p: p["faces"])
    face = program.good("people", "show", str(person["id"]))[0]["face"]
    assert program.run("people", "move", str(face), "Zoe").code == 2
    program.good("people", "move", str(face), "Zoe", "--new")
    assert [f["face"] for f in program.good("people", "show", "Zoe")] == [face]
    answer = program.run("people", "move", str(face), "zoe", "--new")
    assert answer.code == 2
    assert "leave out --new" in answer.words
    answer = program.run("people", "name", str(person["id"]), "12")
    assert answer.code == 2
    assert "taken for a number" in answer.words


def nameless(library: PeopleLibrary, count: int) -> list[int]:
    return [p["id"] for p in library.list() if not p["name"] and p["photos"] > 4][:count]


def test_naming_merging_and_taking_back(everyone: PeopleLibrary, tmp_path: Path) -> None:
    library = everyone.copy(tmp_path)
    program = library.program
    before = library.list()
    counts = {p["id"]: p["photos"] for p in before}
    first, second = nameless(library, 2)
    named = program.good("people", "name", str(first), "Clara")
    assert (named["id"], named["name"], named["photos"]) == (first, "Clara", counts[first])
    assert library.photos_of("clara") == library.photos_of(first)
    merged = program.good("people", "merge", "Clara", str(second))
    assert (merged["name"], merged["photos"]) == ("Clara", counts[first] + counts[second])
    title = program.good("people", "undo")["undone"]
    assert "Clara" in title
    assert len(library.photos_of("Clara")) == counts[first]
    assert program.good("people", "redo")["redone"] == title
    assert len(library.photos_of("Clara")) == counts[first] + counts[second]
    program.good("people", "undo")
    program.good("people", "undo")
    assert library.list() == before


def test_naming_like_somebody_merges(everyone: PeopleLibrary, tmp_path: Path) -> None:
    library = everyone.copy(tmp_path)
    (other,) = nameless(library, 1)
    both = sorted(library.photos_of("Ben") + library.photos_of(other))
    assert library.program.good("people", "name", str(other), "  BEN ")["name"] == "Ben"
    assert library.photos_of("Ben") == both


def test_a_merge_by_name_is_told(everyone: PeopleLibrary, tmp_path: Path) -> None:
    library = everyone.copy(tmp_path)
    (other,) = nameless(library, 1)
    plain = library.program.run("people", "name", str(other), "clara")
    assert plain.words == ""
    told = library.program.run("people", "name", str(other), "ben")
    assert told.lines[0].split()[1] == "Ben"
    assert f"“clara” ({other}) is one with “Ben”" in told.words
    assert "undo" in told.words


def test_several_actions_are_taken_back(everyone: PeopleLibrary, tmp_path: Path) -> None:
    library = everyone.copy(tmp_path)
    program = library.program
    (other,) = nameless(library, 1)
    for name in ("Clara", "Dora", "Emma"):
        program.good("people", "name", str(other), name)
    assert program.good("people", "undo", "2") == {"undone": ["Name Emma", "Name Dora"]}
    assert program.good("people", "redo") == {"redone": "Name Dora"}
    assert program.run("people", "redo", "5").lines == ["Done again: Name Emma"]
    everything = program.run("people", "undo", "500")
    assert everything.code == 0
    assert len(everything.lines) == 3 + len(NAMES)
    assert "nothing to undo" in everything.words
    assert {person["name"] for person in library.list()} == {""}


def test_what_is_no_face(family: PeopleLibrary, tmp_path: Path) -> None:
    library = family.copy(tmp_path)
    program = library.program
    faces = [face["face"] for face in library.show("Dad")[:2]]
    assert program.good("people", "dismiss", *map(str, faces))["done"] == "Not faces (2)"
    program.good("people", "regroup")
    shown = {face["face"] for face in library.show("Dad")}
    shown |= {face["face"] for face in program.good("people", "unsorted")}
    assert shown.isdisjoint(faces)
    program.good("people", "undo")
    assert {face["face"] for face in library.show("Dad")} >= set(faces)


def test_drawing_a_face(family: PeopleLibrary, tmp_path: Path) -> None:
    library = family.copy(tmp_path)
    program = library.program
    photo = library.folder / "groups/images/Family1-Dad1.jpg"
    box = ["0", "10", "30", "40"]
    drawn = program.good("people", "draw", photo, *box, "the cat")
    assert (drawn["box"], drawn["score"], drawn["name"]) == ([0, 10, 30, 40], None, "the cat")
    (face,) = library.show("The Cat")
    assert face == {key: drawn[key] for key in face}
    assert "the cat" in program.run("people", "draw", photo, *box, "The cat").lines[0]
    for wrong in (["0", "0", "99999", "9"], ["99999", "0", "9", "9"]):
        assert "pixels" in sentence(program.run("people", "draw", photo, *wrong, "Mom"), 2)
    nowhere = program.run("people", "draw", tmp_path / "no.jpg", *box, "Mom")
    assert "no.jpg" in sentence(nowhere, 2)


def test_what_no_means(everyone: PeopleLibrary, tmp_path: Path) -> None:
    library = everyone.copy(tmp_path)
    program = library.program
    (other,) = nameless(library, 1)
    face = library.show(other)[0]["face"]
    told = program.run("people", "reject", str(face))
    assert told.code == 0
    assert f"out of group {other}" in told.words
    assert "--person" in told.words
    assert face not in {each["face"] for each in library.show(other)}
    program.good("people", "undo")
    told = program.run("people", "reject", str(face), "--person", "Ben")
    assert (told.lines[0][:13], told.words) == ("Done: Not Ben", "")
    assert face in {each["face"] for each in library.show(other)}
    nobodys = program.good("people", "unsorted", "--limit", "1")[0]["face"]
    assert "--person" in sentence(program.run("people", "reject", str(nobodys)), 2)


def test_moving_and_rejecting_faces(everyone: PeopleLibrary, tmp_path: Path) -> None:
    library = everyone.copy(tmp_path)
    program = library.program
    first, second, third = (face["face"] for face in library.show("Ben")[:3])
    moved = program.good("people", "move", str(first), str(second), "Anna Smith")
    assert moved["name"] == "Anna Smith"
    assert {first, second} <= {face["face"] for face in library.show("Anna Smith")}
    assert "Not Ben" in program.good("people", "reject", str(third))["done"]
    assert not {first, second, third} & {face["face"] for face in library.show("Ben")}
    program.good("people", "regroup")
    assert not {first, second, third} & {face["face"] for face in library.show("Ben")}
    for _ in range(2):
        program.good("people", "undo")
    assert {first, second, third} <= {face["face"] for face in library.show("Ben")}


def test_hiding(everyone: PeopleLibrary, tmp_path: Path) -> None:
    library = everyone.copy(tmp_path)
    program = library.program
    (other,) = nameless(library, 1)
    program.good("people", "hide", "Rose")
    program.good("people", "strangers", str(other))
    hidden = {p["id"] for p in library.list() if p["hidden"]}
    assert other in hidden
    assert len(hidden) == 2
    assert sorted(library.found("rose", "--content-only")) != library.photos_of("Rose")
    assert sorted(library.found("person:rose")) == library.photos_of("Rose")
    program.good("people", "regroup")
    assert {p["id"] for p in library.list() if p["hidden"]} == hidden
    program.good("people", "unhide", "Rose", str(other))
    assert not [p for p in library.list() if p["hidden"]]


def test_covers_and_birthdays(everyone: PeopleLibrary, tmp_path: Path) -> None:
    library = everyone.copy(tmp_path)
    program = library.program
    face = library.show("Ben")[3]["face"]
    assert program.good("people", "cover", "Ben", str(face))["cover"] == face
    assert f"cover: face {face}" in program.run("people", "cover", "Ben", str(face)).lines[0]
    assert program.good("people", "birthday", "Ben", "1970-02-28")["birthday"] == "1970-02-28"
    assert "born 1970-02-28" in program.run("people", "show", "Ben").lines[0]
    (line,) = (line for line in program.run("people", "list").lines if "Ben" in line)
    assert "born 1970-02-28" in line
    said = sentence(program.run("people", "birthday", "Ben", "1970-02-30"), 2)
    assert "1970-02-30" in said
    assert program.good("people", "birthday", "Ben", "none")["name"] == "Ben"


def test_questions_and_unsorted(everyone: PeopleLibrary) -> None:
    asked = everyone.program.good("people", "questions", "--limit", "5")
    assert len(asked) <= 5
    for each in asked:
        assert set(each) >= {"face", "path", "box", "score", "person", "name", "likeness"}
        assert each["name"] in NAMES.values()
    lines = everyone.program.run("people", "questions", "--limit", "5").lines
    assert len(lines) == 2 * len(asked) > 0
    for each, question, answers in zip(asked, lines[::2], lines[1::2], strict=True):
        assert f"Is this {each['name']}?" in question
        assert f"people confirm {each['face']} {each['person']} " in answers
        assert answers.endswith(f"people reject {each['face']} --person {each['person']}")
    assert all(
        set(face) == {"face", "path", "box", "score"}
        for face in everyone.program.good("people", "unsorted", "--limit", "3")
    )


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("show", "Xaver"), "Xaver"),
        (("show", "987654"), "987654"),
        (("name", "987654", "Xaver"), "987654"),
        (("merge", "Ben", "Xaver"), "Xaver"),
        (("merge", "Ben"), "two"),
        (("move", "987654", "Ben"), "987654"),
        (("reject", "987654"), "987654"),
        (("hide", "Xaver"), "Xaver"),
        (("cover", "Ben", "987654"), "987654"),
        (("redo",), "again"),
        (("regroup", "--strictness", "2"), "strictness"),
        (("regroup", "--strictness", "loose"), "loose"),
        (("evaluate", "/nowhere/labels.json"), "/nowhere/labels.json"),
    ],
)
def test_what_is_not_there(everyone: PeopleLibrary, arguments: tuple[str, ...], word: str) -> None:
    assert word in sentence(everyone.program.run("people", *arguments), 2)


@pytest.mark.parametrize("content", ["", "{", "{}", "[1]", '[{"file": 3}]', '[{"file": "a.jpg"}]'])
def test_labels_that_are_none(everyone: PeopleLibrary, tmp_path: Path, content: str) -> None:
    labels = tmp_path / "labels.json"
    labels.write_text(content)
    assert str(labels) in sentence(everyone.program.run("people", "evaluate", labels), 2)


def test_a_library_without_people(program: Program) -> None:
    assert program.good("people", "list") == []
    answer = program.run("people", "list")
    assert (answer.code, answer.out) == (0, b"")
    assert "models add" in answer.words
    assert program.good("people", "unsorted") == program.good("people", "questions") == []
    answer = program.run("people", "regroup")
    assert answer.code == 2
    assert "No face pack is chosen" in answer.words
    assert "undo" in sentence(program.run("people", "undo"), 2)


# --- where faces are looked for ---


def test_a_folder_without_faces(family: PeopleLibrary, tmp_path: Path) -> None:
    library = family.copy(tmp_path)
    program = library.program
    before = library.named()
    (folder,) = program.good("folders", "faces", library.folder, "off")["folders"]
    assert folder["faces"] is False
    assert "without faces" in program.run("folders", "list").lines[0]
    new = library.folder / "new.jpg"
    new.write_bytes((library.folder / "groups/images/Family1-Dad1.jpg").read_bytes() + b" ")
    assert "faces" not in program.good("index")["stages"]
    program.good("folders", "faces", library.folder, "on")
    assert program.good("index")["stages"]["faces"]["done"] == 1
    after = library.named()
    assert after.pop("Dad") == sorted([*before.pop("Dad"), "new.jpg"])
    assert after == before


def test_faces_switched_off(program: Program, photos: Path, models: Path) -> None:
    program.good("models", "add", models / "standin-faces")
    assert program.good("settings", "set", "faces.enabled", "false") == {"faces.enabled": False}
    folder = photos / "people" / "images" / "person_03"
    assert "faces" not in program.good("index", folder)["stages"]
    assert program.good("people", "list") == []
    program.good("settings", "set", "faces.enabled", "true")
    stages = program.good("index")["stages"]
    assert (stages["faces"]["done"], stages["faces"]["found"]) == (5, 5)
    (person,) = program.good("people", "list")
    assert (person["faces"], person["photos"], person["name"]) == (5, 5, "")
    assert json.loads(program.run("people", "list", "--json").out) == [person]
