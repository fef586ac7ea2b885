"""The words without content; knows no texts."""

from __future__ import annotations

# Words that carry no content of their own, so that agreement on them supports nothing.
STOPWORDS = frozenset(
    """
    a about after all also am an and any are as at be because been before being both but by can
    could did do does doing each either else for from get give gives had has have having he her
    here his how i if in into is it its itself just know may me might more most much must my no
    nor not of on one or other our out over please same shall she should so some such tell than
    that the their them then there these they this those through to under up us very was we were
    what when where which while who whom whose why will with would you your
    """.split()
)
