"""What is wrong in an account now, with nothing deployed: every remediation's own look at everything of its type, read-only (docs/survey.md).

    make survey [ARGS="--regions eu-central-1 --fail-on high"]

`subjects` says what is looked at and what is not, `reading` holds back every write, `looking` is the look itself, `running` spreads it over regions and
processes and takes up what was begun, `pages` writes it down for people and programs.
"""
