"""The constants of a training kernel."""

from __future__ import annotations

from dataclasses import dataclass

from skipgram.kernels.constants import Constants
from skipgram.kernels.optimizers import SGD
from skipgram.kernels.plan import PLAIN, TileShape
from skipgram.kernels.windows import BLOCK


@dataclass(frozen=True)
class Form(Constants):
    """What is compiled into a kernel: the shape of its tiles, and the training method.

    Attributes:
        shape: the shape of its tiles.
        group: how many windows share their negatives; more than 1 only in skip-gram with negative
            sampling.
        hierarchical: train the path of each target word, not negatives.
        pairwise: draw new negatives for each pair, and train one pair at a time.
        single: train one place of a window at a time.
        cbow: one of `windows.CONTEXTS`; 0 in skip-gram.
        freeze: leave the input rows that `Matrices.frozen` marks unchanged. This is a constant so
            that training without frozen rows pays nothing for it.
        optimizer: one of `optimizers.OPTIMIZERS`.
    """

    shape: TileShape = PLAIN
    group: int = 1
    hierarchical: bool = False
    pairwise: bool = False
    single: bool = False
    cbow: int = 0
    freeze: bool = False
    optimizer: int = SGD

    @property
    def counts_seen(self) -> bool:
        """Whether the windows of a group differ, so that each pair of rows has its own count."""
        return self.group > 1

    @property
    def in_place(self) -> bool:
        """Whether input rows can take their step while the output rows are still in registers.

        Not if rows are frozen: another thread would see a frozen row move before it is restored.
        """
        return not self.cbow and not self.freeze and self.optimizer == SGD and self.shape.lanes > 1

    @property
    def places(self) -> int:
        """How many places of a window one step trains."""
        return 1 if self.pairwise or self.single else BLOCK

    @property
    def numbers(self) -> tuple[int, ...]:
        """See `Constants`."""
        flags = self.hierarchical, self.pairwise, self.single, self.freeze
        return *self.shape.numbers, self.group, *map(int, flags), self.cbow, self.optimizer
