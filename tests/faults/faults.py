"""Try what can go wrong while skipgram trains and saves, and check that nothing is lost.

    python tests/faults/faults.py                         every fault, in about an hour
    python tests/faults/faults.py --fault SIGTERM --tries 1

After each try, the model at the output must be the old or the new one, bit for bit; an interrupted
training must continue, and give the bits of an uninterrupted one on one thread; the exit code must
be right, no traceback is shown, and the next run leaves no litter. Anything else is LOST.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from fault import Fault
from fault_disks import DISKS
from fault_kills import KILLS
from fault_others import OTHERS
from fault_site import Lost, Reference, Site, Skipped, prepare

ROOT = Path(__file__).resolve().parents[2]
FAULTS = [*KILLS, *DISKS, *OTHERS]
LOST = "LOST"


class Row(NamedTuple):
    """What the tries of a fault gave.

    Attributes:
        fault: its name.
        tries: how often it was tried.
        outcomes: how often each outcome was seen; one that begins with LOST is a failure.
        skipped: why it was not tried; "" if it was.
    """

    fault: str
    tries: int
    outcomes: dict[str, int]
    skipped: str = ""

    @property
    def lost(self) -> int:
        """How many tries lost something."""
        return sum(times for outcome, times in self.outcomes.items() if outcome.startswith(LOST))


def attempt(fault: Fault, tries: int, seed: int, reference: Reference) -> Row:
    """Try a fault a number of times, each in a folder of its own."""
    outcomes: Counter[str] = Counter()
    for number in range(tries):
        site = Site(reference, reference.folder / "site")
        try:
            outcomes[fault.attempt(site, Random(f"{seed} {fault.name} {number}"))] += 1
        except Lost as error:
            outcomes[f"{LOST}: {error}"] += 1
            print(f"{fault.name}, try {number}: {error}", file=sys.stderr, flush=True)
        except Skipped as error:
            return Row(fault.name, 0, {}, str(error))
        finally:
            site.remove()
    return Row(fault.name, tries, dict(outcomes))


def line(row: Row) -> str:
    """Return a row of the table as text."""
    outcomes = ", ".join(f"{times} {outcome[:60]}" for outcome, times in row.outcomes.items())
    return f"{row.fault:<46}{row.tries:>5}  {outcomes or f'skipped: {row.skipped}'}"


def arguments() -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    names = [fault.name for fault in FAULTS]
    parser.add_argument("--fault", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--tries", type=int, help="of each fault")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "faults.json")
    return parser.parse_args()


def main() -> None:
    """Try the faults; exit with 1 if something is lost."""
    given = arguments()
    rows = []
    with tempfile.TemporaryDirectory(prefix="skipgram-faults-") as folder:
        reference = prepare(Path(folder))
        for fault in FAULTS:
            if fault.name in given.fault:
                rows.append(attempt(fault, given.tries or fault.tries, given.seed, reference))
                print(line(rows[-1]), flush=True)
    save_rows(rows, given.seed, given.output)
    if lost := sum(row.lost for row in rows):
        sys.exit(f"{lost} tries lost something")


def save_rows(rows: Sequence[Row], seed: int, path: Path) -> None:
    """Write the rows as JSON, with the machine and the versions."""
    sys.path.append(str(ROOT / "bench"))
    from hardware import hardware
    from peers import versions
    from run import save

    faults: list[Any] = [row._asdict() for row in rows]
    save({"hardware": hardware(), "versions": versions(), "seed": seed, "faults": faults}, path)


if __name__ == "__main__":
    main()
