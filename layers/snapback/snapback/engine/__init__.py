"""What every remediation stands on, whatever its service. Start reading at `algorithm`.

`remediation` is what a handler declares; `definition` its fields; `algorithm` the steps, `case` one resource on its way through them; `commands` what operators
may ask for; `journal` what is written down, `alerts` and `storms` what is told.
"""
