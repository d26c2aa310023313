"""Where the bytes of files lie: originals of uploads, recordings.

    store.py        what a store can do            folder.py    in a folder, the default
    objects.py      in an S3-compatible store      opening.py   which of them, by setting
    kinds.py        what a file is, by its content
    ranges.py       `Range` of RFC 9110            signatures.py  links that expire

Who owns a file, and what it is called, is in the database (`generation/files.py`): here is only
what lies under a name that we made up ourselves.
"""

from coursewright.files.opening import open_store
from coursewright.files.store import FileStore, new_name

__all__ = ["FileStore", "new_name", "open_store"]
