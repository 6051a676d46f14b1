from commissioning.presentation.exporter import render


def test_a_small_executed_notebook_makes_a_whole_page(demo):
    page = render(demo.notebook(), page=demo.page_info())
    assert page.count("<figure") == 4
