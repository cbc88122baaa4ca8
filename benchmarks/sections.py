"""The command line of a benchmark in sections, each of them a module."""

import argparse
import importlib
from collections.abc import Mapping


def measure(about: str, modules: Mapping[str, str]) -> None:
    """The sections that are asked for, or all of them; `modules` by name of the section."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", choices=[*modules, []], default=[])
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    for section in arguments.sections or modules:
        print(f"\n## {section}\n", flush=True)
        importlib.import_module(modules[section]).main(arguments.repeats)
