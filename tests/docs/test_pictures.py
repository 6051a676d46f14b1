"""Pictures for the documentation are taken of illustrative pages only, and refused in words."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest
from documents import DOCS

from commissioning.errors import UsageError


@pytest.fixture(scope="module")
def renew():
    spec = importlib.util.spec_from_file_location("docs_renew", DOCS / "pictures" / "renew.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    pytest.importorskip("playwright.sync_api")
    if module.browser() is None:
        pytest.skip("Chromium is not installed here")
    return module


@pytest.fixture
def copied(renew, site, tmp_path):
    """The sample's site, to be spoiled: what the pictures show, and no more."""
    version = tmp_path / "site" / "versions" / site.version.name
    version.mkdir(parents=True)
    for one in ("index.html", "record.json"):
        (tmp_path / "site" / one).write_bytes((site.out / one).read_bytes())
    for one in filter(Path.is_file, site.version.iterdir()):
        (version / one.name).write_bytes(one.read_bytes())
    return tmp_path / "site"


def test_every_picture_of_the_documentation_can_be_taken_again(renew, copied, tmp_path):
    made = renew.renew(copied, tmp_path)
    assert {one.name for one in made} == {one.name for one in (DOCS / "pictures").glob("*.png")}
    assert all(one.read_bytes().startswith(b"\x89PNG") and one.stat().st_size < renew.LIMIT for one in made)


def test_a_page_that_is_not_illustrative_is_not_pictured(renew, copied, tmp_path):
    (page,) = (copied / "versions").glob("*/learning_disability-review.html")
    page.write_text(page.read_text(encoding="utf-8").replace('<p class="illustrative">', "<p>"), encoding="utf-8")
    with pytest.raises(UsageError, match="learning_disability-review is not made from illustrative data"):
        renew.renew(copied, tmp_path)


def test_a_site_without_reports_is_refused_in_words(renew, tmp_path):
    (tmp_path / "record.json").write_text(json.dumps({}), encoding="utf-8")
    with pytest.raises(UsageError, match="run `make report` first"):
        renew.renew(tmp_path, tmp_path)
