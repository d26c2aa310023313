"""One way in to all readers of formats. Each is imported only when it is needed."""

from coursewright.course.errors import SourceError
from coursewright.sources.blocks import Parsed
from coursewright.sources.detect import TAKEN, Format
from coursewright.sources.limits import Limits


def parse(
    data: bytes, form: Format, *, name: str, limits: Limits, charset: str | None = None
) -> Parsed:
    """The blocks of a document. Raises `SourceError`, or whatever a library stumbles over."""
    match form:
        case Format.PDF:
            from coursewright.sources.pdf import parse_pdf  # noqa: PLC0415 - only when needed

            return parse_pdf(data, name=name, limits=limits)
        case Format.ARCHIVE:
            return _parse_archive(data, name=name, limits=limits)
        case Format.HTML:
            from coursewright.sources.webpage import parse_html  # noqa: PLC0415 - only when needed

            return parse_html(data, name=name, charset=charset)
        case Format.MARKDOWN:
            from coursewright.sources.markdown import parse_markdown  # noqa: PLC0415 - only when needed
            from coursewright.sources.text import decode  # noqa: PLC0415 - only when needed

            return parse_markdown(decode(data, name=name, declared=charset))
        case Format.TEXT:
            from coursewright.sources.text import decode, parse_text  # noqa: PLC0415 - only when needed

            return parse_text(decode(data, name=name, declared=charset))


def _parse_archive(data: bytes, *, name: str, limits: Limits) -> Parsed:
    """DOCX, PPTX and EPUB are archives; which one is seen by what is in it."""
    from coursewright.sources.archive import encrypted, open_archive, read_member  # noqa: PLC0415 - only when needed

    archive = open_archive(data, name=name, limits=limits)
    members = set(archive.namelist())
    if "word/document.xml" in members:
        from coursewright.sources.docx import parse_docx  # noqa: PLC0415 - only when needed

        return parse_docx(data, archive)
    if "ppt/presentation.xml" in members:
        from coursewright.sources.pptx import parse_pptx  # noqa: PLC0415 - only when needed

        return parse_pptx(data, name=name, limits=limits)
    if "META-INF/container.xml" in members:
        from coursewright.sources.epub import parse_epub  # noqa: PLC0415 - only when needed

        return parse_epub(archive, name=name)
    kind = (read_member(archive, "mimetype") or b"").decode("ascii", "replace")
    if "EncryptedPackage" in members:
        raise encrypted(name)
    if "opendocument" in kind:
        hint = f"Save it as DOCX or PPTX, or print it into a PDF. Taken are {TAKEN}."
        raise SourceError(
            f"{name} is an OpenDocument file, which is not read", source=name, hint=hint
        )
    if "xl/workbook.xml" in members:
        hint = f"Save what matters as PDF or text. Taken are {TAKEN}."
        raise SourceError(f"{name} is a workbook, which is not read", source=name, hint=hint)
    if not members:
        raise SourceError(f"{name} is an empty archive", source=name, hint=f"Taken are {TAKEN}.")
    hint = f"Unpack it, and give the documents in it. Taken are {TAKEN}."
    raise SourceError(f"{name} is an archive, but no DOCX, PPTX or EPUB", source=name, hint=hint)
