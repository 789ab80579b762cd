"""Events in words."""

from __future__ import annotations

from skipgram.event_texts import describe, describe_best, describe_given, describe_trial
from skipgram.training.events import (
    BestEpochTaken,
    CompileStarted,
    HardlyTrained,
    TrialFinished,
    VectorsGiven,
)


def test_best_epochs_and_trials_in_words() -> None:
    assert describe_best(BestEpochTaken(best=3, epochs=5)) == (
        "the vectors are those of epoch 3 of 5, which has the lowest held-out loss"
    )
    options = {"alpha": 0.05, "negative": 7}
    trial = TrialFinished(2, options, 1.23456, 3.21)
    assert describe_trial(trial) == "trial 2: 1.2346 (alpha 0.05, negative 7; 3.2 s)"
    assert describe_trial(TrialFinished(2, options, None, 3.21)).startswith("trial 2: failed (")


def test_hardly_trained_vectors_in_words() -> None:
    assert describe(HardlyTrained(cosine=0.9812, epochs_to_try=19)) == (
        "note: the vectors are hardly trained (mean cosine of random words: 0.981), so neighbours "
        "mean little; set epochs=19, or train on more text"
    )


def test_compiling_in_words() -> None:
    text = describe(CompileStarted("the training code", 5, 20))
    assert text.startswith("compiling the training code for these options")


def test_given_vectors_in_words() -> None:
    one = describe_given(VectorsGiven(known=1, fresh=2, untrained=1))
    assert one == (
        "warm start: 1 word from given vectors, 2 from random ones; "
        "vectors of 1 word not in the corpus are kept unchanged"
    )
    assert describe_given(VectorsGiven(2, 0, 0)) == (
        "warm start: 2 words from given vectors, 0 from random ones"
    )
