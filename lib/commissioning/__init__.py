"""Pilot Evaluation Workbench: what good did this service do for people, for the money?

Importing this package costs nothing: rooms are imported by name
(`from commissioning.measures import catalogue`), so that a run in which nothing
changed never loads the statistics libraries.
"""

__version__ = "0.1.0"
