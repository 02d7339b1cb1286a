"""The catalogue of models: what is shipped is whole, and what is wrong in a file is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from photosearch.errors import ModelError
from photosearch.inference.catalogue import Catalogue, load
from photosearch.paths import resources
from photosearch.types import ModelKind

SEARCH = [
    "ViT-B-32__openai",
    "ViT-B-32__laion2b-s34b-b79k",
    "ViT-B-16__laion400m_e32",
    "ViT-B-16-SigLIP__webli",
    "ViT-B-16-SigLIP-384__webli",
    "ViT-B-32-SigLIP2-256__webli",
    "ViT-B-16-SigLIP2__webli",
    "ViT-L-16-SigLIP2-256__webli",
    "ViT-L-16-SigLIP2-384__webli",
    "ViT-SO400M-16-SigLIP2-256__webli",
    "ViT-SO400M-16-SigLIP2-384__webli",
    "ViT-SO400M-14-SigLIP-384__webli",
    "ViT-L-14-quickgelu__dfn2b",
    "ViT-H-14-quickgelu__dfn5b",
    "ViT-H-14-378-quickgelu__dfn5b",
    "XLM-Roberta-Base-ViT-B-32__laion5b_s13b_b90k",
    "XLM-Roberta-Large-ViT-H-14__frozen_laion5b_s13b_b90k",
    "nllb-clip-base-siglip__mrl",
    "nllb-clip-large-siglip__mrl",
]
RESEARCH = {
    "nllb-clip-base-siglip__mrl",
    "nllb-clip-large-siglip__mrl",
    "buffalo_l",
    "buffalo_m",
    "buffalo_s",
    "antelopev2",
}
MINIMAL = """
format = 1
[licences.mit]
name = "MIT"
url = "https://opensource.org/license/mit"
[[models]]
name = "mine"
kind = "search"
title = "Mine"
sentence = "It is mine."
repositories = ["me/mine"]
dimension = 8
input_px = 32
disk_gb = 0.5
languages = ["en"]
licence = "mit"
[models.recall]
en = 50
"""


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load()


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "models.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_model_is_on_offer(shipped: Catalogue) -> None:
    names = [e.name for e in shipped.entries if e.kind is ModelKind.SEARCH]
    assert names == SEARCH
    packs = [e.name for e in shipped.entries if e.kind is ModelKind.FACES]
    assert packs == ["buffalo_l", "buffalo_m", "buffalo_s", "antelopev2", "yunet-sface"]


def test_each_says_what_one_needs_to_choose(shipped: Catalogue) -> None:
    for entry in shipped.entries:
        assert entry.title
        assert re.fullmatch(r"[A-Z].*\.", entry.sentence), entry.sentence
        assert entry.download_bytes > 10_000_000
        assert entry.licence.name
        if entry.kind is ModelKind.SEARCH:
            assert entry.repositories == (f"immich-app/{entry.name}",)
            assert entry.recall[0].language == "en"
            assert "Crossmodal-3600" in entry.recall_source
            assert entry.memory_bytes > 2**29
            assert entry.languages


def test_figures_are_those_of_the_document(models: Path) -> None:
    """The shared document has a row for each model: name, dim/px, millions, GFLOPs, GB, MiB, ..."""
    rows = {}
    for line in (models / "catalogue.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().strip("* ").replace("~", "") for cell in line.split("|")[1:-1]]
        if len(cells) == 11 and "/" in cells[1] and cells[0] != "Name":
            rows[cells[0].partition(" (")[0]] = cells
    catalogue = load()
    for name in SEARCH:
        entry, row = catalogue.find(name), rows[name]
        assert entry is not None
        assert f"{entry.dimension}/{entry.input_px}" == row[1]
        assert entry.parameters == float(row[2])
        flops = [float(each) for each in row[3].split("+")] if row[3] != "?" else [None, None]
        assert [entry.gflops_image, entry.gflops_text] == flops
        assert entry.download_bytes == round(float(row[4]) * 1e9)
        assert entry.memory_bytes == int(row[5]) * 2**20
        assert entry.recall[0].percent == float(row[7])


def test_who_must_accept_a_licence(shipped: Catalogue) -> None:
    assert {e.name for e in shipped.entries if e.licence.research_only} == RESEARCH
    apple = shipped.find("ViT-H-14-quickgelu__dfn5b")
    assert apple is not None
    assert apple.licence.notice
    assert not apple.licence.research_only


def test_presets_in_plain_words(shipped: Catalogue) -> None:
    assert {p.title: p.model for p in shipped.presets} == {
        "Light": "ViT-B-32__laion2b-s34b-b79k",
        "Balanced": "ViT-B-32-SigLIP2-256__webli",
        "Better": "ViT-B-16-SigLIP2__webli",
        "Best": "ViT-SO400M-16-SigLIP2-256__webli",
        "Japanese": "XLM-Roberta-Base-ViT-B-32__laion5b_s13b_b90k",
        "Every language": "nllb-clip-large-siglip__mrl",
    }


def test_adding_a_model_is_adding_data(tmp_path: Path) -> None:
    text = (resources() / "models.toml").read_text(encoding="utf-8")
    more = MINIMAL.partition("[[models]]")[2]
    both = load(written(tmp_path, f"{text}\n[[models]]{more}"))
    assert both.entries[-1].name == "mine"
    assert both.entries[-1].memory_bytes == 0  # not known


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('title = "Mine"', "", "mine in models has no title"),
        ("dimension = 8", 'dimension = "8"', "dimension of mine in models is '8'"),
        ("dimension = 8", "dimension = true", "dimension of mine in models is True"),
        ("dimension = 8", "dimension = 8\ncolour = 3", "field that is not known: colour"),
        ('kind = "search"', 'kind = "sounds"', "none of search, faces"),
        ('name = "mine"', 'name = "../mine"', "cannot be the name of a folder"),
        ('["me/mine"]', '["https://elsewhere/mine"]', "repositories of mine in models holds"),
        ('["me/mine"]', '["me/../../mine"]', "repositories of mine in models holds"),
        ('licence = "mit"', 'licence = "gpl"', "licence of mine in models is 'gpl'"),
        ("https://opensource", "javascript:", "no link"),
        ("en = 50", "en = 500", "recall of mine in models in en is 500"),
        ("format = 1", "format = 2", "format 2"),
        ("format = 1", "", "no format"),
        ("format = 1", "format = ", "cannot be read"),
        ('licence = "mit"', 'licence = "mit"\nrecall_source = "us"', "not described"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in MINIMAL
    path = written(tmp_path, MINIMAL.replace(before, after))
    with pytest.raises(ModelError, match=re.escape(said)) as raised:
        load(path)
    assert str(path) in str(raised.value)


def test_names_and_presets_are_checked(tmp_path: Path) -> None:
    twice = MINIMAL + MINIMAL.partition("[[models]]")[2].join(["[[models]]", ""])
    with pytest.raises(ModelError, match="names mine twice"):
        load(written(tmp_path, twice))
    preset = '[[presets]]\nname = "a"\ntitle = "A"\nsentence = "B."\nmodel = "other"\n'
    with pytest.raises(ModelError, match="'other', which is not there"):
        load(written(tmp_path, MINIMAL + preset))
    with pytest.raises(ModelError, match="cannot be read"):
        load(tmp_path / "absent.toml")
