"""How large any part of an extract may be. Each limit is far above what a table of rows needs; past it a file is refused, or a cell set
aside, in a line that says the limit: nothing that somebody brings may take a machine's memory or its day.

The size of a whole file has its limits in `extract`; that of TOML files in `commissioning.toml`.
"""

from __future__ import annotations

LINE = 4 * 1024**2  # characters in a physical line
COLUMNS = 2_000  # of a sheet, a CSV or the keys of JSON records; the widest table known here has 600
CELL = 131_072  # characters in a cell: four times what a spreadsheet holds
VALUE = 300  # characters of a date, an amount, an id or one of a few words
HEADING = 300  # characters of a header that are looked at
DIGITS = 400  # of a number in JSON, and of its exponent
SHEETS = 200  # of a workbook
PARTS = 5_000  # files in the zip that a workbook is
ROWS = 1_048_576  # of a sheet, and of all sheets of a workbook together twice as many
GAP = 100_000  # empty rows between two that hold something
MERGED = 10_000  # merged cells of a sheet
NESTING = 60  # objects and lists within each other, of JSON
ROWS_SEEN = 80  # rows by which a file is recognised: 60 in which a header is looked for, and what stands under it
SEEN = 500  # characters of each of their cells
HEADINGS_COMPARED = 200  # headings that are looked through for the one most like a missing column
