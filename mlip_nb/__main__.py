"""`python -m mlip_nb VERB ...`: the verbs and flags of `%mlip`, in a shell."""

import sys

from ._table import Table
from .errors import MlipError
from .notebook.session import Session


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments say.

    **Returns:** 0, or 1 when a run failed (its data are kept), or 2 when nothing could be done.
    """
    from .notebook._line import execute_tokens
    from .notebook._tokens import shell_tokens

    try:
        value = execute_tokens(shell_tokens(sys.argv[1:] if arguments is None else arguments), Session())
    except MlipError as error:
        print(f"mlip_nb: {error}", file=sys.stderr)
        return 2
    if isinstance(value, Table):
        print(value)
    return int(getattr(value, "attrs", {}).get("status") == "failed")


if __name__ == "__main__":
    sys.exit(main())
