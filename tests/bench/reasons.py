"""Why a figure is missed where it is known to be, by its profile; said beside it in docs/performance.md."""

from tests.bench.figures import Figure

SCAN = (
    "A search for a word that few tasks have reads them all: `LIKE '%word%'` has no index, and a trigram index on "
    "`task` would be written anew at every poll, as each poll moves a row. That takes 20 to 40 ms."
)
KNOWN = dict.fromkeys(("SQLite: search, found", "PostgreSQL: search, found"), SCAN)


def reason(figure: Figure) -> str:
    """Empty where none is known."""
    return next((why for beginning, why in KNOWN.items() if figure.what.startswith(beginning)), "")
