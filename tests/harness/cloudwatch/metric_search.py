"""How CloudWatch finds metrics by a term of a search expression; neither emulator searches.

A term in quotes finds the name that is just that. Any other one is cut into words, as the names are, and finds the names in which these words follow each
other. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
"""

import re


def finds(term: str, name: str) -> bool:
    """Tell whether the term finds the metric with a name or dimension of that name."""
    if term.startswith('"'):
        return term.strip('"') == name
    wanted, words = _words(term), _words(name)
    return any(words[at : at + len(wanted)] == wanted for at in range(len(words)))


def _words(text: str) -> list[str]:
    """Cut at capitals, before numbers and at what is neither."""
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", text)
