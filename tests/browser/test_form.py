"""A form in JupyterLab: its boxes have labels, it fits into a narrow window, and its lines reach the clipboard."""

import pytest

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def narrow(laboratory):
    """The form of `md` in a window whose notebook is 600 pixels wide."""
    laboratory.page.set_viewport_size({"width": 680, "height": 900})
    laboratory.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    laboratory.open(["%load_ext mlip_nb\n%mlip md --form"], "form")
    laboratory.page.keyboard.press("Control+b")
    laboratory.run_cell(0)
    laboratory.wait_for_cell(0)
    return laboratory.page


def test_a_form_is_labelled_fits_and_is_copied(narrow):
    narrow.get_by_label("timestep (fs)", exact=True).fill("0.5")
    structure = narrow.get_by_label("structure", exact=True)
    structure.fill("my crystal.cif")
    structure.press("Tab")
    narrow.get_by_role("button", name="copy as magic").click()
    shown = narrow.get_by_label("copied", exact=True)
    line = "%mlip md 'my crystal.cif' --timestep 0.5"
    narrow.wait_for_function("([box, line]) => box.value === line", arg=[shown.element_handle(), line])
    narrow.wait_for_function("async line => await navigator.clipboard.readText() === line", arg=line)
    output = narrow.locator(".jp-OutputArea-output").last
    assert output.bounding_box()["width"] <= 600
    assert output.evaluate("element => element.scrollWidth <= element.clientWidth")
