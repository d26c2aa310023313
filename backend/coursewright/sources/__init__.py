"""Documents in, passages out: files, uploads, addresses, the library, the encyclopedia.

Whatever a document says is text. Nothing in it is carried out, fetched or obeyed.
"""

from coursewright.sources.document import Document
from coursewright.sources.limits import Limits
from coursewright.sources.read import read_bytes, read_source

__all__ = ["Document", "Limits", "read_bytes", "read_source"]
