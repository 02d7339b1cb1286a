"""Very small open_clip models: configurations, checkpoints as a training writes them, tokenizers.

The tokenizers have the makings of the real ones, which are on the hub, and few words.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing

from photosearch.inference.conversion import libraries, loading
from photosearch.inference.conversion.comparing import SENTENCES
from photosearch.types import Conversion

VISION = {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16}
TEXT = {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}
LANGUAGES = ("eng_Latn", "deu_Latn", "jpn_Jpan", "zho_Hans", "zho_Hant", "ceb_Latn")


@dataclass(frozen=True, slots=True)
class Training:
    """What somebody who has trained a model of his own has: a configuration and weights."""

    architecture: Path
    checkpoint: Path

    def conversion(self, name: str = "mine", tokenizer: Path | None = None) -> Conversion:
        return Conversion(
            name,
            str(self.architecture),
            checkpoint=str(self.checkpoint),
            tokenizer=str(tokenizer or ""),
        )


def write_training(folder: Path, name: str = "tiny", text: dict[str, Any] = TEXT) -> Training:
    """Write a configuration, and random weights as open_clip's distributed training saves them."""
    folder.mkdir(parents=True, exist_ok=True)
    architecture = folder / f"{name}.json"
    content = {"embed_dim": 24, "vision_cfg": VISION, "text_cfg": text}
    architecture.write_text(json.dumps(content))
    weights = loading.random(str(architecture)).model.state_dict()
    checkpoint = folder / f"{name}.pt"
    state = {f"module.{key}": value for key, value in weights.items()}
    libraries.load().torch.save({"epoch": 3, "name": name, "state_dict": state}, checkpoint)
    return Training(architecture, checkpoint)


def hugging_text(folder: Path, kind: str, tokenizer: Path, **more: Any) -> dict[str, Any]:
    """Return the text part of a configuration whose tower `transformers` makes."""
    transformers: Any = __import__("transformers")
    small = {
        "xlm-roberta": lambda: transformers.XLMRobertaConfig(
            vocab_size=300, hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
            intermediate_size=48, max_position_embeddings=100,
        ),
        "nllb": lambda: transformers.M2M100Config(
            vocab_size=300, d_model=32, encoder_layers=1, decoder_layers=1,
            encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=48,
            decoder_ffn_dim=48,
        ),
        "mt5": lambda: transformers.MT5Config(
            vocab_size=300, d_model=32, d_kv=16, d_ff=48, num_layers=1, num_heads=2
        ),
    }  # fmt: skip
    small[kind]().save_pretrained(folder / kind)
    named = {"hf_model_name": str(folder / kind), "hf_tokenizer_name": str(tokenizer)}
    return {**named, "hf_proj_type": "linear", "hf_pooler_type": "mean_pooler", **more}


def siglip(folder: Path) -> Path:
    """Write a tokenizer like SigLIP's: pieces of T5, padded with the end."""
    made = _pieces(["<pad>", "</s>", "<unk>"])
    _frame(made, "$A </s>")
    named = {"pad_token": "</s>", "eos_token": "</s>", "unk_token": "<unk>"}
    return _save(made, folder, tokenizer_class="T5Tokenizer", extra_ids=0, **named)


def siglip2(folder: Path) -> Path:
    """Write a tokenizer like SigLIP2's: Gemma's pairs with bytes to fall back on."""
    made = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    made.normalizer = normalizers.Replace(" ", "▁")
    special = ["<pad>", "<eos>", "<bos>", "<unk>"]
    trainer = trainers.BpeTrainer(vocab_size=250, special_tokens=special, show_progress=False)
    made.train_from_iterator([each.replace(" ", "▁") for each in SENTENCES], trainer)
    _frame(made, "$A <eos>")
    return _save(
        made,
        folder,
        tokenizer_class="GemmaTokenizer",
        add_bos_token=False,
        add_eos_token=True,
        padding_side="right",
        pad_token="<pad>",
        eos_token="<eos>",
    )


def xlm_roberta(folder: Path) -> Path:
    """Write a tokenizer like XLM-R's."""
    made = _pieces(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    _frame(made, "<s> $A </s>")
    return _save(made, folder, tokenizer_class="XLMRobertaTokenizer", pad_token="<pad>")


def nllb(folder: Path, template: str = "eng_Latn $A </s>") -> Path:
    """Write a tokenizer like nllb's: a token for each language, one of them in the template."""
    made = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.BpeTrainer(vocab_size=200, special_tokens=special, show_progress=False)
    made.train_from_iterator(SENTENCES, trainer)
    made.add_special_tokens([*LANGUAGES, "<mask>"])
    _frame(made, template)
    return _save(
        made,
        folder,
        tokenizer_class="NllbTokenizer",
        additional_special_tokens=list(LANGUAGES),
        pad_token="<pad>",
    )


def _pieces(special: list[str]) -> Any:
    made = Tokenizer(models.Unigram())
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=150, special_tokens=special, unk_token="<unk>", show_progress=False
    )
    made.train_from_iterator(SENTENCES, trainer)
    return made


def _frame(made: Any, template: str) -> None:
    names = [each for each in template.split() if not each.startswith("$")]
    special = [(name, made.token_to_id(name)) for name in names]
    made.post_processor = TemplateProcessing(single=template, special_tokens=special)


def _save(made: Any, folder: Path, **config: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    made.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder
