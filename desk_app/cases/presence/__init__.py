"""Who has a case open at this moment. Known for a minute and kept nowhere: no audit, no history."""
