"""Faults of disks and streams: full ones, removed folders, closed outputs, short reads."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from pathlib import Path
from random import Random
from typing import Any

from fault import Fault
from fault_kills import wait_for_checkpoint
from fault_site import Ended, Lost, Site, bits, saved_elsewhere

MB = 1 << 20


def expect_one_line(ended: Ended) -> None:
    """Check that a program failed with an error that skipgram explains."""
    if ended.code != 1 or not ended.last.startswith("skipgram: "):
        raise Lost(f"ended with {ended.code}: {ended.last}")


def found_elsewhere(site: Site, ended: Ended) -> bool:
    """Whether the new model is where a message says; Lost if it is another one."""
    place = saved_elsewhere(ended)
    if place is None:
        return False
    if bits(place) != site.reference.new:
        raise Lost(f"the model in {place} has other bits")
    shutil.rmtree(place)
    return True


def saved_elsewhere_or_refused(site: Site, ended: Ended) -> str:
    """Check that the old model is left, and that a line says why or where the new one is.

    Returns:
        The outcome if the new model was saved elsewhere; "" if the training was refused.
    """
    site.expect("old")
    if found_elsewhere(site, ended):
        return "model saved elsewhere and said where"
    expect_one_line(ended)
    return ""


def full_while_saving(site: Site, rng: Random) -> str:
    """Train to a disk that has room for checkpoints, but not for the model."""
    site.mount(site.output.parent, rng.randrange(1 * MB, 12 * MB))
    site.add_old_model()
    ended = site.train()
    if ended.code == 0:
        site.expect("new")
        return "had room"
    if outcome := saved_elsewhere_or_refused(site, ended):
        return outcome
    site.mount(site.output.parent, 100 * MB)
    return f"refused with one line, {site.resume()}"


def fills_up_while_training(site: Site, rng: Random) -> str:
    """Fill the disk of the output once the training has begun."""
    site.mount(site.output.parent, 40 * MB)
    site.add_old_model()
    process = site.start_training()
    wait_for_checkpoint(site, process)
    other = site.output.parent / "other"
    try:
        with other.open("wb", buffering=0) as file:
            while file.write(bytes(MB)):
                pass
    except OSError:
        pass
    ended = site.finish(process)
    other.unlink()
    if ended.code == 0:
        site.expect("new")
        return "was already saved"
    if outcome := saved_elsewhere_or_refused(site, ended):
        return outcome
    return f"refused with one line, {site.resume()}"


def full_while_scanning(site: Site, rng: Random) -> str:
    """Scan a text while neither the output's disk nor that of temporary files has room for ids."""
    for folder in (site.temporary, site.output.parent):
        site.mount(folder, rng.randrange(1, 16) * (MB // 16))
    site.add_old_model()
    ended = site.train()
    expect_one_line(ended)
    site.expect("old")
    for folder in (site.temporary, site.output.parent):
        site.mount(folder, 100 * MB)
    again = site.train()
    if again.code:
        raise Lost(f"training again fails: {again.last}")
    site.expect("new")
    site.expect_clean()
    return "refused with one line, trained again to the same bits"


def parent_removed(site: Site, rng: Random) -> str:
    """Remove the folder of the output during the training."""
    process = site.start_training()
    wait_for_checkpoint(site, process)
    shutil.rmtree(site.output.parent, ignore_errors=True)
    ended = site.finish(process)
    if site.output.exists():
        site.expect("new")
        return "folder made again, model saved"
    if found_elsewhere(site, ended):
        return "model saved elsewhere and said where"
    raise Lost(f"no model: {ended.last}")


def temporary_removed(site: Site, rng: Random) -> str:
    """Remove the folder of temporary files during the training."""
    site.add_old_model()
    process = site.start_training()
    wait_for_checkpoint(site, process)
    shutil.rmtree(site.temporary)
    return site.expect_trained(site.finish(process))


def bad_stream(name: str, is_full: bool, site: Site, rng: Random) -> str:
    """Train with standard output or standard error on a full disk, or closed by its reader."""
    site.add_old_model()
    if is_full:
        with Path("/dev/full").open("w") as full:
            return site.expect_trained(site.train(**{name: full}))
    read, write = os.pipe()
    os.close(read)
    try:
        return site.expect_trained(site.train(**{name: write}))
    finally:
        os.close(write)


def _bad_stream(name: str, is_full: bool) -> Any:
    return lambda site, rng: bad_stream(name, is_full, site, rng)


def closed_streams(site: Site, rng: Random) -> str:
    """Train without any standard stream, as some services start programs."""
    site.add_old_model()
    process = site.start_training(
        limit=lambda: os.closerange(0, 3), stdout=None, stderr=None, stdin=None
    )
    return site.expect_trained(site.finish(process))


def short_reads(site: Site, rng: Random) -> str:
    """Train on standard input that comes in pieces of any size."""
    site.add_old_model()
    process = site.start_training(corpus="-", stdin=subprocess.PIPE)
    text = site.reference.corpus.read_bytes()

    def write() -> None:
        assert process.stdin
        pipe = process.stdin.fileno()
        place = 0
        while place < len(text):
            size = rng.choice((1, 2, 7, 100, 4097, 65_536, 300_000))
            place += os.write(pipe, text[place : place + size])
        process.stdin.close()

    writer = threading.Thread(target=write)
    writer.start()
    writer.join()
    process.stdin = None
    return site.expect_trained(site.finish(process))


DISKS = [
    Fault("full disk while saving", full_while_saving, 20, quick=True),
    Fault("disk fills up during the training", fills_up_while_training, 10),
    Fault("full disk while scanning", full_while_scanning, 10, quick=True),
    Fault("folder of the output removed", parent_removed, 5, quick=True),
    Fault("temporary folder removed", temporary_removed, 5),
    Fault("standard error on a full disk", _bad_stream("stderr", True), 2, quick=True),
    Fault("standard output on a full disk", _bad_stream("stdout", True), 2),
    Fault("standard error closed by its reader", _bad_stream("stderr", False), 2),
    Fault("standard output closed by its reader", _bad_stream("stdout", False), 2),
    Fault("no standard streams", closed_streams, 2),
    Fault("short reads", short_reads, 5, quick=True),
]
