"""What every remediation stands on, whatever its service. Start reading at `algorithm`.

`remediation` is what a handler declares; `definition` its fields; `algorithm` the steps, `case` one resource on its way through them; `commands` what operators
may ask for, `undo` how a fix is taken back, `exemption_ends` what comes after an exemption; `journal` what is written down, `alerts` what is told, `storms`
whether now or in one of `digests`; `clients` how AWS is called, `refusals` what becomes of a call that it refuses.
"""
