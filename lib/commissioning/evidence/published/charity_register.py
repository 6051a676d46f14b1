"""The Charity Commission's register, as its daily public extract holds it (`publicextract.charity`, JSON or tab-separated).

Source of the layout: Charity Commission for England and Wales, *Register of charities: data download*, field definitions (Open
Government Licence v3). One row an organisation; funds linked to a charity stand in rows of their own under the same number and
`linked_charity_number` 1, 2, …. Only the charities that the council's agreements or payments name are kept: see `evidence.register`.
"""

from __future__ import annotations

from commissioning.evidence.contract_reader import ContractReader
from commissioning.evidence.published import _tables

CONTRACT = _tables.contract("charity_register")
READER = ContractReader(contract=CONTRACT)
