"""Patterns as they are written in policies, where `*` stands for any characters and `?` for one: what they match, cover and have in common.

None takes more time than the lengths of the two texts multiplied, however many stars somebody has put in.
"""

_ANY = "\x00"


def matches(pattern: str, text: str, *, stars: str = "*", marks: str = "?", never: str = "") -> bool:
    """Tell whether the pattern matches the text.

    `stars` and `marks`: the characters of the pattern that stand for any characters, and for one; `never`: one of the text that is not for a mark.
    """
    at = place = 0
    star, taken = -1, 0  # where the last star was, and up to where it has taken the text
    while place < len(text):
        if at < len(pattern) and pattern[at] in stars:
            star, taken = at, place
            at += 1
        elif at < len(pattern) and (pattern[at] == text[place] or (pattern[at] in marks and text[place] != never)):
            at, place = at + 1, place + 1
        elif star >= 0:
            taken += 1
            at, place = star + 1, taken
        else:
            return False
    return all(char in stars for char in pattern[at:])


def covers(wide: str, narrow: str) -> bool:
    """Tell whether everything that the narrow pattern matches, the wide one matches as well."""
    # A star of the narrow pattern is a character like others here, which nothing but a star of the wide one stands for.
    return matches(wide, narrow.replace("*", _ANY), never=_ANY)


def overlap(one: str, other: str) -> bool:
    """Tell whether there is anything that both patterns match."""
    reached = _over_stars({0}, other)  # places in `other` up to which what has been read of `one` can be read, too
    for char in one:
        if char == "*":
            reached = set(range(min(reached, default=len(other) + 1), len(other) + 1))
        else:
            after = {at + 1 for at in reached if at < len(other) and other[at] != "*" and (other[at] in (char, "?") or char == "?")}
            reached = _over_stars(after | {at for at in reached if at < len(other) and other[at] == "*"}, other)
    return len(other) in reached


def _over_stars(reached: set[int], other: str) -> set[int]:
    found = set(reached)
    for at in reached:
        place = at
        while place < len(other) and other[place] == "*":
            place += 1
            found.add(place)
    return found
