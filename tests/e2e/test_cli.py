"""The command line, word for word as it is promised: exit codes, sentences, JSON."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .conftest import Indexed
from .program import Answer, Program

REPORT_KEYS = {
    "found",
    "added",
    "updated",
    "moved",
    "removed",
    "unchanged",
    "failed",
    "seconds",
    "stages",
}


def picture(path: Path | bytes, seed: int = 0) -> None:
    """Write a small picture that no other seed gives."""
    blocks = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), np.uint8)
    with open(path, "wb") as stream:
        Image.fromarray(blocks).resize((80, 60)).save(stream, "JPEG")


def sentence(answer: Answer, code: int) -> str:
    """The one sentence a refused command ends with."""
    assert answer.code == code, answer.words
    assert answer.out == b""
    assert "Traceback" not in answer.words
    (line,) = answer.words.splitlines()
    assert line.startswith("photosearch: ")
    return line


# --- index ---


def test_index_reports_in_one_object(captioned: Indexed) -> None:
    report = captioned.report
    assert set(report) >= REPORT_KEYS
    assert (report["found"], report["added"], report["failed"]) == (100, 100, [])
    assert report["unchanged"] == report["updated"] == report["moved"] == report["removed"] == 0
    assert report["seconds"] > 0
    assert report["stages"]["look"]["done"] == report["stages"]["embed"]["done"] == 100


def test_index_life_of_a_folder(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(4):
        picture(folder / f"{number}.jpg", number)
    (folder / "broken.jpg").write_bytes(b"no picture at all" * 100)
    first = program.good("index", folder)
    assert (first["found"], first["added"]) == (5, 4)
    (failed,) = first["failed"]
    assert failed["path"] == str(folder / "broken.jpg")
    assert failed["stage"] == "look"
    assert failed["reason"]
    assert set(failed) == {"path", "stage", "reason"}

    (folder / "0.jpg").unlink()
    (folder / "1.jpg").rename(folder / "one.jpg")
    picture(folder / "2.jpg", 99)
    os.utime(folder / "2.jpg", ns=(1, 1))
    picture(folder / "5.jpg", 5)
    second = program.good("index")
    assert {key: second[key] for key in ("added", "updated", "moved", "removed")} == {
        "added": 1,
        "updated": 1,
        "moved": 1,
        "removed": 1,
    }
    assert second["unchanged"] == 1  # 3.jpg; broken.jpg failed before
    assert [f["path"] for f in second["failed"]] == [str(folder / "broken.jpg")]

    plain = program.run("index")
    assert plain.code == 0
    assert "0 added" in plain.lines[0]
    assert "broken.jpg" in plain.lines[1]


def test_index_of_nothing_that_exists(program: Program, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    assert str(missing) in sentence(program.run("index", missing), 2)
    assert str(missing) in sentence(program.run("index", missing, "--json"), 2)
    assert str(missing) in sentence(program.run("folders", "add", missing), 2)
    assert program.good("folders", "list") == {"folders": []}


def test_index_of_an_empty_library(program: Program) -> None:
    assert program.good("index")["found"] == 0


def test_index_with_the_model_folder_gone(program: Program, models: Path, tmp_path: Path) -> None:
    link = tmp_path / "model"
    link.symlink_to(models / "standin-clip")
    program.good("models", "add", link)
    link.unlink()
    folder = tmp_path / "photos"
    folder.mkdir()
    picture(folder / "beach.jpg")
    answer = program.run("index", folder)
    assert answer.code == 0, answer.words
    assert "model" in answer.words
    assert [r["path"] for r in program.good("search", "beach")["results"]] == [
        str(folder / "beach.jpg")
    ]


# --- search ---


def test_search_finds_by_content(captioned: Indexed) -> None:
    found = captioned.program.good("search", "a bear", "--content-only", "--limit", "3")
    assert found["took_ms"] > 0
    assert len(found["results"]) == 3
    assert all(set(row) == {"path", "score"} for row in found["results"])
    scores = [row["score"] for row in found["results"]]
    assert scores == sorted(scores, reverse=True)
    assert Path(found["results"][0]["path"]).is_file()
    asked = ("search", "a bear", "--content-only", "--limit", "3")
    paths = [row["path"] for row in found["results"]]
    assert captioned.program.run(*asked).lines == paths
    scored = captioned.program.run(*asked, "--scores")
    assert [line.split("  ", 1)[1] for line in scored.lines] == paths
    assert [float(line.split()[0]) for line in scored.lines] == pytest.approx(scores, abs=1e-4)


def test_search_like_a_photo_of_the_library(captioned: Indexed) -> None:
    asked = sorted(captioned.folder.iterdir())[0]
    found = captioned.program.good("search", "--like", asked, "--limit", "5")
    paths = [row["path"] for row in found["results"]]
    assert len(paths) == 5
    assert str(asked) not in paths


def test_search_like_a_photo_from_elsewhere(captioned: Indexed, tmp_path: Path) -> None:
    original = sorted(captioned.folder.iterdir())[0]
    outside = tmp_path / "elsewhere.png"
    with Image.open(original) as opened:
        opened.save(outside)
    found = captioned.program.good("search", "--like", outside, "--limit", "2")
    assert found["results"][0]["path"] == str(original)
    assert found["results"][0]["score"] > 0.98


def test_search_by_text_and_photo_together(captioned: Indexed) -> None:
    asked = sorted(captioned.folder.iterdir())[0]
    options = ("--content-only", "--limit", "100")
    text = captioned.program.good("search", "a pizza", *options)["results"]
    like = captioned.program.good("search", "--like", asked, *options)["results"]
    both = captioned.program.good("search", "a pizza", "--like", asked, *options)["results"]
    assert [r["path"] for r in both] != [r["path"] for r in like]
    assert [r["path"] for r in both] != [r["path"] for r in text]
    assert {r["path"] for r in both} == {r["path"] for r in like}


def test_search_what_cannot_be_asked(captioned: Indexed, tmp_path: Path) -> None:
    program = captioned.program
    assert "--like" in sentence(program.run("search"), 2)
    nowhere = tmp_path / "none.jpg"
    assert str(nowhere) in sentence(program.run("search", "--like", nowhere), 2)
    assert program.run("search", "x", "--limit", "0").code == 2
    no_picture = tmp_path / "text.jpg"
    no_picture.write_text("This is a text.")
    answer = program.run("search", "--like", no_picture, "--json")
    assert answer.code == 0
    assert answer.json["results"] == []
    assert str(no_picture) in answer.json["notices"][0]


def test_search_answers_line_by_line_and_stays_warm(captioned: Indexed) -> None:
    queries = ["a bear", "", "pizza", 'AND OR NOT "( * :', "собака", "a bear"]
    answer = captioned.program.run(
        "search", "-", "--limit", "2", stdin="".join(f"{q}\n" for q in queries).encode()
    )
    assert answer.code == 0, answer.words
    replies = [json.loads(line) for line in answer.out.splitlines()]
    assert [reply["query"] for reply in replies] == queries
    assert replies[0]["results"] == replies[-1]["results"]
    assert replies[1]["results"] == []
    assert replies[-1]["took_ms"] < replies[0]["took_ms"]


def test_each_line_is_answered_before_the_next_is_read(captioned: Indexed) -> None:
    import subprocess

    with subprocess.Popen(
        captioned.program.command("search", "-", "--limit", "1"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=captioned.program.environment(),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for query in (b"bear\n", b"pizza\n"):
            process.stdin.write(query)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["results"]
        process.stdin.close()
        assert process.wait(30) == 0


def test_search_without_a_model_reads_names_folders_and_dates(
    program: Program, tmp_path: Path
) -> None:
    folder = tmp_path / "Holidays in Norway"
    (folder / "Málaga").mkdir(parents=True)
    picture(folder / "IMG_20190704_101500.jpg", 1)
    picture(folder / "Málaga" / "MyDog12.jpg", 2)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Leica", "Q2 Monochrom"
    with Image.open(folder / "Málaga" / "MyDog12.jpg") as opened:
        opened.resize((90, 90)).save(folder / "plain.jpg", exif=exif)
    program.good("index", folder)

    expected = {
        "dog": ["MyDog12.jpg"],
        "mydog12": ["MyDog12.jpg"],
        "malaga": ["MyDog12.jpg"],  # without the keys for it
        "norway": ["IMG_20190704_101500.jpg", "MyDog12.jpg", "plain.jpg"],
        "july 2019": ["IMG_20190704_101500.jpg"],
        "2019-07": ["IMG_20190704_101500.jpg"],
        "leica": ["plain.jpg"],
        "monoch": ["plain.jpg"],  # not typed to the end
        "nothing like this": [],
    }
    answer = program.run("search", "-", stdin="\n".join(expected).encode())
    replies = [json.loads(line) for line in answer.out.splitlines()]
    found = {r["query"]: sorted(Path(row["path"]).name for row in r["results"]) for r in replies}
    assert found == expected
    content = program.run("search", "dog", "--content-only", "--json")
    assert content.json["results"] == []
    assert "model" in content.json["notices"][0]
    nothing = program.run("search", "zebra")
    assert (nothing.code, nothing.out) == (0, b"")
    assert "Nothing found" in nothing.words


def test_search_like_a_known_photo_when_another_has_changed(
    program: Program, tmp_path: Path, models: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        picture(folder / f"{number}.jpg", number)
    program.good("index", folder)
    program.good("models", "add", models / "standin-clip")
    program.good("index")
    picture(folder / "0.jpg", 7)  # changed since: on disk it is not what the library knows
    assert len(program.good("search", "--like", folder / "1.jpg")["results"]) == 2


# --- names ---

NAMES = {
    "not utf-8": b"caf\xe9 \xff.jpg",
    "newline": b"two\nlines\r.jpg",
    "right to left": "\u202egpj.exe.jpg".encode(),
    "emoji": "👩‍👩‍👧 ☃.jpg".encode(),
    "long": b"x" * 251 + b".jpg",
    "NFC": unicodedata.normalize("NFC", "Ångström é.jpg").encode(),
    "NFD": unicodedata.normalize("NFD", "Ångström é.jpg").encode(),
    "quotes": b'"it\'s" $(x) `y` %s {0} \\n.jpg',
    "blank": b"  .jpg",
    "dash": b"-rf --json.jpg",
    "escape": b"\x1b[31mred\x07.jpg",
}


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names")
def test_any_name_the_system_allows(program: Program, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/dir \xfe\n\xf0\x9f\x90\x95"
    Path(os.fsdecode(folder)).mkdir()
    made = {}
    for seed, (kind, name) in enumerate(NAMES.items()):
        try:
            picture(folder + b"/" + name, seed)
        except OSError:  # some file systems refuse bytes that are not UTF-8
            continue
        made[kind] = folder + b"/" + name
    assert len(made) >= 8
    report = program.good("index", folder)
    assert report["added"] == len(made)
    assert report["failed"] == []

    found = program.run("search", "jpg", "--json", "--limit", "50")
    assert found.out.isascii()
    assert {os.fsencode(row["path"]) for row in found.json["results"]} == set(made.values())

    plain = program.run("search", "jpg", "--limit", "50")
    assert plain.code == 0, plain.words
    rows = plain.out.split(b"\n")[:-1]
    assert len(rows) == len(made)  # one line a result, whatever is in the names
    shown = set(rows)
    for kind, path in made.items():
        if kind != "escape":
            escaped = path.replace(b"\n", rb"\x0a").replace(b"\r", rb"\x0d")
            assert escaped in shown, kind
    assert not any(b"\x1b" in row or b"\x07" in row for row in rows)

    strangest = made.get("not utf-8", made["newline"])
    assert program.run("search", b"--like=" + strangest, "--json").code == 0
    listed = program.good("folders", "list")["folders"]
    assert [os.fsencode(f["path"]) for f in listed] == [folder]
    assert program.run("status").code == 0
    assert program.run("doctor").code in (0, 1)
    assert program.good("folders", "remove", folder) == {"folders": []}


@pytest.mark.skipif(os.name == "nt", reason="locales work differently there")
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_cannot_show_a_name(
    program: Program, tmp_path: Path, encoding: str
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    picture(folder / "snowman ☃.jpg")
    program.good("index", folder)
    env = program.environment(PYTHONIOENCODING=encoding)
    found = program.run("search", "snowman", env=env)
    assert found.code == 0, found.words
    assert found.out.endswith(b"/snowman \\u2603.jpg\n")
    assert program.run("folders", "remove", "☂", env=env).code == 2


# --- models ---


def test_models(program: Program, models: Path) -> None:
    empty = program.run("models", "list")
    assert empty.code == 0
    assert "models add" in empty.lines[0]
    (added,) = program.good("models", "add", models / "standin-clip")["models"]
    assert added["name"] == "standin-clip"
    assert added["dimension"] == 512
    assert added["in_use"]
    assert added["preprocess"]["height"] == 224
    (listed,) = program.good("models", "list")["models"]
    assert listed == added
    assert program.run("models", "list").lines[0].startswith("* standin-clip")
    assert program.good("models", "use", "standin-clip")["models"] == [added]
    assert "standin-clip" in sentence(program.run("models", "use", "other"), 1)
    assert program.good("models", "remove", "standin-clip")["models"] == []
    assert sentence(program.run("models", "remove", "standin-clip"), 1)


def test_a_folder_that_is_no_model(program: Program, models: Path, tmp_path: Path) -> None:
    said = sentence(program.run("models", "add", tmp_path), 1)
    assert str(tmp_path) in said or tmp_path.name in said
    assert sentence(program.run("models", "add", models / "ocr-en"), 1)
    assert sentence(program.run("models", "add", tmp_path / "none"), 1)
    half = tmp_path / "half"
    (half / "visual").mkdir(parents=True)
    (half / "visual" / "model.onnx").write_bytes(b"this is no graph")
    assert sentence(program.run("models", "add", half), 1)
    assert program.good("models", "list") == {"models": []}


def test_face_packs_beside_search_models(program: Program, models: Path) -> None:
    (pack,) = program.good("models", "add", models / "standin-faces")["models"]
    assert (pack["kind"], pack["family"], pack["in_use"]) == ("faces", "insightface", True)
    (model,) = program.good("models", "add", models / "standin-clip")["models"]
    assert (model["kind"], model["in_use"]) == ("search", True)
    (free,) = program.good("models", "add", models / "standin-faces-free")["models"]
    assert (free["family"], free["in_use"]) == ("opencv", False)
    program.good("models", "use", "standin-faces-free")
    used = {each["name"] for each in program.good("models", "list")["models"] if each["in_use"]}
    assert used == {"standin-clip", "standin-faces-free"}
    program.run("settings", "set", "search.model", "standin-faces")
    said = program.run("search", "dog")
    assert "“standin-faces” is a face pack, not a search model" in said.err.decode()
    program.good("models", "remove", "standin-faces-free")
    assert not any(each["in_use"] for each in program.good("models", "list")["models"])


# --- folders, status, settings, doctor ---


def test_a_setting_changed_in_a_damaged_file(tmp_path: Path) -> None:
    """It says what became of the file, and asks for nothing that is done already."""
    new, used = Program(tmp_path / "new"), Program(tmp_path / "used")
    for each, text in ((new, "[broken"), (used, "[search]\nmodel = 'a'\n")):
        each.home.mkdir()
        (each.home / "settings.toml").write_text(text, encoding="utf-8")
    first = new.run("settings", "set", "indexing.batch", "8")
    assert (first.code, first.lines) == (0, ["8"])
    assert "It is begun anew; the damaged file is kept as" in first.words
    assert "try again" not in first.words
    used.run("settings", "list")
    (used.home / "settings.toml").write_text("rubbish", encoding="utf-8")
    second = used.run("settings", "set", "indexing.batch", "8")
    assert (second.code, second.lines) == (0, ["8"])
    (line,) = second.words.splitlines()
    assert "Your settings are as they were; the damaged file is kept as" in line
    assert used.run("settings", "get", "search.model").lines == ["a"]


def test_folders(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    (folder / "b").mkdir(parents=True)
    picture(folder / "b" / "x.jpg")
    (added,) = program.good("folders", "add", folder / "b")["folders"]
    assert added["path"] == str(folder / "b")
    (outer,) = program.good("folders", "add", folder)["folders"]
    (listed,) = program.good("folders", "list")["folders"]
    assert listed["path"] == outer["path"] == str(folder)
    program.good("index")
    assert program.good("folders", "list")["folders"][0]["photos"] == 1
    said = sentence(program.run("folders", "remove", tmp_path / "other"), 2)
    assert str(folder) in said
    assert program.good("folders", "remove", f"{folder}/")["folders"] == []
    assert program.good("status")["photos"] == 0
    assert (folder / "b" / "x.jpg").is_file()


def test_what_is_done_with_a_folder(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    (folder / "cache").mkdir(parents=True)
    for name in ("a.jpg", "b.png", "cache/c.jpg"):
        picture(folder / name)
    assert program.good("index", folder)["added"] == 3
    (listed,) = program.good("folders", "exclude", folder, "*.PNG", "cache/")["folders"]
    assert listed["exclude"] == ["*.PNG", "cache/"]
    assert program.good("index")["removed"] == 2
    (listed,) = program.good("folders", "search", folder, "off")["folders"]
    assert (listed["search"], listed["faces"], listed["photos"]) == (False, True, 1)
    lines = program.run("folders", "list").lines
    assert lines == [
        f"{folder}  (1 photo, not searched by what photos show)",
        "  without *.PNG",
        "  without cache/",
    ]
    said = sentence(program.run("folders", "exclude", folder, "*"), 2)
    assert "would leave out everything" in said
    answer = program.run("folders", "exclude", folder)
    assert answer.code == 0
    assert "next run" in answer.words
    assert program.good("index")["added"] == 2


def test_status_says_how_copies_are_counted(program: Program, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        picture(tmp_path / name / "a.jpg")
    program.good("index", tmp_path / "one")
    assert "however many" not in "\n".join(program.run("status").lines)
    program.good("index", tmp_path / "two")
    lines = program.run("status").lines
    assert lines[0] == "1 photo (2 files) in 2 folders"
    assert [line.split(": ")[-1] for line in lines[-2:]] == ["1 photo", "1 photo"]
    assert "however many copies" in lines[-3]


def test_storage(program: Program, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    picture(tmp_path / "photos" / "a.jpg")
    program.good("index", tmp_path / "photos")
    kept = {thing["name"]: thing for thing in program.good("storage")["storage"]}
    assert kept["thumbnails"]["clearable"]
    assert kept["thumbnails"]["bytes_on_disk"] > 0
    assert not kept["library"]["clearable"]
    assert "Thumbnails" in "\n".join(program.run("storage").lines)
    assert program.good("storage", "clear", "thumbnails")["freed"] > 0
    assert "cannot be cleared" in sentence(program.run("storage", "clear", "library"), 2)
    assert program.good("status")["photos"] == 1


def test_a_setting_is_reset(program: Program) -> None:
    program.good("settings", "set", "indexing.speed", "gentle")
    assert program.good("settings", "reset", "indexing.speed") == {"indexing.speed": "full"}
    assert program.good("settings", "list")["indexing.speed"]["source"] == "default"


def test_an_unplugged_folder_is_offline(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "drive"
    folder.mkdir()
    picture(folder / "x.jpg")
    program.good("index", folder)
    folder.rename(tmp_path / "away")
    report = program.good("index")
    assert report["removed"] == 0
    status = program.good("status")
    assert status["photos"] == 1
    assert status["folders"][0]["offline"]
    assert program.good("search", "x")["results"]
    (tmp_path / "away").rename(folder)
    assert program.good("index")["unchanged"] == 1
    assert not program.good("status")["folders"][0]["offline"]


def test_status(captioned: Indexed) -> None:
    status = captioned.program.good("status")
    assert status["photos"] == status["files"] == 100
    assert status["pending"] == {"look": 0, "embed": 0, "faces": 0}
    assert status["failures"] == 0
    assert [f["path"] for f in status["folders"]] == [str(captioned.folder)]
    assert status["model"] == "standin-clip"
    assert status["device"] == "CPU"
    plain = captioned.program.run("status")
    assert plain.lines[0].startswith("100 photos")


def test_settings(program: Program) -> None:
    listed = program.good("settings", "list")
    assert listed["indexing.batch"] == {"value": 0, "source": "default"}
    assert program.good("settings", "set", "indexing.batch", "8") == {"indexing.batch": 8}
    assert program.run("settings", "get", "indexing.batch").lines == ["8"]
    flagged = program.good("settings", "list", "--indexing-batch", "4")
    assert flagged["indexing.batch"] == {"value": 4, "source": "flag"}
    env = program.environment(PHOTOSEARCH_INDEXING_BATCH="5")
    given = program.run("settings", "list", "--json", env=env).json
    assert given["indexing.batch"] == {"value": 5, "source": "environment"}
    saved = program.run("settings", "set", "indexing.batch", "7", env=env)
    assert saved.lines == ["5"]
    assert "PHOTOSEARCH_INDEXING_BATCH is set in the environment" in saved.words
    assert program.good("settings", "set", "indexing.batch", "8") == {"indexing.batch": 8}
    assert "indexing.batch" in sentence(program.run("settings", "set", "indexing.batch", "999"), 2)
    env = program.environment(PHOTOSEARCH_INDEXING_BATCH="many")
    answer = program.run("settings", "get", "indexing.batch", env=env)
    assert answer.lines == ["8"]
    assert "many" in answer.words


def test_doctor(captioned: Indexed) -> None:
    report = captioned.program.good("doctor")
    assert set(report) >= {"versions", "devices", "places", "library", "problems"}
    assert report["devices"]["cpu"] == "CPU, works"
    assert report["problems"] == []
    assert report["places"]["library"].startswith(str(captioned.program.home))
    assert "Everything is in order." in captioned.program.run("doctor").lines


def test_everything_lies_below_home(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    picture(folder / "x.jpg")
    elsewhere = tmp_path / "user"
    elsewhere.mkdir()
    env = program.environment(HOME=str(elsewhere), XDG_DATA_HOME=None, XDG_CONFIG_HOME=None)
    assert program.run("index", folder, env=env, cwd=elsewhere).code == 0
    assert list(elsewhere.iterdir()) == []
    assert (program.home / "library.db").is_file()


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    program = Program(tmp_path / "file" / "home")
    assert "--home" in sentence(program.run("status"), 2)


def test_help_and_version(program: Program) -> None:
    assert "index" in os.fsdecode(program.run("--help").out)
    assert program.run("--version").lines[0].startswith("PhotoSearch ")
    for command in ("index", "search", "models", "folders", "status", "settings", "doctor"):
        answer = program.run(command, "--help")
        assert answer.code == 0
        assert b"--home" in answer.out


# --- no display, no Qt ---


@pytest.mark.skipif(sys.platform != "linux", reason="the others always have a display")
def test_the_window_without_a_display(program: Program, tmp_path: Path) -> None:
    said = sentence(program.run(), 2)
    assert "display" in said
    assert sentence(program.run(tmp_path), 2) == said
    dead = program.environment(DISPLAY=":987")
    assert ":987" in sentence(program.run(env=dead), 2)
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    if port > 6000:
        gone = program.environment(DISPLAY=f"127.0.0.1:{port - 6000}")
        assert "does not answer" in sentence(program.run(env=gone), 2)
    nonsense = program.environment(DISPLAY="nonsense")
    assert "nonsense" in sentence(program.run(env=nonsense), 2)
    missing = tmp_path / "none"
    assert str(missing) in sentence(program.run(missing), 2)


def test_the_commands_need_no_qt(program: Program, tmp_path: Path) -> None:
    shim = tmp_path / "shim"
    (shim / "PySide6").mkdir(parents=True)
    (shim / "PySide6" / "__init__.py").write_text(
        "raise ImportError('libEGL.so.1: cannot open shared object file')"
    )
    here = program.environment()["PYTHONPATH"]
    env = program.environment(PYTHONPATH=os.pathsep.join((str(shim), here)))
    folder = tmp_path / "photos"
    folder.mkdir()
    picture(folder / "beach.jpg")
    assert program.run("index", folder, env=env).code == 0
    assert program.run("search", "beach", "--json", env=env).json["results"]
    for command in (("status",), ("folders", "list"), ("models", "list"), ("settings", "list")):
        assert program.run(*command, env=env).code == 0
    assert program.run("doctor", env=env).code == 0
    window = program.environment(PYTHONPATH=env["PYTHONPATH"], QT_QPA_PLATFORM="offscreen")
    assert "libEGL" in sentence(program.run(env=window), 2)


def test_a_reader_that_has_had_enough(captioned: Indexed) -> None:
    import subprocess

    with subprocess.Popen(
        captioned.program.command("search", "jpg", "--limit", "100"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=captioned.program.environment(),
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


def test_doctor_sees_two_runtimes_in_each_others_way(program: Program, tmp_path: Path) -> None:
    planted = tmp_path / "site" / "onnxruntime_gpu-1.20.0.dist-info"
    planted.mkdir(parents=True)
    (planted / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: onnxruntime-gpu\nVersion: 1.20.0\n", encoding="utf-8"
    )
    before = program.environment()["PYTHONPATH"]
    env = program.environment(PYTHONPATH=os.pathsep.join((before, str(planted.parent))))
    answer = program.run("doctor", "--json", env=env)
    assert answer.code == 1
    (problem,) = answer.json["problems"]
    assert "onnxruntime and onnxruntime-gpu are installed together" in problem
    assert "pip uninstall" in problem


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are POSIX")
def test_a_terminal_shows_progress_and_a_pipe_does_not(program: Program, tmp_path: Path) -> None:
    import pty

    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(12):
        picture(folder / f"{number}.jpg", seed=number)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        program.command("index", folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=program.environment(TERM="xterm", COLUMNS="120"),
    ) as process:
        os.close(theirs)
        said = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # Linux: the other end is closed
                break
            if not part:
                break
            said += part
        assert process.wait(60) == 0
    os.close(ours)
    assert b"Looking at photos" in said
    assert "Looking at photos" not in program.run("index", folder).words
