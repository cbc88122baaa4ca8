"""What is wrong with values, told as people say it."""

from typing import TYPE_CHECKING, Any

from ..errors import unknown

if TYPE_CHECKING:
    from ._params import Params

_LONGEST = 200
"""Characters of a value that a message repeats."""
_EXPECTED = "Input should be "
"""How pydantic begins to say what it takes."""


def explain(mistake: dict, cls: "type[Params]") -> tuple[str, str]:
    """The parameter (empty when it is a matter of several), and what is wrong with it."""
    name, *inner = [str(part) for part in mistake["loc"]] or [""]
    message = mistake["msg"].removeprefix("Value error, ")
    if mistake["type"] == "extra_forbidden":
        return "", str(unknown(f"parameter of {cls.registered_name or cls.__name__}", name, cls.model_fields))
    if mistake["type"] == "missing":
        return name, f"value {int(inner[-1]) + 1} is missing" if inner and inner[-1].isdigit() else "a value is needed"
    # Our own messages (value_error) name the value already.
    told = not name or mistake["type"] == "value_error"
    return name, message if told else f"{message} (got {_shown(mistake['input'])})"


def one_a_value(mistakes: list[dict]) -> list[dict]:
    """A value that is none of several kinds, such as a number or `auto`, is one mistake and not one for each kind."""
    found: dict[tuple, dict] = {}
    for mistake in mistakes:
        place = tuple(part for part in mistake["loc"] if part == mistake["loc"][0] or isinstance(part, int))
        whose = place if mistake["msg"].startswith(_EXPECTED) else (id(mistake),)
        before = found.get(whose)
        also = before and f"{before['msg']}, or {mistake['msg'].removeprefix(_EXPECTED)}"
        found[whose] = {**before, "msg": also} if before else mistake
    return list(found.values())


def cause(mistakes: list[dict]) -> BaseException | None:
    """What lies behind a mistake: the error of a user's function of time."""
    errors = [mistake.get("ctx", {}).get("error") for mistake in mistakes]
    return next((error.__cause__ for error in errors if isinstance(error, Exception) and error.__cause__), None)


def _shown(value: Any) -> str:
    """A value on one line that can be read."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # Python writes no integer of more than 4300 digits.
        return "a number of thousands of digits"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
