"""The answer to a request for disclosure: looked through, handed out, delivered.

`conductor.DisclosureConductor` opens it for a request: ``conductor.open(request_id)``.
"""
