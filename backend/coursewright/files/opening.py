"""Which store is meant."""

import importlib.util
from pathlib import Path
from urllib.parse import urlsplit

from coursewright.course.errors import NotConfigured
from coursewright.files.folder import FolderStore
from coursewright.files.store import FileStore

FOLDER = "files"


def open_store(url: str | None, data_dir: Path) -> FileStore:
    """The store at `url`; without one, a folder in the data folder. Nothing is asked of it yet.

    Credentials, region and endpoint of an S3-compatible store come from the environment, by the
    names that AWS gave them.

    Raises:
        NotConfigured: the address is not usable, or `obstore` is not installed.
    """
    if url is None:
        return FolderStore(data_dir / FOLDER)
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "s3" and parts.hostname and "@" not in parts.netloc
    except ValueError:
        usable = False
    if not usable:
        raise NotConfigured(
            "COURSEWRIGHT_FILES_URL is not the address of a bucket",
            hint="It looks like s3://bucket/prefix; keys are given as AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY.",
        )
    if importlib.util.find_spec("obstore") is None:
        raise NotConfigured(
            "files are to lie in an S3-compatible store, but `obstore` is not installed",
            hint="pip install 'coursewright[s3]', or remove COURSEWRIGHT_FILES_URL.",
        )
    from obstore.store import S3Store  # noqa: PLC0415 - an extra

    from coursewright.files.objects import ObjectFiles  # noqa: PLC0415 - an extra

    try:
        return ObjectFiles(S3Store.from_url(url))
    except Exception as error:  # noqa: BLE001 - whatever obstore says of settings that it cannot use
        raise NotConfigured(
            f"the S3-compatible store cannot be set up ({type(error).__name__})",
            hint="Check COURSEWRIGHT_FILES_URL, AWS_REGION, AWS_ENDPOINT_URL.",
        ) from None
