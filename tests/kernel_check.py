"""The kernel "MLIP (Python 3)" of this environment is found, starts, and knows %mlip without %load_ext."""

import sys
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import start_new_kernel


def check() -> str:
    """What a fresh kernel answers to `%mlip help`."""
    spec = KernelSpecManager().get_kernel_spec("mlip")
    assert spec.display_name == "MLIP (Python 3)", spec.display_name
    assert Path(spec.resource_dir).is_relative_to(sys.prefix), f"{spec.resource_dir} is not of this environment"
    manager, client = start_new_kernel(kernel_name="mlip", startup_timeout=120)
    try:
        printed = []
        client.execute_interactive("%mlip help", timeout=120, output_hook=printed.append)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert not [message for message in printed if message["msg_type"] == "error"], printed
    return "".join(_text(message["content"]) for message in printed)


def _text(content: dict) -> str:
    return content.get("text") or content.get("data", {}).get("text/plain", "")


if __name__ == "__main__":
    answer = check()
    assert "md" in answer, answer
    print(f"kernel of {sys.prefix}: %mlip help answers in {len(answer.splitlines())} lines")
