"""The side of a case that shows what its customer agreed to, opted out of and had stopped."""
