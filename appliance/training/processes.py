"""Several processes that take one step together: each reads its share of the rows, their gradients are added up.

The loss of a step is the mean over the labelled tokens of *all* its rows, so the sum of the shares' gradients is the
gradient of one process; a mean of the processes' means would weigh short answers more. Every process then holds the
same adapter. Processes on one machine speak over its loopback (gloo on CPUs) or over the GPUs' own links (nccl).
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import distributed

Item = TypeVar("Item")
MEETING = "APPLIANCE_MEETING"  # environment variable: the file in which processes tell each other their addresses


@dataclass(frozen=True, slots=True)
class Group:
    """The processes of a run, seen from one of them."""

    rank: int = 0
    size: int = 1

    @property
    def is_first(self) -> bool:
        """Say whether this is the process that writes checkpoints and reports."""
        return self.rank == 0

    def share(self, rows: Sequence[Item]) -> Sequence[Item]:
        """Return the rows that this process reads: every one is read by exactly one process."""
        return rows[self.rank :: self.size]

    def add_gradients(self, parameters: Iterable[torch.nn.Parameter], loss: float) -> float:
        """Leave the sum of all processes' gradients in the parameters; return the sum of their losses."""
        if self.size == 1:
            return loss
        held = list(parameters)
        shares = [value.grad if value.grad is not None else torch.zeros_like(value) for value in held]
        flat = torch.cat([*(share.reshape(-1) for share in shares), shares[0].new_tensor([loss])])
        distributed.all_reduce(flat)  # one message a step: adapters are small
        pieces = torch.split(flat[:-1], [value.numel() for value in held])
        for value, piece in zip(held, pieces, strict=True):
            value.grad = piece.view_as(value).clone()
        return float(flat[-1])

    def add(self, values: Sequence[float], device: torch.device) -> list[float]:
        """Return the sums of all processes' values."""
        if self.size == 1:
            return list(values)
        # float64, so that counts of tokens stay exact
        sums = torch.tensor(list(values), dtype=torch.float64, device=device)
        distributed.all_reduce(sums)
        return [float(value) for value in sums]

    def any(self, *, flag: bool, device: torch.device) -> bool:
        """Say whether the flag is set in any process; all get the same answer."""
        return self.add([float(flag)], device)[0] > 0


ALONE = Group()


def join_group(device: str) -> tuple[Group, str]:
    """Join the processes that `launching.started_group` started; return the group and this process's device.

    Without its variables in the environment the process is alone, and no socket is opened.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return ALONE, device
    if device.startswith("cuda"):
        device = f"cuda:{int(os.environ['LOCAL_RANK'])}"
        torch.cuda.set_device(device)
    rank, meeting = int(os.environ["RANK"]), f"file://{os.environ[MEETING]}"
    backend = "nccl" if device.startswith("cuda") else "gloo"
    distributed.init_process_group(backend, init_method=meeting, rank=rank, world_size=size)
    return Group(rank, size), device


def leave_group(group: Group) -> None:
    """Close the connections of a group."""
    if group.size > 1:
        distributed.destroy_process_group()
