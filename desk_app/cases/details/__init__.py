"""What the type of a case asks: its fields, and the stage that the case has come to."""
