"""The policy's versions on the oversight page: read, entered, approved; whom a change concerns."""
