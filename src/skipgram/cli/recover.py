"""The command that cleans up after a save that was killed: recover."""

from __future__ import annotations

import os
from typing import Annotated

from cyclopts import Parameter

from skipgram.cli.help import ARGUMENTS
from skipgram.cli.options import FilePath
from skipgram.cli.streams import announce
from skipgram.errors import OutputError
from skipgram.wording import count


def recover(
    output: Annotated[
        FilePath,
        Parameter(
            group=ARGUMENTS, help="Model, encoded corpus or other output that was being saved."
        ),
    ],
) -> None:
    """Bring back an output whose save was killed, and remove the temporary files of that save.

    A finished new version takes its place; otherwise the version that was there before returns.

    Examples:
      skipgram recover model
    """
    from skipgram.io import leftovers
    from skipgram.io.atomic import explained, target_of

    target = target_of(output)
    try:
        outcomes = leftovers.recover(target, by_user=True)
    except OSError as error:
        raise explained(target, 0, error) from error
    if outcomes["in use"]:
        raise OutputError(
            f"a process is saving {output} at this moment; run this command when it has ended"
        )
    if outcomes["completed"]:
        announce(f"{output}: completed the save, which had written everything")
    if outcomes["restored"]:
        announce(f"{output}: restored the version that was there before the save")
    if outcomes["removed"]:
        announce(f"{output}: removed {count(outcomes['removed'], 'old or unfinished version')}")
    if not outcomes and os.path.lexists(target):
        announce(f"{output} is complete, and no save of it was interrupted")
    if not outcomes and not os.path.lexists(target):
        raise OutputError(
            f"there is nothing to recover: neither {output} nor an interrupted save of it exists; "
            "check the path"
        )
