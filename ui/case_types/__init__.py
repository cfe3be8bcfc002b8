"""The page on which the administrator says what types of cases there are."""
