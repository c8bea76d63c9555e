"""What Dask's scheduler does for frames that wait for a slot: wakes of its semaphore, counted and measured."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from itertools import count
from typing import Any
from uuid import uuid4

WAITING = 1000  # frames that wait for a slot, where the cost of each is measured
GIVEN = 50  # slots that are given back meanwhile, one after the other


class Counted(asyncio.Event):
    """An event that counts how often those that wait for it wake, all events together."""

    wakes = 0

    async def wait(self) -> Any:
        """Wait, and count the wake."""
        await super().wait()
        Counted.wakes += 1
        return True


def wakes(waiting: int, given: int, together: int = 1) -> int:
    """How often frames wake. Arguments: as for `seconds`."""
    Counted.wakes = 0
    asyncio.run(_measured(waiting, given, together, Counted))
    return Counted.wakes


def seconds(waiting: int, given: int, together: int = 1) -> float:
    """CPU seconds of Dask's own semaphore while slots are taken and given back, so many in all, without any network.

    waiting: frames that wait whenever slots are given back; for each that gets one, another comes. together: slots, and
    how many are given back in one pass of the scheduler's loop; at most as many as wait.
    """
    return asyncio.run(_measured(waiting, given, together, asyncio.Event))


async def _measured(waiting: int, given: int, together: int, event: type[asyncio.Event]) -> float:
    from distributed import Scheduler

    async with Scheduler(host="127.0.0.1", port=0, dashboard=False, dashboard_address="127.0.0.1:0") as scheduler:
        semaphores, name, leases = scheduler.extensions["semaphores"], uuid4().hex, count()
        semaphores.events = defaultdict(event)
        semaphores.create(name, together, None)
        held: asyncio.Queue[str] = asyncio.Queue()
        asking: list[asyncio.Task[None]] = []

        async def ask(lease: str) -> None:
            await semaphores.acquire(name=name, lease_id=lease)
            held.put_nowait(lease)

        async def come(number: int) -> None:
            asking.extend(asyncio.create_task(ask(str(next(leases)))) for _ in range(number))
            await asyncio.sleep(0)  # until they wait

        async def give() -> None:
            for lease in [await held.get() for _ in range(together)]:
                semaphores.release(name=name, lease_id=lease)
            await asyncio.sleep(0)  # until all that wait have tried

        await come(waiting)
        start = time.process_time()
        for _ in range(given // together):
            await come(together)
            await give()
        taken = time.process_time() - start
        for each in asking:
            each.cancel()
        logging.getLogger("distributed.semaphore").disabled = True  # of each that is cancelled
        await asyncio.wait(asking)
        logging.getLogger("distributed.semaphore").disabled = False
        return taken


def waiting_cost() -> float:
    """CPU seconds of one wake: of a frame that tries for a slot and goes on to wait."""
    more = wakes(WAITING, GIVEN) - wakes(1, GIVEN)
    return max(0.0, seconds(WAITING, GIVEN) - seconds(1, GIVEN)) / more
