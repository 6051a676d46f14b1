"""The analyst's cookbook is followed in JupyterLab itself: its recipes are cells of one notebook, run with the menu of a real browser."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

import nbformat
import pytest
from documents import DOCS, blocks
from test_commands import BIN, environment, house  # noqa: F401

CHROMIUM = Path("/usr/bin/chromium")
COOKBOOK = DOCS / "how-to" / "work-in-a-notebook.md"
RECIPES = [one for one in blocks(COOKBOOK) if "kernel" in one.words]
TEN_MINUTES = 600  # what a recipe may take a new analyst, machine's part included
NOTEBOOK = "data/results/recipes.ipynb"


SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # every cell stands on the page, in sight or not
    "apputils-extension/themes": {"theme": "JupyterLab Dark"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
CELLS = """all => all.map(one => ({
    prompt: one.querySelector('.jp-InputPrompt').innerText.trim(),
    error: one.querySelector('[data-mime-type="application/vnd.jupyter.error"]')?.innerText ?? '',
    kinds: [...one.querySelectorAll('.jp-OutputArea-output')].map(out => out.dataset.mimeType ?? ''),
    tall: [...one.querySelectorAll('.jp-OutputArea-output')].map(out => out.getBoundingClientRect().height),
}))"""
FAINT = """all => all.filter(one => one.innerText.trim()).map(one => {
    const pen = Object.assign(document.createElement('canvas'), {width: 1, height: 1}).getContext('2d', {willReadFrequently: true});
    const drawn = (...colours) => { for (const each of colours) { pen.fillStyle = each; pen.fillRect(0, 0, 1, 1); }
        return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3); };
    const light = rgb => { const [r, g, b] = rgb.map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
    const papers = [];
    for (let each = one; each; each = each.parentElement) papers.unshift(getComputedStyle(each).backgroundColor);
    const [a, b] = [light(drawn('white', ...papers, getComputedStyle(one).color)), light(drawn('white', ...papers))];
    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), one.innerText];
}).filter(([ratio]) => ratio < 4.5)"""


@pytest.fixture
def lab(house, tmp_path):  # noqa: F811
    """JupyterLab on a clone, with the recipes as the cells of a notebook; its address."""
    cells = [nbformat.v4.new_code_cell(one.text) for one in RECIPES]
    (house / NOTEBOOK).parent.mkdir(parents=True, exist_ok=True)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), house / NOTEBOOK)
    for name, said in SETTINGS.items():
        at = tmp_path / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(json.dumps(said))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {
        f"JUPYTER{one}_DIR": str(tmp_path / one.lower())
        for one in ("_CONFIG", "_DATA", "_RUNTIME", "LAB_SETTINGS", "LAB_WORKSPACES")
    }
    own["JUPYTERLAB_SETTINGS_DIR"] = str(tmp_path / "settings")
    options = ("--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=", f"--notebook-dir={house}")
    server = subprocess.Popen(
        [str(BIN / "jupyter"), "lab", *options],
        cwd=house,
        env=environment(house) | own,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/api/status", timeout=2).close()
                break
            time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed here")
def test_every_recipe_runs_in_jupyterlab_and_shows_something_that_can_be_read(lab):
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 1600})
        page.goto(f"{lab}/lab/tree/{NOTEBOOK}?reset", wait_until="domcontentloaded")
        page.locator(".jp-Notebook .jp-Cell").nth(len(RECIPES) - 1).wait_for(timeout=60_000)
        page.get_by_text(re.compile(r"Python 3.*\| Idle")).wait_for(timeout=60_000)  # what is run earlier is lost
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        begun = time.monotonic()
        cells = _cells(page)
        while any(not re.fullmatch(r"\[\d+\]:", one["prompt"]) for one in cells):
            first = next(n for n, one in enumerate(cells) if not re.fullmatch(r"\[\d+\]:", one["prompt"]))
            assert time.monotonic() - begun < TEN_MINUTES, f"{RECIPES[first].where} has not ended"
            assert not any(one["error"] for one in cells), [one["error"][-800:] for one in cells]
            page.wait_for_timeout(300)
            cells = _cells(page)
        for recipe, cell in zip(RECIPES, cells, strict=True):
            assert not cell["error"], f"{recipe.where} ends in an error: {cell['error'][-800:]}"
            assert cell["kinds"] and all(tall > 10 for tall in cell["tall"]), f"{recipe.where} shows nothing: {cell}"
        # JupyterLab is dark here: what a recipe shows is not dark on dark, nor light on light.
        shown = page.locator(".jp-OutputArea-output :is(td, th, p, figcaption, caption, pre)")
        assert shown.count() > 100
        assert shown.evaluate_all(FAINT) == []
        browser.close()


def _cells(page: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.locator(".jp-Notebook .jp-CodeCell").evaluate_all(CELLS)
    return found
