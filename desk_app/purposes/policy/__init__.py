"""The versions of the policy: entered by the officer, approved by a second person, kept."""
