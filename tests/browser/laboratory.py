"""What a person does in JupyterLab: open a notebook, run cells, look at the panel, use its buttons."""

import re
import time
from pathlib import Path

import nbformat

LIMIT = 60_000
"""Milliseconds before something is given up."""


class Laboratory:
    """A JupyterLab in one page of a browser."""

    def __init__(self, page, address: str, token: str, folder: Path):
        self.page, self.address, self.token, self.folder = page, address, token, folder
        page.set_default_timeout(LIMIT)

    def open(self, cells: list[str], name: str, *, classic: bool = False) -> None:
        """Open a new notebook with these cells of code, and wait for its kernel; `classic` in Notebook 7."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.folder / f"{name}.ipynb")
        (self.visit_classic if classic else self.visit)(name)

    def visit(self, name: str) -> None:
        """Open a notebook of the folder in a workspace of its own."""
        self.page.goto(f"{self.address}/workspaces/{name}/tree/{name}.ipynb?token={self.token}&reset")
        self.page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        self.page.locator("#jp-main-statusbar", has_text="| Idle").wait_for()

    def visit_classic(self, name: str) -> None:
        """Open a notebook of the folder in Notebook 7."""
        root = self.address.removesuffix("/lab")
        self.page.goto(f"{root}/notebooks/{name}.ipynb?token={self.token}")
        self.page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()

        def listens() -> bool:
            # The page itself says that the kernel is idle before it has heard of it.
            kernels = self.page.request.get(f"{root}/api/kernels?token={self.token}").json()
            return any(kernel["connections"] and kernel["execution_state"] == "idle" for kernel in kernels)

        self._until(listens, "there is no kernel")
        self.page.wait_for_timeout(500)

    def reload(self) -> None:
        """As a person does who is worried: the kernel goes on."""
        self.page.reload()
        self.page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()

    def restart_kernel(self) -> None:
        """Whatever it does."""
        for words in ("Kernel", "Restart Kernel…"):
            self.page.locator(".lm-Menu-itemLabel, .lm-MenuBar-itemLabel").get_by_text(words, exact=True).click()
        self.page.locator(".jp-Dialog-button.jp-mod-warn").click()
        self.page.locator("#jp-main-statusbar", has_text="| Idle").wait_for()

    def run_cell(self, number: int) -> None:
        """Press Shift-Enter in a cell, and return at once."""
        self.page.locator(".jp-CodeCell").nth(number).locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")

    def wait_for_cell(self, number: int) -> None:
        """Until a cell has ended."""
        prompt = self.page.locator(".jp-CodeCell").nth(number).locator(".jp-InputPrompt")
        self._until(lambda: re.fullmatch(r"\[\d+\]:?", prompt.inner_text().strip()), f"cell {number} does not end")

    def is_busy(self, number: int) -> bool:
        """True while a cell runs."""
        return "*" in self.page.locator(".jp-CodeCell").nth(number).locator(".jp-InputPrompt").inner_text()

    def text(self, number: int) -> str:
        """Output of a cell, as text."""
        return "\n".join(
            self.page.locator(".jp-CodeCell").nth(number).locator(".jp-OutputArea-output").all_inner_texts()
        )

    def save(self) -> None:
        """Save the notebook, and wait until it is saved."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Control+s")
        self.page.locator(".jp-DirListing-item", has_text=".ipynb").first.wait_for()
        self.page.locator("#jp-main-dock-panel .lm-TabBar-tab.jp-mod-current:not(.jp-mod-dirty)").first.wait_for()

    def use_theme(self, name: str) -> None:
        """Switch to a theme of JupyterLab."""
        for words in ("Settings", "Theme", name):
            self.page.locator(".lm-Menu-itemLabel, .lm-MenuBar-itemLabel").get_by_text(words, exact=True).click()
        self.page.locator(f'body[data-jp-theme-name="{name}"]').wait_for(state="attached")

    @property
    def panel(self):
        """The panel of a run."""
        return self.page.locator(".panel").last

    @property
    def status(self) -> str:
        """What the panel says about the run."""
        return self.panel.locator(".status").inner_text()

    @property
    def frames(self) -> int:
        """Frames that are drawn."""
        return int(self.panel.get_attribute("data-frames") or 0)

    @property
    def drawing(self) -> bytes:
        """A picture of the first diagram."""
        return self.panel.locator(".plot canvas").first.screenshot()

    @property
    def structure(self):
        """The picture of the structure, by our own viewer."""
        return self.page.locator(".jp-OutputArea-output .viewer .stage").last

    @property
    def nglview(self):
        """The canvas on which nglview draws."""
        return self.page.locator(".jp-OutputArea-output .widget-box canvas:not(.panel canvas)").last

    @property
    def structure_size(self) -> tuple[int, int]:
        """Width and height of the structure, pixels."""
        box = self.structure.bounding_box()
        return round(box["width"]), round(box["height"])

    def wait_for_frames(self, number: int) -> None:
        """Until so many frames are drawn."""
        self._until(lambda: self.frames >= number, f"{number} frames are never drawn")

    def wait_for_status(self, status: str) -> float:
        """Seconds until the panel shows a status."""
        began = time.monotonic()
        self._until(lambda: self.status == status, f"the panel never shows {status!r}")
        return time.monotonic() - began

    def _until(self, fulfilled, complaint: str) -> None:
        end = time.monotonic() + LIMIT / 1000
        while not fulfilled():
            assert time.monotonic() < end, complaint
            self.page.wait_for_timeout(10)
