"""Which council is which: the social-services (CASSR) code of 2014-15 and its ONS code.

Source: NHS Digital, *Measures from the Adult Social Care Outcomes Framework, England,
2014-15*, columns Geographical.Code, Geographical.Description and ONS.Area.Code (Open
Government Licence v3). PSS EX1 names councils by the first alone ("319 - Wirral"). The 152
councils are those of 2014-15: later mergers have other codes.
"""

from __future__ import annotations

import re

_LINES = """\
102 E10000006 Cumbria
104 E06000057 Northumberland
106 E08000037 Gateshead
107 E08000021 Newcastle upon Tyne
108 E08000022 North Tyneside
109 E08000023 South Tyneside
110 E08000024 Sunderland
111 E06000001 Hartlepool
112 E06000002 Middlesbrough
113 E06000003 Redcar and Cleveland
114 E06000004 Stockton-on-Tees
116 E06000047 Durham
117 E06000005 Darlington
204 E08000016 Barnsley
205 E08000017 Doncaster
206 E08000018 Rotherham
207 E08000019 Sheffield
209 E08000032 Bradford
210 E08000033 Calderdale
211 E08000034 Kirklees
212 E08000035 Leeds
213 E08000036 Wakefield
214 E06000011 East Riding of Yorkshire
215 E06000010 Kingston upon Hull
216 E06000012 North East Lincolnshire
217 E06000013 North Lincolnshire
218 E10000023 North Yorkshire
219 E06000014 York
304 E08000001 Bolton
305 E08000002 Bury
306 E08000003 Manchester
307 E08000004 Oldham
308 E08000005 Rochdale
309 E08000006 Salford
310 E08000007 Stockport
311 E08000008 Tameside
312 E08000009 Trafford
313 E08000010 Wigan
315 E08000011 Knowsley
316 E08000012 Liverpool
317 E08000014 Sefton
318 E08000013 St. Helens
319 E08000015 Wirral
321 E06000006 Halton
322 E06000007 Warrington
323 E10000017 Lancashire
324 E06000008 Blackburn with Darwen
325 E06000009 Blackpool
326 E06000049 Cheshire East
327 E06000050 Cheshire West and Chester
404 E10000031 Warwickshire
406 E08000025 Birmingham
407 E08000026 Coventry
408 E08000027 Dudley
409 E08000028 Sandwell
410 E08000029 Solihull
411 E08000030 Walsall
412 E08000031 Wolverhampton
413 E10000028 Staffordshire
414 E06000021 Stoke-on-Trent
415 E06000019 Herefordshire
416 E10000034 Worcestershire
417 E06000051 Shropshire
418 E06000020 Telford and the Wrekin
503 E10000019 Lincolnshire
504 E10000021 Northamptonshire
506 E10000007 Derbyshire
507 E06000015 Derby
508 E10000018 Leicestershire
509 E06000016 Leicester
510 E06000017 Rutland
511 E10000024 Nottinghamshire
512 E06000018 Nottingham
606 E10000015 Hertfordshire
607 E10000020 Norfolk
608 E10000025 Oxfordshire
609 E10000029 Suffolk
611 E06000032 Luton
612 E10000002 Buckinghamshire
613 E06000042 Milton Keynes
614 E06000036 Bracknell Forest
615 E06000037 West Berkshire
616 E06000038 Reading
617 E06000039 Slough
618 E06000040 Windsor and Maidenhead
619 E06000041 Wokingham
620 E10000012 Essex
621 E06000033 Southend-on-Sea
622 E06000034 Thurrock
623 E10000003 Cambridgeshire
624 E06000031 Peterborough
625 E06000055 Bedford
626 E06000056 Central Bedfordshire
702 E09000007 Camden
703 E09000011 Greenwich
704 E09000012 Hackney
705 E09000013 Hammersmith and Fulham
706 E09000019 Islington
707 E09000020 Kensington and Chelsea
708 E09000022 Lambeth
709 E09000023 Lewisham
710 E09000028 Southwark
711 E09000030 Tower Hamlets
712 E09000032 Wandsworth
713 E09000033 Westminster
714 E09000001 City of London
716 E09000002 Barking and Dagenham
717 E09000003 Barnet
718 E09000004 Bexley
719 E09000005 Brent
720 E09000006 Bromley
721 E09000008 Croydon
722 E09000009 Ealing
723 E09000010 Enfield
724 E09000014 Haringey
725 E09000015 Harrow
726 E09000016 Havering
727 E09000017 Hillingdon
728 E09000018 Hounslow
729 E09000021 Kingston upon Thames
730 E09000024 Merton
731 E09000025 Newham
732 E09000026 Redbridge
733 E09000027 Richmond upon Thames
734 E09000029 Sutton
735 E09000031 Waltham Forest
803 E06000046 Isle of Wight
805 E10000030 Surrey
807 E10000032 West Sussex
809 E10000009 Dorset
810 E06000028 Bournemouth
811 E06000029 Poole
812 E10000014 Hampshire
813 E06000044 Portsmouth
814 E06000045 Southampton
815 E10000011 East Sussex
816 E06000043 Brighton and Hove
817 E06000054 Wiltshire
819 E06000030 Swindon
820 E10000016 Kent
821 E06000035 Medway Towns
902 E06000052 Cornwall
904 E10000013 Gloucestershire
905 E10000027 Somerset
906 E06000053 Isles of Scilly
908 E06000022 Bath and North East Somerset
909 E06000023 Bristol
910 E06000024 North Somerset
911 E06000025 South Gloucestershire
912 E10000008 Devon
913 E06000026 Plymouth
914 E06000027 Torbay
"""

COUNCILS: dict[str, tuple[str, str]] = {
    line.split(" ", 2)[0]: (line.split(" ", 2)[1], line.split(" ", 2)[2]) for line in _LINES.splitlines()
}
"""CASSR code → (ONS code, council), 152 councils."""

REGIONS: dict[str, tuple[str, str]] = {
    "north east": ("E12000001", "region"),
    "north west": ("E12000002", "region"),
    "yorkshire and humber": ("E12000003", "region"),
    "yorkshire and the humber": ("E12000003", "region"),
    "east midlands": ("E12000004", "region"),
    "west midlands": ("E12000005", "region"),
    "east": ("E12000006", "region"),
    "eastern": ("E12000006", "region"),
    "london": ("E12000007", "region"),
    "south east": ("E12000008", "region"),
    "south west": ("E12000009", "region"),
    "england": ("E92000001", "england"),
}
"""A region's or England's name → (ONS code, kind of area)."""

CODES_WITHOUT_COUNCIL: dict[str, tuple[str, str]] = {
    code: (name.title().replace(" And ", " and ").replace(" The ", " the "), kind)
    for name, (code, kind) in REGIONS.items()
}
"""The ONS code of a region or of England → (name, kind of area)."""


def slug(name: str) -> str:
    """A council's name as third-party sites write it in addresses: "St. Helens" → "st-helens"."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.casefold()).split())


_COUNCIL_WORDS = re.compile(r"\b(?:council|borough|corporation of london|[cmd]?bc|mdc)\b", re.IGNORECASE)

# "Wirral Council for Voluntary Service" is a charity; a parish or town council is not the one that commissions social care.
_NO_COUNCIL = re.compile(r"council\s+(?:for|of|on)\b|voluntary|parish|town\s+council|arts\s+council", re.IGNORECASE)


def is_council(name: str) -> bool:
    """True where an organisation's name is a council's: by its words, or because it is the bare name of one."""
    found = bool(_COUNCIL_WORDS.search(name)) and not _NO_COUNCIL.search(name)
    return found or name.strip().casefold() in _BARE


_BARE = {name.casefold() for _, name in COUNCILS.values()}
