"""Words of a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlip_nb.errors import InputError
from mlip_nb.notebook._tokens import evaluated, partial, shell_tokens, tokenize


def words(line):
    return [token.text for token in tokenize(line)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("md si --steps 10", ["md", "si", "--steps", "10"]),
        ("load 'my file.cif'", ["load", "my file.cif"]),
        ('load "it\'s here.cif"', ["load", "it's here.cif"]),
        ("--save='a b' x", ["--save", "a b", "x"]),
        ("don't", ["don't"]),
        ("$HOME a:b C:\\data", ["$HOME", "a:b", "C:\\data"]),
        ("''", [""]),
    ],
)
def test_words_are_what_they_look_like(line, expected):
    assert words(line) == expected


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("{1 + 1}", 2),
        ("{ {'a': {'b': 3}}['a']['b'] }", 3),
        ("{'}'}", "}"),
        ("{'{'}", "{"),
        ("{f'{1}-{2}'}", "1-2"),
        ("{[x for x in range(3)]}", [0, 1, 2]),
        ("{(lambda x: {x})(4)}", {4}),
        ("{ {1} | {2} }", {1, 2}),
    ],
)
def test_an_expression_may_hold_blanks_braces_and_quotes(source, value):
    (before, token, after) = evaluated(tokenize(f"--x {source} y"), lambda text: eval(text, {}))
    assert token.value == value
    assert (before.text, after.text) == ("--x", "y")


def test_an_expression_inside_a_word_becomes_text():
    (token,) = evaluated(tokenize("run_{T}_{ 1+1 }.zarr"), lambda text: eval(text, {"T": 300}))
    assert token.text == "run_300_2.zarr"


def test_nothing_is_substituted_in_quotes():
    assert tokenize("'{x}'")[0].expression is None
    assert tokenize("'{x}'")[0].text == "{x}"


def test_every_expression_is_evaluated_once_and_in_order():
    seen = []
    evaluated(tokenize("{a} x{b} --c {c}"), lambda text: seen.append(text))
    assert seen == ["a", "b", "c"]


@pytest.mark.parametrize("line", ["'open", '--save "open', "{open", "{1 +}", "{}", "{a b}", "{x:.2f}"])
def test_what_is_not_closed_or_no_expression_is_refused_in_one_line(line):
    with pytest.raises(InputError) as caught:
        tokenize(line)
    assert "\n" not in str(caught.value)


def test_only_flags_are_flags():
    flags = {token.text for token in tokenize("--a -o -5 -.5 - x-y '--b' -1e3") if token.is_flag}
    assert flags == {"--a", "-o"}


@given(st.lists(st.text(alphabet=st.characters(blacklist_characters="'", blacklist_categories=["Cs"]))))
def test_quoting_keeps_any_text(texts):
    assert words(" ".join(f"'{text}'" for text in texts)) == texts


@given(st.text() | st.text(alphabet="'\"{}=- \r\nab"))
def test_completion_reads_any_line(line):
    try:
        _, fragment = partial(line)
    except InputError:
        pytest.fail("partial must not refuse")
    assert line.endswith((fragment, f"{fragment}'", f'{fragment}"'))


def test_a_shell_has_no_expressions():
    with pytest.raises(InputError, match="in a shell write the value itself"):
        shell_tokens(["md", "Si", "--steps", "{n}"])
    assert [token.text for token in shell_tokens(["--save=a b", "c d"])] == ["--save", "a b", "c d"]
