"""Procedures of the official lists and of the national portal's records: reading, finding, showing. Pure.

index = portal.packaged_index()
index.by_code("1.001193"); index.by_name("Đăng ký giám sát việc giám hộ"); index.by_words("rút yêu cầu trợ giúp")
"""

from knowledge.portal.index import Found, Hit, ProcedureIndex
from knowledge.portal.packaged import packaged_index, packaged_listings, sayings
from knowledge.portal.procedure import TOPIC_PREFIX, ApprovedFacet, Listing, Procedure, Record, joined

__all__ = [
    "TOPIC_PREFIX",
    "ApprovedFacet",
    "Found",
    "Hit",
    "Listing",
    "Procedure",
    "ProcedureIndex",
    "Record",
    "joined",
    "packaged_index",
    "packaged_listings",
    "sayings",
]
