"""What can be seen and done from outside while a training runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from skipgram.training.matrices import Matrix
from skipgram.vocabulary import Vocabulary


class Control:
    """A training that runs. `TrainingStarted` holds it.

    Args:
        vocabulary: the words that are trained.
        vector_size: numbers in a vector.
        state: returns the matrices by name, padded (`Objective.state`).

    Attributes:
        vocabulary: the argument.
        pauses: whether no chunk of the next epoch starts before an epoch is reported. Set it when
            the training starts, to see the vectors as they are at the end of each epoch.
        is_stopped: whether the training ends after the current epoch.
    """

    def __init__(
        self, vocabulary: Vocabulary, vector_size: int, state: Callable[[], Mapping[str, Matrix]]
    ) -> None:
        self.vocabulary = vocabulary
        self.pauses = False
        self.is_stopped = False
        self._vector_size = vector_size
        self._state = state

    def copy_vectors(self) -> tuple[Matrix, Matrix | None]:
        """Return copies of the input and the output vectors as they are now.

        In hierarchical softmax there are no output vectors of words.
        """
        state, words = self._state(), len(self.vocabulary)
        both = [
            state[name][:words, : self._vector_size].copy() if name in state else None
            for name in ("input", "output")
        ]
        if both[0] is None:
            raise ValueError("a training has input vectors")
        return both[0], both[1]

    def stop(self) -> None:
        """End the training after the current epoch; without `pauses`, after the last one.

        The vectors are those of its end.
        """
        self.is_stopped = True
