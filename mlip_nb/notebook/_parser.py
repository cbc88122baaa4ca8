"""From the words of a line to a command: every flag comes from the declaration of a parameter."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import InputError, ParameterError, unknown
from ..params import ParamField, Params, Written
from ._defaults import Defaults
from ._flags import Flag, Place, flags_of, in_force, is_choice, known_flags
from ._tokens import Token, evaluated
from .commands import Command, Variable, command_of, verbs
from .commands._base import Recalls, Several
from .session import Session, is_a


@dataclass
class Reading:
    """A line taken apart: which words belong to which flag, and which parts they choose."""

    flags: list[Flag]
    words: dict[Place, list[Token]] = field(default_factory=dict)
    pending: Flag | None = None
    """A flag at the end of the line that still waits for its value."""

    def words_for(self, flag: Flag) -> list[Token]:
        """What the line says of a parameter, else what a default that somebody has set says; else nothing."""
        return self.words.get(flag.place) or ([flag.preset.word] if flag.preset else [])


def find_verb(word: str, session: Session) -> type[Command]:
    """The command of a verb or of its unambiguous beginning."""
    known = verbs(in_notebook=session.in_notebook)
    close = [word] if word in known else [verb for verb in known if verb.startswith(word)]
    _refuse_ambiguous(word, close)
    if close:
        return command_of(close[0])
    if word in verbs(in_notebook=False):
        raise InputError(f"{word} is for a terminal: python -m mlip_nb {word}")
    raise unknown("verb", word, known)


def parse(command: type[Command], tokens: list[Token], session: Session) -> Command:
    """The command of a line.

    **Raises:** `InputError` in one or two lines: the flag, what was given, the nearest known name.
    """
    reading = read(command, evaluated(tokens, session.evaluate), session, session.defaults(command), strict=True)
    # What the line says is not the fault of a file.
    flags = (replace(flag, preset=None) if flag.place in reading.words else flag for flag in reading.flags)
    by_place = {flag.place: flag for flag in flags}
    said = {flag.place: words for flag in reading.flags if (words := reading.words_for(flag))}
    values = _written(reading, session) | {place: _value(by_place[place], said[place], session) for place in said}
    try:
        return _build(command, (), values, by_place)
    except InputError as error:
        raise InputError(f"{error}{_about_variables(reading, by_place, session)}") from None


def _written(reading: Reading, session: Session) -> dict[Place, Any]:
    """Functions that the body of the cell defines for parameters."""
    takers = [flag for flag in reading.flags if flag.marker(Written)]
    found = {flag.place: session.written(flag.field.name) for flag in takers}
    return {place: function for place, function in found.items() if function is not None}


def read(
    command: type[Command],
    tokens: list[Token],
    session: Session,
    defaults: Defaults | None = None,
    *,
    strict: bool = False,
) -> Reading:
    """Words and flags brought together; without `strict`, what is not understood is passed over (for completion)."""
    chosen: dict[Place, type[Params] | None] = {}
    # A chosen part brings flags, one of which may choose again; each round knows one level more.
    for _ in range(4):
        reading = _assign(flags_of(command, chosen, defaults), tokens, strict=False)
        found = dict(_chosen_parts(reading, session))
        if found == chosen:
            break
        chosen = found
    return _assign(flags_of(command, chosen, defaults), tokens, strict=True) if strict else reading


def _chosen_parts(reading: Reading, session: Session) -> Iterator[tuple[Place, type[Params] | None]]:
    for flag in reading.flags:
        words = reading.words_for(flag)
        if flag.chooses and words:
            yield flag.place, _part_of(flag, words[0], session)


def _part_of(flag: Flag, word: Token, session: Session) -> type[Params] | None:
    if word.bare in flag.field.part.registry:
        return flag.field.part.registry[word.bare]
    try:
        value = _object(flag, word, session)
    except InputError:
        return None
    return type(value) if isinstance(value, Params) else None


def _assign(flags: list[Flag], tokens: list[Token], *, strict: bool) -> Reading:
    reading = Reading(flags)
    free = [flag for flag in flags if flag.positional]
    words = deque(tokens)
    while words:
        token = words.popleft()
        if token.is_flag:
            _assign_flag(reading, token, words, strict=strict)
        elif free:
            reading.words.setdefault(free[0].place, []).append(token)
            if not free[0].field.is_sequence:
                free.pop(0)
        elif strict:
            raise _unexpected(token, reading)
    reading.flags = in_force(flags, reading.words, set(_settled(reading)))
    return reading


def _settled(reading: Reading) -> Iterator[Place]:
    """Where something is given whole: an object of the notebook, or what a store recalls."""
    for flag in reading.flags:
        words = reading.words.get(flag.place)
        if words and flag.chooses and words[0].bare not in flag.field.part.registry:
            yield flag.place
        if (mark := flag.marker(Recalls)) and reading.words_for(flag) and reading.words_for(flag)[0].text != "false":
            yield from ((name,) for name in mark.fields)


def _assign_flag(reading: Reading, token: Token, rest: deque[Token], *, strict: bool) -> None:
    flag, negated = _match(token.text, reading, strict=strict)
    takes_value = token.joined or flag is None or not flag.field.is_switch
    value = rest.popleft() if takes_value and rest and (token.joined or not rest[0].is_flag) else None
    if flag is None:
        return
    if takes_value and value is None:
        _refuse_if(strict, f"{flag.name} needs a value{_example(flag)}")
        reading.pending = flag if not rest else None
        return
    _refuse_if(strict and flag.place in reading.words, f"{flag.name} is given twice; give it once")
    reading.words[flag.place] = [value or Token(("false" if negated else "true",))]


def _refuse_if(wrong: bool, message: str) -> None:
    """**Raises:** `InputError` with the message, if something is wrong."""
    if wrong:
        raise InputError(message)


def _match(name: str, reading: Reading, *, strict: bool) -> tuple[Flag | None, bool]:
    """The flag of a name or of its unambiguous beginning; and True for the `--no-` form of a switch."""
    known = known_flags(reading.flags)
    close = [name] if name in known else [other for other in known if other.startswith(name) and len(name) > 2]
    if len(close) == 1 or len({known[candidate][0].place for candidate in close}) == 1:
        return known[close[0]]
    if strict:
        _refuse_ambiguous(name, close)
        raise _unknown_flag(name, reading)
    return None, False


def _refuse_ambiguous(name: str, close: list[str]) -> None:
    _refuse_if(len(close) > 1, f"{name} may mean {' or '.join(sorted(close))}; write more of it")


def _unknown_flag(name: str, reading: Reading) -> InputError:
    _refuse_ambiguous(name, [flag.name for flag in reading.flags if flag.field.flag == name and not flag.positional])
    owners = [f"{flag.name} {choice}" for flag in reading.flags if flag.chooses for choice in _choices_with(flag, name)]
    if owners:
        return InputError(f"{name} belongs to {' or '.join(owners)}; choose that too")
    return unknown("flag", name, known_flags(reading.flags))


def _choices_with(flag: Flag, name: str) -> list[str]:
    registry = flag.field.part.registry
    return [choice for choice in registry if any(declared.flag == name for declared in registry[choice].fields())]


def _unexpected(token: Token, reading: Reading) -> InputError:
    expected = [flag.label for flag in reading.flags if flag.positional]
    wanted = f"only {' '.join(expected)} stands without a flag" if expected else "every value needs its flag"
    return InputError(f"{token.text!r} is one word too many: {wanted}; a value with blanks needs quotes")


def _example(flag: Flag) -> str:
    if flag.chooses:
        return f": one of {', '.join(flag.field.part.registry)}"
    if flag.field.choices and not flag.field.beside_choices:
        return f": one of {', '.join(map(str, flag.field.choices))}"
    return f", for example {flag.name} {flag.field.default}" if flag.field.default is not None else ""


def _value(flag: Flag, words: list[Token], session: Session) -> Any:
    try:
        return _read(flag, words, session)
    except InputError as error:
        raise InputError(f"{flag.preset.label}: {error}" if flag.preset else str(error)) from None


def _read(flag: Flag, words: list[Token], session: Session) -> Any:
    if flag.chooses and words[0].bare in flag.field.part.registry:
        return words[0].bare
    if flag.chooses or flag.marker(Variable):
        return _object(flag, words[0], session)
    values = [_plain(word) for word in words]
    if len(values) > 1:
        return values
    return flag.field.read(values[0]) if isinstance(values[0], str) else values[0]


def _plain(word: Token) -> Any:
    """Text, or the value of an expression with NumPy's own numbers made Python's."""
    if word.expression is None:
        return word.text
    return word.value.tolist() if hasattr(word.value, "tolist") else word.value


def _object(flag: Flag, word: Token, session: Session) -> Any:
    """A notebook variable by its name, the value of an expression, or the text itself where text will do."""
    if word.expression is not None:
        return word.value
    mark = flag.marker(Variable)
    if word.bare and session.has(word.bare):
        value = session.variable(word.bare)
        if _fits(value, flag, mark):
            return value
        if not _is_text_too(flag, word.bare):
            wanted = flag.field.part.__name__ if mark is None else mark.kind
            raise InputError(f"{flag.label}: the variable {word.bare!r} holds {type(value).__name__}, not a {wanted}")
    if not flag.chooses or (flag.marker(Several) and "," in word.text):
        return word.text
    registry = flag.field.part.registry
    if registry.takes_file(word.text):
        return registry.build(word.text)
    raise registry.stranger(word.text)


def _fits(value: Any, flag: Flag, mark: Variable | None) -> bool:
    return is_a(value, mark.kind) if mark else isinstance(value, flag.field.part)


def _is_text_too(flag: Flag, word: str) -> bool:
    """A variable of another kind does not hide a file, or the name of a crystal."""
    return not flag.chooses and (Path(word).exists() or word[:1].isupper())


def _about_variables(reading: Reading, by_place: Mapping[Place, Flag], session: Session) -> str:
    """A hint, when a word that cannot be read where it stands is the name of a variable."""
    words = [word.bare for place, (word, *_) in reading.words.items() if not _takes_objects(by_place[place])]
    named = [word for word in words if word and word.isidentifier() and session.has(word)]
    return f"; a variable needs braces: {{{named[0]}}}" if named else ""


def _takes_objects(flag: Flag) -> bool:
    return flag.chooses or flag.field.is_switch or flag.marker(Variable) is not None


def _build(owner: type[Params], place: Place, values: Mapping[Place, Any], flags: Mapping[Place, Flag]) -> Any:
    return _checked(owner, _fields(owner, place, values, flags), place, flags)


def _fields(owner: type[Params], place: Place, values: Mapping[Place, Any], flags: Mapping[Place, Flag]) -> dict:
    fields = {}
    for declared in owner.fields():
        here = (*place, declared.name)
        if declared.part is not None:
            fields |= _part(declared, here, values, flags)
        elif here in values:
            fields[declared.name] = values[here]
    return fields


def _part(declared: ParamField, here: Place, values: Mapping[Place, Any], flags: Mapping[Place, Flag]) -> dict:
    """The field of a part, as `{name: part}`: from a name, an object, or the default, changed by the line's flags."""
    start = values.get(here, declared.default)
    if isinstance(start, str) and start in declared.part.registry:
        return {declared.name: _build(declared.part.registry[start], here, values, flags)}
    if start is None and not is_choice(declared.part):
        return {declared.name: _build(declared.part, here, values, flags)}
    if not isinstance(start, Params):
        return {declared.name: start} if here in values else {}
    changed = _fields(type(start), here, values, flags)
    if here not in values and not changed:
        return {}
    kept = {name: getattr(start, name) for name in start.model_fields_set}
    return {declared.name: _checked(type(start), kept | changed, here, flags)}


def _checked(owner: type[Params], fields: dict, place: Place, flags: Mapping[Place, Flag]) -> Any:
    """**Raises:** `InputError` that names the flags instead of the fields."""
    try:
        return owner(**fields)
    except ParameterError as error:
        told = "; ".join(_by_flag(flags, place, *mistake) for mistake in error.mistakes)
        raise InputError(f"{told}{_about_defaults(flags, place, error)}") from None


def _about_defaults(flags: Mapping[Place, Flag], place: Place, error: ParameterError) -> str:
    """Where defaults come from that may have to do with a mistake of no parameter in particular."""
    if all(name for name, _ in error.mistakes):
        return ""
    labels = [flag.preset.label for flag in flags.values() if flag.preset and flag.place[:-1] == place]
    return f" (defaults: {', '.join(labels)})" if labels else ""


def _by_flag(flags: Mapping[Place, Flag], place: Place, name: str, message: str) -> str:
    flag = flags.get((*place, name))
    if flag is None:
        return f"{name}: {message}" if name else message
    return f"{flag.preset.label if flag.preset else flag.label}: {message}"
