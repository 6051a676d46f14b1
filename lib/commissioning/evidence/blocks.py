"""A large CSV in blocks: those proved plain are split by Arrow, the rest go line by line through `csv`.

A block is plain where it holds no quote, NUL or Ctrl-Z, every line ends alike, and every line has the
header's number of cells: then splitting at the delimiter is all that the csv module would do.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from commissioning.evidence.batch import Batch
from commissioning.evidence.text import Encoding
from commissioning.evidence.text import lines as text_lines

BLOCK = 16 * 1024**2


class Lines(Sequence[str]):
    """Physical line numbers `first`, `first` + 1, … as text, made when asked for."""

    def __init__(self, first: int, count: int) -> None:
        self.first, self.n = first, count

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, i):  # type: ignore[no-untyped-def]
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(self.n))]
        if i >= self.n:
            raise IndexError(i)
        return str(self.first + i)

    def as_arrow(self) -> pa.Array:
        """The n numbers as an Arrow text array."""
        return pa.array(np.arange(self.first, self.first + self.n)).cast(pa.large_string())


class Blocks:
    """The bytes of a file, given out as plain batches or as lines, in order and without a gap."""

    def __init__(self, path: Path, encoding: Encoding, block: int = BLOCK) -> None:
        self._file = path.open("rb")
        self._file.seek(encoding.skip)
        self._path, self._encoding = path, encoding
        self._codec = encoding.codec
        self._block = block
        self._buffer = b""
        self._at = 0
        self._tail = b""
        self._pieces: deque[str] = deque()
        self.line = 0  # physical lines given out so far
        self.filled = 0  # blocks read so far
        self.bytes = encoding.skip  # bytes given out so far
        self._end = False

    def close(self) -> None:
        self._file.close()

    def _fill(self) -> bool:
        """The next block, cut after its last line feed; False at the end."""
        if self._end:
            return False
        parts = [self._tail]
        while True:
            more = self._file.read(self._block)
            if not more:
                self._end, cut = True, b""
                break
            head, newline, cut = more.rpartition(b"\n")
            parts.append(head + newline)
            if newline or len(self._tail) + sum(map(len, parts)) > 8 * self._block:
                break
            parts[-1] = more
            cut = b""
        self._buffer, self._at, self._tail = b"".join(parts), 0, cut
        self.filled += 1
        return bool(self._buffer) or not self._end

    @property
    def at_boundary(self) -> bool:
        """True where no half-given line stands between here and the next block."""
        return not self._pieces

    def lines(self) -> Iterator[str]:
        """The remaining physical lines, one at a time, from wherever the blocks stand."""
        if self._codec.startswith("utf-16"):  # a line feed is two bytes there: the text layer finds it
            for line in text_lines(self._path, self._encoding):
                self.line += 1
                yield line
            return
        while True:
            if self._pieces:
                self.line += 1
                yield self._pieces.popleft()
                continue
            if self._at >= len(self._buffer) and not self._fill():
                return
            stop = self._buffer.find(b"\n", self._at) + 1 or len(self._buffer)
            raw = self._buffer[self._at : stop]
            self._at = stop
            self.bytes += len(raw)
            self._pieces.extend(io.StringIO(raw.decode(self._codec), newline=""))

    def plain(self, width: int, delimiter: str) -> tuple[Batch, str] | None:
        """The rest of the present block (or the next) as columns of text and its line end, if it is plain."""
        if self._pieces or self._codec != "utf-8":
            return None
        if self._at >= len(self._buffer) and not self._fill():
            return None
        body = self._buffer[self._at :] if self._at else self._buffer
        if not body.endswith(b"\n") or b'"' in body or b"\x00" in body or b"\x1a" in body:
            return None
        feeds, returns = body.count(b"\n"), body.count(b"\r")
        if returns and (returns != feeds or body.count(b"\r\n") != feeds):
            return None
        if body.count(delimiter.encode()) != feeds * (width - 1):
            return None
        names = [str(i) for i in range(width)]
        try:
            table = arrow_csv.read_csv(
                pa.py_buffer(body),
                read_options=arrow_csv.ReadOptions(column_names=names, use_threads=True, block_size=len(body) + 1),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=delimiter, quote_char=False, escape_char=False, ignore_empty_lines=False
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types={n: pa.string() for n in names}, strings_can_be_null=False, check_utf8=False
                ),
            )
        except pa.ArrowInvalid:  # a line of another width: the csv module will name it
            return None
        if table.num_rows != feeds:  # pragma: no cover - no text is known for which Arrow counts lines otherwise
            return None
        first = self.line + 1
        self.line += feeds
        self._at = len(self._buffer)
        self.bytes += len(body)
        texts = [c.combine_chunks() if isinstance(c, pa.ChunkedArray) else c for c in table.columns]
        texts = [t.chunk(0) if isinstance(t, pa.ChunkedArray) else t for t in texts]
        return Batch(where=Lines(first, feeds), texts=texts, raw=None, faults={}), "\r\n" if returns else "\n"
