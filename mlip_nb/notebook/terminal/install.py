"""`python -m mlip_nb install`: the kernel, for a Jupyter that lives in another environment."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ..commands._base import Command, terminal_commands


@terminal_commands.register("install")
class Install(Command):
    """Install the kernel "MLIP (Python 3)" of this environment where another Jupyter finds it."""

    user: bool = False
    """For this user, instead of for everybody on this machine."""
    prefix: Path | None = None
    """For the environment in this folder."""

    def execute(self, session) -> None:
        """Write the kernelspec, with the absolute path of this interpreter."""
        from jupyter_client.kernelspec import KernelSpecManager

        with TemporaryDirectory() as folder:
            Path(folder, "kernel.json").write_text(json.dumps(kernelspec(), indent=1))
            prefix = None if self.prefix is None else str(self.prefix)
            place = KernelSpecManager().install_kernel_spec(folder, "mlip", user=self.user, prefix=prefix)
        self.say(f"kernel 'MLIP (Python 3)' written to {place}; Jupyter offers it from now on")


def kernelspec() -> dict:
    """The kernel of this interpreter, with the extension loaded."""
    return {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--ext", "mlip_nb"],
        "display_name": "MLIP (Python 3)",
        "language": "python",
        "metadata": {"debugger": True, "supported_encryption": "curve"},
    }
