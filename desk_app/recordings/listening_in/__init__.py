"""Live sound of a running call for one listener, while the operator has called for help.

`certificates` makes what each end proves itself with; `line` is the operator's end, in the
recorder's process; `ear` is the listener's. Between them goes TLS 1.3 and nothing else; nothing of
the sound is kept or written anywhere.
"""
