"""Pages out of templates."""

from pathlib import Path

from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, select_autoescape

from coursewright.api.auth import shown
from coursewright.api.markdown import inline, to_html
from coursewright.aside import Aside

ASIDE = Aside("pages and exports")
"""Where whole courses are rendered."""
_environment = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=select_autoescape(),
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters |= {"markdown": to_html, "inline": inline}


def page(template: str, *, status: int = 200, **values: object) -> Response:
    """The page that a template makes of `values`."""
    values = {"me": shown.get(), **values}  # for the head of every page
    return HTMLResponse(_environment.get_template(template).render(**values), status_code=status)
