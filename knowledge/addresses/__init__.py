"""Old addresses (ward, district, province before 1/7/2025) → today's unit. Pure; the table is read when first asked.

finding = find_old_address(address_book(), "xa binh lang huyen tu ky")
"""

from knowledge.addresses.book import AddressBook, NewUnit, OldUnit, address_book
from knowledge.addresses.finding import Finding, find_old_address

__all__ = ["AddressBook", "Finding", "NewUnit", "OldUnit", "address_book", "find_old_address"]
