"""What is known of a model or an encoded corpus, in words: rows of a name and a text.

`training.json` holds the facts; a model of another program lacks some or all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skipgram.config import TrainConfig
from skipgram.pmi import WITHOUT_EFFECT
from skipgram.training.memory import describe_bytes
from skipgram.wording import count

if TYPE_CHECKING:
    from skipgram.corpus.encoded import EncodedCorpus
    from skipgram.embeddings import Embeddings

Rows = dict[str, str]

_METHODS = {
    "negative": "negative sampling",
    "softmax": "full softmax",
    "hierarchical": "hierarchical softmax",
    "hierarchical+negative": "hierarchical softmax and negative sampling",
}
_DROPPED = {
    "rare_words": "rare",
    "stop_words": "stop words",
    "undecodable_words": "undecodable",
    "rows_without_value": "rows without a value",
    "long_words": "very long",
    "nul_bytes": "NUL bytes",
}
_ARCHITECTURES = {"skipgram": "skip-gram", "cbow": "CBOW"}
_ALWAYS_SHOWN = ("window", "epochs", "alpha", "seed")
_OF_BASELINES = ("eigenvalue_weight",)
_SHOWN_APART = {"objective", "architecture", "vector_size", "threads", "min_count", "max_vocab"}


def model_rows(embeddings: Embeddings) -> dict[str, Rows]:
    """Return the rows of a model in groups; a group may be empty."""
    training = embeddings.training
    return {
        "Vectors": vectors_rows(embeddings),
        "Corpus": corpus_rows(training),
        "Training": training_rows(training),
    }


def facts_of(corpus: EncodedCorpus) -> dict[str, Any]:
    """Return what is known of an encoded corpus, named as in `training.json`."""
    report = corpus.report
    return {
        "vocabulary_size": len(corpus.vocabulary),
        "raw_words": report.raw_words,
        "distinct_words": report.distinct_words,
        **report.dropped(),
        "retained_words": len(corpus.ids),
        "raw_sentences": report.raw_sentences,
        "sentences": corpus.sentences,
        "reading": corpus.reading.describe(),
        "config": {"min_count": corpus.min_count, "max_vocab": corpus.max_vocab},
    }


def vectors_rows(embeddings: Embeddings) -> Rows:
    """Describe the vectors of a model."""
    matrices = "input" if embeddings.output is None else "input and output"
    size = embeddings.input.nbytes * (1 if embeddings.output is None else 2)
    rows = {
        "words": f"{len(embeddings):,}",
        "dimensions": str(embeddings.vector_size),
        "matrices": f"{matrices} ({describe_bytes(size)})",
    }
    if embeddings.words:
        rows["first words"] = ", ".join(embeddings.words[:8])
    return rows


def corpus_rows(training: Mapping[str, Any]) -> Rows:
    """Describe the corpus of a model from what `training.json` holds; leaves out what it lacks."""
    rows = {}
    if "raw_words" in training:
        sentences = training.get("raw_sentences") or training.get("sentences")
        in_sentences = f" in {sentences:,} sentences" if isinstance(sentences, int) else ""
        rows["words"] = f"{training['raw_words']:,}{in_sentences}"
    if "vocabulary_size" in training:
        limits = training.get("config", {})
        limit = f", at most {limits['max_vocab']:,}" if limits.get("max_vocab") else ""
        least = f" (min-count {limits['min_count']}{limit})" if "min_count" in limits else ""
        rows["vocabulary"] = f"{training['vocabulary_size']:,} words{least}"
    dropped = [
        f"{training[name]:,} {text}" for name, text in _DROPPED.items() if training.get(name)
    ]
    if dropped:
        rows["dropped"] = ", ".join(dropped)
    if training.get("skipped_files"):
        files = count(training["skipped_files"], "file")
        rows["skipped"] = f"{files} not text: {training.get('first_skipped', '')}"
    if training.get("reading"):
        rows["read with"] = _options({**training["reading"], **_stopwords(training["reading"])})
    return rows


def training_rows(training: Mapping[str, Any]) -> Rows:
    """Describe how a model was trained from what `training.json` holds."""
    config, rows = training.get("config", {}), {}
    if "method" in training:  # a baseline, which has only some of the options
        rows["method"] = str(training["method"])
        config = {name: value for name, value in config.items() if name not in WITHOUT_EFFECT}
        config |= {name: training[name] for name in _OF_BASELINES if name in training}
    elif "objective" in config:
        architecture = _ARCHITECTURES.get(config.get("architecture"), "")
        rows["method"] = f"{architecture} with {_METHODS.get(config['objective'], 'unknown')}"
    if training.get("started_from"):
        given = training["started_from"]
        option = str(given.get("option")).replace("_", "-")
        known = count(given["known_words"], "word")
        rows["started from"] = f"{known} of another model (--{option})"
    if config:
        rows["options"] = _options(_chosen(config))
    if training.get("loss"):
        first, last = training["loss"][0], training["loss"][-1]
        rows["loss"] = f"{last:.4f}" if len(training["loss"]) == 1 else f"{first:.4f} to {last:.4f}"
    if training.get("validation_loss"):
        best = training.get("best_epoch") or len(training["validation_loss"])
        lowest = training["validation_loss"][best - 1]
        rows["held-out loss"] = f"{lowest:.4f} (epoch {best})"
    if "training_seconds" in training:
        speed = training.get("raw_words_per_second")
        rows["time"] = f"{training['training_seconds']:.1f} s"
        rows["time"] += "" if speed is None else f" ({speed / 1e6:.1f} M words/s)"
    if training.get("versions"):
        rows["made with"] = ", ".join(f"{name} {text}" for name, text in _made_with(training))
    return rows


def _made_with(training: Mapping[str, Any]) -> list[tuple[str, str]]:
    versions = training["versions"]
    return [(name, versions[name]) for name in ("skipgram", "python") if name in versions]


def _chosen(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the main options, and all others that differ from their defaults."""
    defaults = TrainConfig().model_dump()
    main = {name: config[name] for name in _ALWAYS_SHOWN if name in config}
    others = {
        name: value
        for name, value in config.items()
        if name not in _SHOWN_APART and value != defaults.get(name)
    }
    return {**main, **others}


def _stopwords(reading: Mapping[str, Any]) -> dict[str, str]:
    """Return the option `stopwords` as the number of words."""
    words = reading.get("stopwords")
    return {"stopwords": count(len(words), "word")} if words else {}


def _options(options: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', '-')} {value}" for name, value in options.items())
