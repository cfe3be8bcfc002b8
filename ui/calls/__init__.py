"""The intake: taking a call, writing it down, saving it."""
