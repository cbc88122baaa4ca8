"""Numbers with what members of a committee differ by."""


def with_error(data, name: str, digits: int, scale: float = 1.0) -> str:
    """`98.12 ± 0.45`; of a single potential without an error."""
    value = f"{scale * float(data[name]):.{digits}f}"
    error = scale * float(data.get(f"{name}_model_error", float("nan")))
    return value if error != error else f"{value} ± {error:.{digits}f}"
