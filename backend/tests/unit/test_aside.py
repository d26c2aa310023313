"""Work in threads: a few at a time, and no kind waits for another."""

import asyncio
import threading

import pytest

from coursewright.aside import Aside


async def test_a_few_at_a_time_and_the_others_in_turn() -> None:
    aside = Aside("test", at_once=2)
    busy, most = 0, 0
    lock, go = threading.Lock(), threading.Event()
    both = threading.Semaphore(0)

    def work(number: int) -> int:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        both.release()
        assert go.wait(10)
        with lock:
            busy -= 1
        return number

    running = asyncio.gather(*(aside.run(work, number) for number in range(6)))
    for _ in range(2):
        assert await asyncio.to_thread(both.acquire, timeout=10)
    await asyncio.sleep(0.02)  # a third one would have begun by now
    go.set()
    assert await running == list(range(6))
    assert most == 2


async def test_another_kind_does_not_wait() -> None:
    slow, quick = Aside("slow", at_once=1), Aside("quick", at_once=1)
    go = threading.Event()
    long = asyncio.create_task(slow.run(go.wait, 10))
    await asyncio.sleep(0)
    assert await asyncio.wait_for(quick.run(len, "four"), 5) == 4
    assert not long.done()
    go.set()
    assert await long


async def test_who_is_cancelled_does_not_wait_for_the_thread() -> None:
    aside, go = Aside("test"), threading.Event()
    task = asyncio.create_task(aside.run(go.wait, 10))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)
    assert not go.is_set()
    go.set()


async def test_what_the_work_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        await Aside("test").run(lambda: 1 // 0)
