"""A run in a few words."""

from typing import Any

from ..params import Params
from ._base import Workflow


def about(workflow: Workflow, potential: str, subject: Any = None) -> str:
    """`md · nvt-langevin · stillinger-weber · Si216`."""
    parts = (getattr(workflow, name) for name in type(workflow).model_fields)
    names = [part.registered_name for part in parts if isinstance(part, Params) and part.registered_name]
    told = [workflow.registered_name, *names, potential, "" if subject is None else workflow.about(subject)]
    return " · ".join(filter(None, told))
