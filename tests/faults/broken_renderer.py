"""A renderer that breaks on a name. In a module of its own: pytest rewrites a test's module when it is imported again, and Python 3.11
may lose count of its depth in that (github.com/python/cpython/issues/106905)."""


def broken_renderer(nb, facts):
    raise KeyError("Aaliyah Person 4711")
