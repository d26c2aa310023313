"""Files in an S3-compatible store, by `obstore`."""

from collections.abc import AsyncGenerator, AsyncIterable, Generator
from contextlib import contextmanager

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from coursewright.course.errors import CoursewrightError
from coursewright.files.store import CHUNK, StoreGone, checked, gone

_PART = 8 * 1024 * 1024
"""Bytes of one part of an upload: S3 takes 5 MB to 5 GB, and at most 10,000 parts."""
_PARTS_AT_ONCE = 2


class ObjectFiles:
    """An object appears when its upload is complete; one that breaks off is given up."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, name: str, chunks: AsyncIterable[bytes]) -> int:
        """See `FileStore`."""
        size = 0
        failure: list[Exception] = []

        async def counted() -> AsyncGenerator[bytes]:
            nonlocal size
            try:
                async for chunk in chunks:
                    size += len(chunk)
                    yield chunk
            except Exception as error:
                failure.append(error)  # obstore tells no more of it than its text
                raise

        try:
            await obstore.put_async(
                self._store,
                checked(name),
                counted(),
                use_multipart=True,
                chunk_size=_PART,
                max_concurrency=_PARTS_AT_ONCE,
            )
        except CoursewrightError:
            raise
        except Exception as error:
            if failure:
                raise failure[0] from None
            raise _translated(error) from error
        return size

    async def get(self, name: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """See `FileStore`."""
        checked(name)
        if end is not None and start >= end:
            return
        with _told(name):
            if end is None and start == 0:
                found = await obstore.get_async(self._store, name)
            else:
                found = await obstore.get_async(
                    self._store,
                    name,
                    options={"range": {"offset": start} if end is None else (start, end)},
                )
        stream = found.stream(min_chunk_size=CHUNK)
        while True:
            with _told(name):
                try:
                    chunk = await anext(stream)
                except StopAsyncIteration:
                    return
            yield bytes(chunk)

    async def size(self, name: str) -> int | None:
        """See `FileStore`."""
        try:
            found = await obstore.head_async(self._store, checked(name))
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise _translated(error) from error
        return found["size"]

    async def delete(self, name: str) -> None:
        """See `FileStore`."""
        try:
            await obstore.delete_async(self._store, checked(name))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise _translated(error) from error

    async def tidy(self) -> None:
        """Nothing to do: a lifecycle rule of the bucket ends uploads that broke off."""


@contextmanager
def _told(name: str) -> Generator[None]:
    try:
        yield
    except FileNotFoundError:
        raise gone(name) from None
    except (BaseError, OSError) as error:
        raise _translated(error) from error


def _translated(error: Exception) -> StoreGone:
    # The text of a store can hold addresses with signatures: its kind is enough.
    return StoreGone(
        f"the store of files does not answer as it should ({type(error).__name__})",
        hint="Check COURSEWRIGHT_FILES_URL and the credentials (AWS_...) in the environment.",
    )
