"""Small tables, readable as text and as HTML: what a notebook shows of our objects.

Everything is escaped: a formula, a file name or an attribute cannot become markup. Colours are those of the theme.
"""

import html
from collections.abc import Mapping, Sequence


class Table:
    """Rows of text under headings."""

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


class Facts:
    """What is known of one thing: names and values, those without a value left out."""

    def __init__(self, title: str, facts: Mapping[str, object]):
        self.title = title
        self.facts = {name: text for name, value in facts.items() if (text := "" if value is None else str(value))}

    def __str__(self) -> str:
        width = max(map(len, self.facts), default=0) + 2
        return "\n".join(f"{name + ':':{width}}{text}" for name, text in self.facts.items())

    def _repr_html_(self) -> str:
        # Jupyter aligns the cells of a table to the right, which is for numbers.
        rows = "".join(
            f'<tr><th scope="row" {_LEFT}>{html.escape(name)}</th><td {_LEFT}>{html.escape(text)}</td></tr>'
            for name, text in self.facts.items()
        )
        return f"<table><caption {_LEFT}>{html.escape(self.title)}</caption><tbody>{rows}</tbody></table>"


_LEFT = 'style="text-align: left"'
