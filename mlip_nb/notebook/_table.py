"""A small table, readable as text and as HTML."""

import html
from collections.abc import Sequence


class Table:
    """Rows of text under headings. Everything is escaped: a name from a file cannot become markup."""

    def __init__(self, columns: Sequence[str], rows: Sequence[Sequence[object]], empty: str = "nothing to show"):
        self.columns = tuple(columns)
        self.rows = [tuple(str(cell) for cell in row) for row in rows]
        self._empty = empty

    def __repr__(self) -> str:
        if not self.rows:
            return self._empty
        widths = [max(map(len, column)) for column in zip(self.columns, *self.rows, strict=True)]
        lines = [self.columns, tuple("-" * width for width in widths), *self.rows]
        return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)

    def _repr_html_(self) -> str:
        if not self.rows:
            return f"<p>{html.escape(self._empty)}</p>"
        head = "".join(f"<th>{html.escape(column)}</th>" for column in self.columns)
        body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in self.rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
