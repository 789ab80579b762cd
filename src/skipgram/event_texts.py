"""Events of a run in words, for displays and logs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from skipgram.training.compiling import describe_compiling
from skipgram.training.events import (
    BestEpochTaken,
    CheckpointFailed,
    CheckpointPassedOver,
    CheckpointsLackSpace,
    CompileStarted,
    EpochFinished,
    Event,
    HardlyTrained,
    MemoryPlanned,
    ModelNotKept,
    MoreThreadsThanCores,
    NeighboursFound,
    PresetTaken,
    RunDiscarded,
    ScanFinished,
    SearchStarted,
    TrainingResumed,
    TrainingStarted,
    TrialFinished,
    VectorsGiven,
)
from skipgram.training.memory import describe_bytes, describe_plan
from skipgram.training.meter import TrainingMeter
from skipgram.wording import count, describe_search, in_options

if TYPE_CHECKING:
    from skipgram.corpus.encoded import ScanReport


def describe(event: Event) -> str:
    """Describe an event in a line or more; "" if it is not worth a line of its own."""
    match event:
        case PresetTaken():
            return describe_preset(event)
        case MoreThreadsThanCores():
            return describe_threads(event)
        case CompileStarted():
            return describe_compiling(event)
        case ScanFinished():
            return describe_scan(event)
        case VectorsGiven():
            return describe_given(event)
        case MemoryPlanned():
            return describe_plan(event)
        case RunDiscarded():
            seconds = count(round(event.seconds), "second")
            return f"warning: an interrupted training of {seconds} in {event.path} is discarded"
        case TrainingResumed():
            return describe_resumed(event)
        case CheckpointsLackSpace():
            return describe_lack_of_space(event)
        case CheckpointFailed():
            return f"warning: no checkpoint was written: {event.reason}"
        case ModelNotKept():
            return f"warning: the model is not kept in {event.path}, so save it: {event.reason}"
        case CheckpointPassedOver():
            return f"warning: damaged checkpoint: {event.reason}; an earlier one is used"
        case TrainingStarted() if event.expected_seconds is not None:
            return describe_time(event)
        case NeighboursFound():
            return f"epoch {event.epoch}, {event.word}: {', '.join(event.near)}"
        case BestEpochTaken():
            return describe_best(event)
        case HardlyTrained():
            return describe_hardly_trained(event)
        case SearchStarted():
            return describe_search(event.minutes, event.trials)
        case TrialFinished():
            return describe_trial(event)
    return ""


def describe_in_options(event: Event) -> str:
    """Describe an event for the command line, whose options its advice names."""
    return in_options(describe(event))


def describe_preset(event: PresetTaken) -> str:
    """Name a preset and the options that it sets."""
    options = ", ".join(f"{name} {value}" for name, value in event.options.items())
    return f"preset {event.name}: {options or 'all its options are given'}"


def describe_threads(event: MoreThreadsThanCores) -> str:
    """Say that there are more threads than cores, and that this does not help."""
    cores = count(event.cores, "core")
    return (
        f"note: {event.threads} threads share {cores} on this machine, and more threads than "
        f"cores do not help; lower threads to {event.cores}"
    )


def describe_scan(event: ScanFinished) -> str:
    """Describe what the scan found and what it dropped."""
    report = event.report
    text = (
        f"corpus: {count(report.raw_words, 'word')}, {_describe_sentences(event)}; "
        "vocabulary: "
        f"{event.vocabulary:,} of {report.distinct_words:,} different words, "
        f"{_describe_dropped(report)} dropped; {report.seconds:.1f} s"
    )
    warned = [f"warning: {line}" for line in report.warnings()]
    return "\n".join(filter(None, [text, *warned, event.advice]))


def _describe_sentences(event: ScanFinished) -> str:
    raw = event.report.raw_sentences
    if raw in (0, event.sentences):
        return count(event.sentences, "sentence")
    return f"{count(raw, 'sentence')} ({event.sentences:,} with a word of the vocabulary)"


def _describe_dropped(report: ScanReport) -> str:
    rare = count(report.rare_words, "rare occurrence")
    if not report.stop_words:
        return rare
    return f"{rare} and {count(report.stop_words, 'occurrence')} of stop words"


def describe_given(event: VectorsGiven) -> str:
    """Describe how many words start from given vectors."""
    known, unseen = count(event.known, "word"), count(event.untrained, "word")
    text = f"warm start: {known} from given vectors, {event.fresh:,} from random ones"
    if event.untrained:
        text += f"; vectors of {unseen} not in the corpus are kept unchanged"
    return text


def describe_time(event: TrainingStarted) -> str:
    """Describe how long training is expected to take."""
    epoch = timedelta(seconds=round(event.expected_seconds or 0))
    total = f"{epoch * event.epochs} for {count(event.epochs, 'epoch')}"
    return f"expected time: {epoch} an epoch, {total}"


def describe_resumed(event: TrainingResumed) -> str:
    """Describe how much of a training was done before it was interrupted."""
    if not event.share:
        return "no checkpoint was written before the interruption; the training begins again"
    seconds = timedelta(seconds=round(event.seconds))
    return f"resuming the training at {event.share:.1%}, after {seconds}"


def describe_lack_of_space(event: CheckpointsLackSpace) -> str:
    """Say that checkpoints need more space than there is, and what this may lead to."""
    return (
        f"warning: checkpoints in {event.path} need {describe_bytes(event.needed)}, but only "
        f"{describe_bytes(event.free)} is free; they may not be written, and there may be no space "
        "left for the model; free some space, or set checkpoint=off"
    )


def describe_losses(event: EpochFinished) -> str:
    """Describe the loss of an epoch, and the loss of held-out text if there is any."""
    held_out = event.validation_loss
    return f"loss {event.loss:.4f}" + (
        "" if held_out is None else f", held-out loss {held_out:.4f}"
    )


def describe_rise(event: EpochFinished, meter: TrainingMeter) -> str:
    """Explain a training loss that rose slightly in the last epochs; "" if it did not."""
    lowest = meter.lowest_before_a_rise()
    if lowest is None:
        return ""
    return (
        f"note: the training loss rose from {lowest:.4f} to {event.loss:.4f} at the end. This is "
        "normal: as the learning rate falls, the vectors adapt less to the text just read"
    )


def describe_best(event: BestEpochTaken) -> str:
    """Describe which epoch the vectors are from."""
    best = f"epoch {event.best} of {event.epochs}"
    return f"the vectors are those of {best}, which has the lowest held-out loss"


def describe_hardly_trained(event: HardlyTrained) -> str:
    """Describe how alike the vectors are and what would train them further."""
    epochs = event.epochs_to_try
    return (
        f"note: the vectors are hardly trained (mean cosine of random words: {event.cosine:.3f}), "
        f"so neighbours mean little; set epochs={epochs}, or train on more text"
    )


def describe_trial(event: TrialFinished) -> str:
    """Describe the options and the score of one trial of a search."""
    options = ", ".join(f"{name} {value:.3g}" for name, value in event.options.items())
    score = "failed" if event.score is None else f"{event.score:.4f}"
    return f"trial {event.number}: {score} ({options}; {event.seconds:.1f} s)"
