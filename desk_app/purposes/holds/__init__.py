"""Legal holds: what may not be erased for now, and why.

A hold is placed on a customer, a case, a contact or a recording, and covers everything that
belongs to it. Retention and erasure ask `holds_on` in the transaction in which they remove
something, after `take_turn`: nothing under a hold goes, also where one is placed at that moment.
"""

from desk_app.purposes.holds.held import Hold, Rooted, holds_on, take_turn
from desk_app.purposes.holds.rules import HeldKind, HoldGround

__all__ = ["HeldKind", "Hold", "HoldGround", "Rooted", "holds_on", "take_turn"]
