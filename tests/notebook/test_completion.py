"""Tab, asked of IPython's completer and of a real kernel."""

import pytest
from IPython.core.completer import provisionalcompleter

from mlip_nb.notebook._complete import complete
from mlip_nb.notebook.magics import line_before
from mlip_nb.notebook.session import Session

CASES = [
    ("%mlip lo", {"load"}, {"md"}),
    ("%mlip ", {"load", "md", "use", "help"}, {"demo", "install"}),
    ("ds = %mlip he", {"help"}, set()),
    ("%%mlip us", {"use"}, set()),
    ("%mlip help lo", {"load"}, {"--help"}),
    ("%mlip use len", {"lennard-jones"}, set()),
    ("%mlip use lennard-jones --e", {"--epsilon"}, {"--sigma"}),
    ("%mlip use lennard-jones --epsilon 0.01 --", {"--sigma", "--quiet", "--help"}, {"--epsilon"}),
    ("x = %mlip use lennard-jones --style ", {"truncated", "shifted", "smooth"}, {"--sigma"}),
    ("%mlip use lennard-jones --style=sh", {"shifted"}, {"truncated"}),
    ("%mlip use \\\n  lennard-jones --sty", {"--style"}, set()),
    ("a = 1\n%mlip use pot", {"potential_of_mine"}, {"number_of_mine"}),
    ("%mlip load sil", {"silicon folder/", "silicon.cif", "silicon_atoms"} - {"silicon folder/"}, {"number_of_mine"}),
    ("%mlip md silicon_atoms --ensemble ", {"nve", "nvt-langevin"}, set()),
    ("ds = %mlip md silicon_atoms --ensemble nvt-langevin --fr", {"--friction"}, set()),
    ("%mlip md silicon_atoms --potential stil", {"stillinger-weber"}, set()),
    ("%mlip md silicon_atoms --ste", {"--steps"}, set()),
    ("%mlip md sili", {"silicon_atoms", "silicon.cif"}, {"number_of_mine"}),
]
NAMES = "from ase.build import bulk; silicon_atoms = bulk('Si'); number_of_mine = 3"
POTENTIAL = "from mlip_nb import potential; potential_of_mine = potential('lennard-jones')"
FILES = "import pathlib; pathlib.Path('silicon.cif').touch(); pathlib.Path('silicon folder').mkdir(exist_ok=True)"


@pytest.fixture
def completions(ipython):
    """Function: text before the cursor -> whole lines it may become."""
    ipython.run(f"{NAMES}\n{POTENTIAL}\n{FILES}")

    def ask(text: str) -> set[str]:
        with provisionalcompleter():
            found = list(ipython.shell.Completer.completions(text, len(text)))
        return {text[: one.start] + one.text for one in found}

    return ask


@pytest.mark.parametrize(("text", "offered", "hidden"), CASES)
def test_ipython_completes(completions, text, offered, hidden):
    head = text[: max(text.rfind(" "), text.rfind("=")) + 1]
    found = {line.removeprefix(head) for line in completions(text)}
    assert offered <= found
    assert not hidden & found


def test_a_kernel_completes(kernel):
    kernel.execute_interactive(f"{NAMES}\n{POTENTIAL}\n{FILES}", timeout=60)
    for text, offered, hidden in CASES:
        reply = kernel.complete(text, len(text), reply=True, timeout=60)["content"]
        head = text[: max(text.rfind(" "), text.rfind("=")) + 1]
        found = {(text[: reply["cursor_start"]] + match).removeprefix(head) for match in reply["matches"]}
        assert offered <= found, text
        assert not hidden & found, text


def test_other_lines_are_left_to_python(completions):
    assert "silicon_atoms" in completions("silicon_at")
    assert line_before("print('%mlip ')", 0, 14) is None
    assert line_before("a = 3 % mlip ", 0, 13) is None


def test_names_with_blanks_come_in_quotes(completions):
    assert "%mlip load 'silicon folder/" in completions("%mlip load ")
    assert "%mlip load 'silicon folder/" in completions("%mlip load 'silicon f")


def test_nothing_is_evaluated_and_nothing_fails():
    session = Session({"calls": []})
    for line in (
        "use {calls.append(1)} --",
        "nonsense x --",
        "use --epsilon",
        "use 'open",
        "use {open",
        "use --=",
        "--",
    ):
        complete(line, session)
    assert session.namespace["calls"] == []
