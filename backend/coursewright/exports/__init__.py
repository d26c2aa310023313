"""One module per format: a course in, bytes out. Pure: no clock, no network, no file."""

from coursewright.exports import json, markdown
from coursewright.exports.format import Format

FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format(
            name="markdown",
            media_type="application/zip",
            extension="zip",
            purpose="Markdown files in a zip, for Obsidian, a wiki or a static site",
            export=markdown.export,
        ),
        Format(
            name="json",
            media_type="application/json",
            extension="json",
            purpose="everything in one file, for other programs",
            export=json.export,
        ),
    )
}
"""All formats by name."""

__all__ = ["FORMATS", "Format"]
